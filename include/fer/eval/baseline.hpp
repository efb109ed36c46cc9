#pragma once

#include <span>
#include <vector>

namespace fer {

/// How a person's face looks to the model at rest.
struct NeutralBaseline {
  std::vector<double> mean_log;  ///< of each class's softened probability, over the frames at rest
  int neutral = 0;               ///< index of the neutral class
};

/// From frames in which the person is known to be neutral: `classes` probabilities for each, one frame after
/// the other. Throws a data error for no frames, and a failure for rows that are not whole, values that are
/// not finite, fewer than two classes and a neutral class that is none of them.
NeutralBaseline neutral_baseline(std::span<const float> rows, int classes, int neutral);

/// Probabilities relative to the person's own face at rest: each is divided by that face's (the geometric
/// mean of its frames), then multiplied by 0.5 for neutral and an even share of the other 0.5 for every other
/// class, and all are normalised. A face like the one at rest so comes out as neutral as everything else
/// together, however it looks to the model; any other is judged by what goes beyond it.
///
/// All probabilities are softened beforehand, to 0.9 p + 0.1 / classes: below a few per cent they tell models
/// apart rather than faces, and ratios of them would be noise. No class's odds against another's are thereby
/// shifted by more than 1 + 9 classes (64 for seven), apart from the even shares, whatever a baseline holds.
///
/// Keeps the order: more of a class at the others' cost gives more of it.
/// Throws a failure for another number of probabilities than the baseline has.
std::vector<float> relative_to(const NeutralBaseline& baseline, std::span<const float> probabilities);

}  // namespace fer
