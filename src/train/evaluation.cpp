#include "evaluation.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>

#include "fer/core/error.hpp"
#include "fer/eval/calibration.hpp"

namespace fer {

bool all_finite(const std::vector<std::vector<float>>& rows) {
  return std::ranges::all_of(rows, [](const std::vector<float>& row) {
    return std::ranges::all_of(row, [](float value) { return std::isfinite(value); });
  });
}

std::vector<std::vector<float>> probabilities_of(const std::vector<std::vector<float>>& logits,
                                                 double temperature) {
  std::vector<std::vector<float>> probabilities;
  for (const auto& row : logits) probabilities.push_back(softmax(row, temperature));
  return probabilities;
}

Evaluation evaluation_of(const TrainingData& data, Part part, const std::vector<std::vector<float>>& logits,
                         double temperature) {
  Evaluation evaluation{.part = part_name(part),
                        .paths = {},
                        .labels = {},
                        .probabilities = probabilities_of(logits, temperature),
                        .metrics = {},
                        .groups = {}};
  const std::vector<std::size_t> samples = indices_of(data.parts, part);
  std::map<std::string, std::vector<std::string>> attributes;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Sample& sample = data.faces.dataset.samples[samples[i]];
    evaluation.paths.push_back(sample.path);
    evaluation.labels.push_back(sample.label);
    for (const auto& [name, value] : sample.attributes) {
      attributes[name].resize(samples.size());
      attributes[name][i] = value;
    }
  }
  const int classes = data.faces.dataset.classes.size();
  evaluation.metrics = evaluate(evaluation.labels, evaluation.probabilities, classes);
  for (const auto& [name, values] : attributes) {
    auto groups = evaluate_groups(evaluation.labels, evaluation.probabilities, classes, name, values);
    std::ranges::move(groups, std::back_inserter(evaluation.groups));
  }
  return evaluation;
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
