#pragma once

#include <opencv2/core.hpp>
#include <string>

#include "fer/core/emotion_colours.hpp"

namespace fer {

inline constexpr int kSmallestCapital = 6;  ///< pixels: smaller letters cannot be read

inline cv::Scalar scalar(Rgb colour) {
  return {static_cast<double>(colour.red), static_cast<double>(colour.green),
          static_cast<double>(colour.blue)};
}

/// Black or white, whichever is easier to read on that colour.
Rgb ink_on(Rgb paper);

/// How much room a line of text takes whose capitals are `capital` pixels high.
cv::Size text_size(const std::string& text, int capital);

/// Writes it into an RGB picture; `corner` is the upper left one of that room.
void put_text(cv::Mat& rgb, const std::string& text, cv::Point corner, int capital, Rgb colour);

}  // namespace fer
