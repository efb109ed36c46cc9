#include "evaluation.hpp"

#include <algorithm>
#include <cmath>

#include "fer/core/error.hpp"
#include "fer/train/describe_samples.hpp"

namespace fer {

bool all_finite(const std::vector<std::vector<float>>& rows) {
  return std::ranges::all_of(rows, [](const std::vector<float>& row) {
    return std::ranges::all_of(row, [](float value) { return std::isfinite(value); });
  });
}

std::vector<std::vector<float>> probabilities_of(const std::vector<std::vector<float>>& logits,
                                                 const Calibration& calibration) {
  std::vector<std::vector<float>> probabilities;
  for (const auto& row : logits) probabilities.push_back(calibrated(row, calibration));
  return probabilities;
}

PartEvaluation evaluation_of(const TrainingData& data, Part part,
                             const std::vector<std::vector<float>>& logits, const Calibration& calibration,
                             const ProgressFn& progress) {
  ScoredSamples scored = describe_samples(data.faces, indices_of(data.parts, part));
  scored.probabilities = probabilities_of(logits, calibration);
  scored.uncalibrated = probabilities_of(logits, {});
  Evaluation evaluation = evaluate_samples(scored, data.faces.dataset.classes, progress);
  return {.part = part_name(part), .scored = std::move(scored), .evaluation = std::move(evaluation)};
}

std::pair<double, double> merit(const EpochResult& epoch, const std::string& figure) {
  if (figure == "train_loss") return {-epoch.train_loss, 0.0};
  if (figure == "train_accuracy") return {epoch.train_accuracy, -epoch.train_loss};
  if (figure == "val_loss") return {-epoch.val_loss, 0.0};
  if (figure == "val_accuracy") return {epoch.val_accuracy, -epoch.val_loss};
  if (figure == "val_macro_f1") return {epoch.val_macro_f1, -epoch.val_loss};
  throw usage_error("'{}' is none of train_loss, train_accuracy, val_loss, val_accuracy, val_macro_f1",
                    figure);
}

int epochs_without_gain(std::span<const EpochResult> epochs, const std::string& monitor) {
  int without_gain = 0;
  const EpochResult* best = nullptr;
  for (const EpochResult& epoch : epochs) {
    const bool gain = best == nullptr || merit(epoch, monitor) > merit(*best, monitor);
    without_gain = gain ? 0 : without_gain + 1;
    if (gain) best = &epoch;
  }
  return without_gain;
}

}  // namespace fer
