#include "fer/eval/evaluation.hpp"

#include <algorithm>

namespace fer {

AccuracyInterval accuracy_interval(const Evaluation& evaluation) {
  constexpr std::size_t kFewestSubjects = 5;
  AccuracyInterval interval{.ci95 = evaluation.metrics.accuracy_ci95};
  const auto& drawn = evaluation.intervals;
  if (!drawn || drawn->by != "subject" || !drawn->accuracy || drawn->clusters < kFewestSubjects)
    return interval;
  interval.ci95 = {.low = std::min(interval.ci95.low, drawn->accuracy->low),
                   .high = std::max(interval.ci95.high, drawn->accuracy->high)};
  interval.subjects = drawn->clusters;
  return interval;
}

Evaluation evaluate_samples(const ScoredSamples& scored, const ClassList& classes,
                            const ProgressFn& progress) {
  Evaluation evaluation;
  evaluation.metrics = evaluate(scored.labels, scored.probabilities, classes.size());
  evaluation.intervals = metric_intervals(scored.labels, scored.probabilities, classes.size(),
                                          clusters_by("subject", scored.subjects), {.progress = progress});
  evaluation.groups = analyse_groups(scored, classes);
  evaluation.gaps = group_gaps(scored, classes);
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
