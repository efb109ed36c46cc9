#pragma once

#include <cstdint>
#include <vector>

#include "fer/core/labels.hpp"

namespace fer {

struct Rgb {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;

  bool operator==(const Rgb&) const = default;
};

/// Of faces whose label is withheld; no emotion has it.
inline constexpr Rgb kUncertainColour = {150, 150, 150};

/// A colour for each class, in class order: the same in every picture the project makes. The seven canonical
/// emotions have fixed ones that colour-blind people tell apart (Okabe and Ito 2008); other classes get
/// further ones (Tol 2021, "muted") in their order, which repeat after eight.
std::vector<Rgb> emotion_colours(const ClassList& classes);

}  // namespace fer
