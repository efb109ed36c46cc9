#include "check.hpp"

#include <algorithm>
#include <cmath>

#include "fer/core/error.hpp"

namespace fer {

void check_rows(std::span<const int> labels, std::span<const std::vector<float>> rows, int classes) {
  if (labels.size() != rows.size()) {
    throw failure("{} labels but {} rows of model output: one row per label was expected", labels.size(),
                  rows.size());
  }
  if (labels.empty()) throw data_error("no samples to evaluate");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (labels[i] < 0 || labels[i] >= classes) {
      throw data_error("sample {}: label {} is not in 0..{}", i, labels[i], classes - 1);
    }
    if (rows[i].size() != static_cast<std::size_t>(classes)) {
      throw data_error("sample {}: the model gave {} values, one for each of {} classes was expected", i,
                       rows[i].size(), classes);
    }
    if (!std::ranges::all_of(rows[i], [](float value) { return std::isfinite(value); })) {
      throw failure("sample {}: the model gave a value that is not finite (did its training diverge?)", i);
    }
  }
}

void check_flat_rows(std::span<const float> rows, std::size_t classes) {
  if (classes == 0 ? !rows.empty() : rows.size() % classes != 0)
    throw failure("{} probabilities are not whole rows of {} classes", rows.size(), classes);
  if (!std::ranges::all_of(rows, [](float value) { return std::isfinite(value); }))
    throw failure("the model gave a probability that is not finite (did its training diverge?)");
}

void check_clusters(std::span<const std::string> clusters, std::size_t samples) {
  if (clusters.size() != samples)
    throw failure("{} names of clusters for {} samples", clusters.size(), samples);
}

}  // namespace fer
