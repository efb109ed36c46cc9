#include "fer/eval/baseline.hpp"

#include <cmath>
#include <cstddef>

#include "check.hpp"
#include "fer/core/calibration.hpp"
#include "fer/core/error.hpp"

namespace fer {
namespace {

constexpr double kSoftening = 0.1;
constexpr double kNeutralAtRest = 0.5;

double softened_log(float probability, std::size_t classes) {
  return std::log((1 - kSoftening) * probability + kSoftening / static_cast<double>(classes));
}

}  // namespace

NeutralBaseline neutral_baseline(std::span<const float> rows, int classes, int neutral) {
  if (classes < 2 || neutral < 0 || neutral >= classes)
    throw failure("neutral is class {} of {}: one of at least two was expected", neutral, classes);
  const auto width = static_cast<std::size_t>(classes);
  check_flat_rows(rows, width);
  if (rows.empty()) throw data_error("the baseline shows no face: at least one frame with a face is needed");
  NeutralBaseline baseline{.mean_log = std::vector<double>(width), .neutral = neutral};
  for (std::size_t i = 0; i < rows.size(); ++i) baseline.mean_log[i % width] += softened_log(rows[i], width);
  const std::size_t frames = rows.size() / width;
  for (double& value : baseline.mean_log) value /= static_cast<double>(frames);
  return baseline;
}

std::vector<float> relative_to(const NeutralBaseline& baseline, std::span<const float> probabilities) {
  const std::size_t classes = baseline.mean_log.size();
  if (probabilities.size() != classes)
    throw failure("{} probabilities against a baseline of {}", probabilities.size(), classes);
  const double other = (1 - kNeutralAtRest) / static_cast<double>(classes - 1);
  std::vector<float> logits(classes);
  for (std::size_t k = 0; k < classes; ++k) {
    const double at_rest = static_cast<int>(k) == baseline.neutral ? kNeutralAtRest : other;
    logits[k] = static_cast<float>(softened_log(probabilities[k], classes) - baseline.mean_log[k] +
                                   std::log(at_rest));
  }
  return softmax(logits);
}

}  // namespace fer
