#include "fer/core/display_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace fer {
namespace {

using Range = std::pair<char32_t, char32_t>;  // the last one belongs to it

/// Unicode 15, the blocks of general category Mn, Me and Cf that occur in names.
constexpr std::array<Range, 12> kCombining = {{{0x0300, 0x036f},
                                               {0x0483, 0x0489},
                                               {0x0591, 0x05bd},
                                               {0x064b, 0x065f},
                                               {0x1ab0, 0x1aff},
                                               {0x1dc0, 0x1dff},
                                               {0x200b, 0x200f},
                                               {0x20d0, 0x20ff},
                                               {0x3099, 0x309a},
                                               {0xfe00, 0xfe0f},
                                               {0xfe20, 0xfe2f},
                                               {0xe0100, 0xe01ef}}};

/// Unicode 15, the blocks of East Asian width W and F.
constexpr std::array<Range, 11> kWide = {{{0x1100, 0x115f},
                                          {0x2e80, 0x303e},
                                          {0x3041, 0x4dbf},
                                          {0x4e00, 0xa4cf},
                                          {0xa960, 0xa97f},
                                          {0xac00, 0xd7a3},
                                          {0xf900, 0xfaff},
                                          {0xfe30, 0xfe6f},
                                          {0xff01, 0xff60},
                                          {0x1f300, 0x1faff},
                                          {0x20000, 0x3fffd}}};

bool lies_in(char32_t letter, std::span<const Range> ranges) {
  return std::ranges::any_of(ranges,
                             [letter](const Range& r) { return r.first <= letter && letter <= r.second; });
}

struct Letter {
  char32_t code;
  std::size_t bytes;
};

/// The letter at the beginning of the text, or nothing if it is no UTF-8.
std::optional<Letter> first_letter(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  const std::size_t bytes = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (bytes == 0 || first > 0xf4 || bytes > text.size()) return std::nullopt;
  char32_t code = bytes == 1 ? first : first & (0xffU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return std::nullopt;
    code = code << 6 | (byte(i) & 0x3fU);
  }
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kLeast[bytes] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return std::nullopt;
  return Letter{.code = code, .bytes = bytes};
}

bool is_control(char32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069);  // with those that turn the direction of writing
}

std::size_t width_of(char32_t code) { return lies_in(code, kCombining) ? 0 : lies_in(code, kWide) ? 2 : 1; }

/// Letters with their widths.
struct Piece {
  std::string_view bytes;
  std::size_t width;
};

std::vector<Piece> pieces_of(std::string_view text) {
  std::vector<Piece> pieces;
  while (!text.empty()) {
    const Letter letter = first_letter(text).value_or(Letter{.code = '?', .bytes = 1});
    pieces.push_back({.bytes = text.substr(0, letter.bytes), .width = width_of(letter.code)});
    text.remove_prefix(letter.bytes);
  }
  return pieces;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const auto letter = first_letter(text);
    const std::size_t bytes = letter ? letter->bytes : 1;
    if (letter && !is_control(letter->code)) {
      shown += text.substr(0, bytes);
    } else {
      shown += '?';
    }
    text.remove_prefix(bytes);
  }
  return shown;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (const Piece& piece : pieces_of(text)) width += piece.width;
  return width;
}

std::string shortened(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  const std::vector<Piece> pieces = pieces_of(text);
  std::string head;
  std::size_t left = columns - 1;
  std::size_t next = 0;
  for (std::size_t room = left - left / 2; next < pieces.size() && pieces[next].width <= room; ++next) {
    head += pieces[next].bytes;
    room -= pieces[next].width;
    left -= pieces[next].width;
  }
  std::size_t tail = pieces.size();
  while (tail > next && pieces[tail - 1].width <= left) left -= pieces[--tail].width;
  while (tail < pieces.size() && pieces[tail].width == 0) ++tail;  // marks whose letter is gone
  std::string end;
  for (; tail < pieces.size(); ++tail) end += pieces[tail].bytes;
  return head + "…" + end;
}

}  // namespace fer
