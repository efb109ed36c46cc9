#pragma once

#include <span>
#include <string>
#include <vector>

#include "fer/core/labels.hpp"
#include "fer/eval/evaluation.hpp"
#include "fer/eval/scored_samples.hpp"

namespace fer {

/// The text of groups.csv: a row for each group, shares 0..1, empty where there is nothing to say:
/// attribute,value,samples,subjects,accuracy,accuracy_low,accuracy_high,interval_by (subject or sample),
/// balanced_accuracy,macro_f1,neutral_rate,favourite,favourite_rate,confused_label,confused_as,confused_count,
/// confused_share, then of the comparison others,difference,difference_low,difference_high,p,p_holm,differs
/// (yes, no or "too few"),same_classes_difference,same_classes_low,same_classes_high, and recall_<class>… of
/// the classes that occur.
std::string groups_csv(std::span<const GroupMetrics> groups, const ClassList& classes);

/// The text of confusions.csv: a row for each pair that occurs, most samples first:
/// label,predicted,count,share,share_low,share_high,mean_confidence,surest (the path of the surest mistake).
std::string confusions_csv(std::span<const ConfusedPair> pairs, const ScoredSamples& scored,
                           const ClassList& classes);

/// The error analysis in a few sentences, three to six: how right, what is confused most, how much neutral
/// draws, which groups differ, which attributes have the largest gaps.
std::vector<std::string> error_summary(const Evaluation& evaluation, const ClassList& classes);

/// The text of error_analysis.txt: the summary, then all groups that differ, the most confused pairs,
/// the gaps and every group as tables, and how to read them. `title` such as "Validation part".
std::string error_analysis_text(const std::string& title, const Evaluation& evaluation,
                                const ClassList& classes);

}  // namespace fer
