#include "fer/eval/evaluation.hpp"

namespace fer {

Evaluation evaluate_samples(const ScoredSamples& scored, const ClassList& classes,
                            const ProgressFn& progress) {
  Evaluation evaluation;
  evaluation.metrics = evaluate(scored.labels, scored.probabilities, classes.size());
  evaluation.intervals = metric_intervals(scored.labels, scored.probabilities, classes.size(),
                                          clusters_by("subject", scored.subjects), {.progress = progress});
  evaluation.groups = analyse_groups(scored, classes);
  evaluation.confused = confused_pairs(scored.labels, scored.probabilities, classes.size());
  if (const auto neutral = classes.find("neutral"))
    evaluation.neutral = wrong_answer(evaluation.metrics.confusion, *neutral);
  evaluation.reliability = reliability(scored.labels, scored.probabilities);
  if (!scored.uncalibrated.empty()) {
    evaluation.uncalibrated = {.metrics = evaluate(scored.labels, scored.uncalibrated, classes.size()),
                               .reliability = reliability(scored.labels, scored.uncalibrated)};
  }
  return evaluation;
}

}  // namespace fer
