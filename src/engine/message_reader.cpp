#include "message_reader.hpp"

#include <array>
#include <cstring>

#include "fer/core/error.hpp"

namespace fer {
namespace {

/// How a field's content is written.
enum Kind : std::uint64_t { kNumber = 0, kEightBytes = 1, kText = 2, kFourBytes = 5 };

void append_varint(std::string& message, std::uint64_t value) {
  for (; value >= 0x80U; value >>= 7U) message += static_cast<char>(value | 0x80U);
  message += static_cast<char>(value);
}

void append_tag(std::string& message, std::uint64_t field, Kind kind) {
  append_varint(message, field << 3U | kind);
}

}  // namespace

bool MessageReader::next() {
  if (bytes_.empty()) return false;
  whole_ = bytes_;
  const std::uint64_t tag = varint();
  field_ = tag >> 3U;
  content_ = {};
  number_ = 0;
  switch (tag & 7U) {
    case kNumber:
      number_ = varint();
      break;
    case kEightBytes:
      take(8);
      break;
    case kText:
      content_ = take(varint());
      break;
    case kFourBytes:
      take(4);
      break;
    default:
      throw data_error("is no ONNX file, or damaged");
  }
  whole_.remove_suffix(bytes_.size());
  return true;
}

std::string_view MessageReader::take(std::uint64_t count) {
  if (count > bytes_.size()) throw data_error("is no ONNX file, or truncated");
  const std::string_view taken = bytes_.substr(0, count);
  bytes_.remove_prefix(count);
  return taken;
}

std::uint64_t MessageReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto byte = static_cast<std::uint8_t>(take(1)[0]);
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80U) return value;
  }
  throw data_error("is no ONNX file, or damaged");
}

void append_field(std::string& message, std::uint64_t field, std::string_view content) {
  append_tag(message, field, kText);
  append_varint(message, content.size());
  message += content;
}

void append_field(std::string& message, std::uint64_t field, std::uint64_t number) {
  append_tag(message, field, kNumber);
  append_varint(message, number);
}

void append_field(std::string& message, std::uint64_t field, float number) {
  append_tag(message, field, kFourBytes);
  std::array<char, sizeof number> bytes{};
  std::memcpy(bytes.data(), &number, sizeof number);
  message.append(bytes.data(), bytes.size());
}

}  // namespace fer
