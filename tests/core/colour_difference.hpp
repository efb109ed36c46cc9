#pragma once

#include "fer/core/emotion_colours.hpp"

namespace fer {

/// How a colour looks: CIE L*a*b* under D65.
struct Lab {
  double lightness = 0;
  double a = 0;
  double b = 0;
};

/// Who looks: with all cones, or without those for red, green or blue.
enum class Vision { full, protanopia, deuteranopia, tritanopia };

/// The simulation of Machado, Oliveira and Fernandes (2009) at full severity, on linear light.
Lab seen(Rgb colour, Vision vision);

/// CIEDE2000 (Sharma, Wu and Dalal 2005).
double difference(const Lab& first, const Lab& second);

}  // namespace fer
