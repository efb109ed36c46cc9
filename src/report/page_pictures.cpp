#include "page_pictures.hpp"

#include <algorithm>

#include "fer/eval/metrics.hpp"

namespace fer {
namespace {

CellSamples every_sample(const ScoredSamples& scored) {
  CellSamples cells;
  for (std::size_t i = 0; i < scored.labels.size(); ++i)
    cells[{scored.labels[i], predicted_class(scored.probabilities[i])}].push_back(i);
  for (auto& [cell, samples] : cells) {
    const auto predicted = static_cast<std::size_t>(cell.second);
    std::ranges::stable_sort(samples, std::greater(),
                             [&](std::size_t i) { return scored.probabilities[i][predicted]; });
  }
  return cells;
}

}  // namespace

CellSamples cell_samples(const ScoredSamples& scored, std::size_t per_cell, std::size_t in_all) {
  CellSamples cells = every_sample(scored);
  const auto kept_with = [&](std::size_t most) {
    std::size_t kept = 0;
    for (const auto& [cell, samples] : cells) kept += std::min(samples.size(), most);
    return kept;
  };
  while (per_cell > 0 && kept_with(per_cell) > in_all) --per_cell;
  for (auto& [cell, samples] : cells) samples.resize(std::min(samples.size(), per_cell));
  return cells;
}

}  // namespace fer
