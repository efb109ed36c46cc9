#include "fer/eval/evaluation.hpp"

#include <algorithm>
#include <iterator>

namespace fer {

Evaluation evaluate_samples(const ScoredSamples& scored, int classes) {
  Evaluation evaluation;
  evaluation.metrics = evaluate(scored.labels, scored.probabilities, classes);
  for (const auto& [name, values] : scored.attributes) {
    auto groups = evaluate_groups(scored.labels, scored.probabilities, classes, name, values);
    std::ranges::move(groups, std::back_inserter(evaluation.groups));
  }
  return evaluation;
}

}  // namespace fer
