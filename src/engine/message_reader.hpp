#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fer {

/// Reads one message of protobuf's wire format (https://protobuf.dev/programming-guides/encoding), field by
/// field. Sizes in it are never trusted. Throws a data error that does not name the file for bytes that are
/// no message.
class MessageReader {
 public:
  explicit MessageReader(std::string_view bytes) : bytes_(bytes) {}

  /// Goes to the next field; false at the end.
  bool next();

  std::uint64_t field() const { return field_; }

  /// Of a text or message; empty for numbers.
  std::string_view content() const { return content_; }

  /// Of a whole number; otherwise 0.
  std::uint64_t number() const { return number_; }

  /// The field as it stands in the message.
  std::string_view whole() const { return whole_; }

 private:
  std::string_view take(std::uint64_t count);
  std::uint64_t varint();

  std::string_view bytes_;
  std::uint64_t field_ = 0;
  std::string_view content_;
  std::uint64_t number_ = 0;
  std::string_view whole_;
};

/// Appends a text or message as a field.
void append_field(std::string& message, std::uint64_t field, std::string_view content);

/// Appends a whole number or a float as a field.
void append_field(std::string& message, std::uint64_t field, std::uint64_t number);
void append_field(std::string& message, std::uint64_t field, float number);

}  // namespace fer
