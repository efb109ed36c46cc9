#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "fer/core/labels.hpp"

namespace fer {

/// A colour, 0..255 a channel.
struct Rgb {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;

  bool operator==(const Rgb&) const = default;
};

/// Of faces whose label is withheld; no emotion has it.
inline constexpr Rgb kUncertainColour = {150, 150, 150};

/// A colour for each class, in class order: the same in every picture the project makes. The seven canonical
/// emotions have fixed ones, told apart with full colour vision, without red, green or blue cones (CIEDE2000
/// 14 and more between any two) and in grey (lightness 8 and more apart). Other classes get further ones in
/// their order, 11 and more from all before them but not told apart in grey, which repeat after eight.
std::vector<Rgb> emotion_colours(const ClassList& classes);

/// The second channel: for each class the lengths of strokes and gaps of its line, in turn and in widths of
/// the line; empty for a line without gaps. The seven canonical emotions have fixed ones that differ.
std::vector<std::span<const double>> emotion_dashes(const ClassList& classes);

}  // namespace fer
