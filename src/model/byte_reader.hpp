#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "fer/core/error.hpp"

namespace fer {

static_assert(std::endian::native == std::endian::little, "weight files are read as they lie in memory");

/// Walks over little-endian bytes. Throws a data error "truncated: …" where they end too early.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes, std::size_t position = 0) : bytes_(bytes), position_(position) {
    if (position > bytes.size()) throw truncated();
  }

  std::size_t position() const { return position_; }
  std::string_view rest() const { return bytes_.substr(position_); }

  std::string_view take(std::uint64_t count) {
    if (count > bytes_.size() - position_) throw truncated();
    const std::string_view taken = bytes_.substr(position_, static_cast<std::size_t>(count));
    position_ += taken.size();
    return taken;
  }

  template <class Number>
  Number number() {
    Number value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }

  /// Up to the next line feed, which is skipped.
  std::string_view line() {
    const std::size_t end = rest().find('\n');
    if (end == std::string_view::npos) throw truncated();
    const std::string_view text = take(end);
    take(1);
    return text;
  }

 private:
  Error truncated() const { return data_error("truncated: more was expected after byte {}", bytes_.size()); }

  std::string_view bytes_;
  std::size_t position_;
};

}  // namespace fer
