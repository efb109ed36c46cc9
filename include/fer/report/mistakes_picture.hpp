#pragma once

#include <opencv2/core.hpp>
#include <span>
#include <string>

#include "fer/core/labels.hpp"
#include "fer/eval/confused_pairs.hpp"
#include "fer/eval/scored_samples.hpp"

namespace fer {

/// What the picture of mistakes is made of.
struct Mistakes {
  std::span<const ConfusedPair> pairs;  ///< most samples first
  const ScoredSamples& scored;
  std::span<const cv::Mat> crops;  ///< of every scored sample: RGB, 8 bits, square
  const ClassList& classes;
};

/// The mistakes as an RGB picture: a row for each of the eight pairs confused most, headed by label,
/// prediction, count and share, with up to eight crops, the one surest of the wrong answer first. Below each
/// stand the probabilities of the wrong and of the right answer and the end of its path. Letters outside
/// ASCII show as '?'. Throws a failure where crops and scored samples are not as many.
cv::Mat draw_mistakes(const Mistakes& mistakes, const std::string& title);

}  // namespace fer
