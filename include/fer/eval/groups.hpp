#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fer/core/labels.hpp"
#include "fer/eval/confused_pairs.hpp"
#include "fer/eval/metrics.hpp"
#include "fer/eval/scored_samples.hpp"

namespace fer {

/// A difference of two accuracies, -1..1.
struct AccuracyDifference {
  double value = 0;
  Interval ci95;
};

/// A group beside all other samples of which the attribute is known.
struct GroupComparison {
  std::int64_t others = 0;        ///< samples
  AccuracyDifference difference;  ///< the group's accuracy minus the others'
  double p = 1;                   ///< of the difference, two-sided
  double p_holm = 1;              ///< the same, as one of all comparisons of the evaluation: holm_adjusted()
  bool differs = false;           ///< p_holm < 0.05
  /// The difference if both had the classes in the shares of the two together (direct standardisation), over
  /// the classes that both have; nothing where they share none.
  std::optional<AccuracyDifference> same_classes;
};

/// What there is to say of the samples with one value of an attribute, or in one range of a measure.
struct GroupMetrics {
  std::string attribute;  ///< such as "angle" or "brightness"
  std::string value;      ///< such as "half_left" or "96-131"
  Metrics metrics;
  std::int64_t subjects = 0;  ///< 0: not known
  Interval accuracy_ci95;     ///< where `by_subject` the wider of Wilson's and a bootstrap's by subject, else
                              ///< Wilson's
  bool by_subject = false;    ///< at least five subjects are known
  std::optional<WrongAnswer> neutral;       ///< where there is such a class, and samples of others
  std::optional<WrongAnswer> favourite;     ///< the class most samples of others were taken for
  std::optional<FrequentPair> confused;     ///< most often
  std::optional<GroupComparison> compared;  ///< nothing where the group or the others are too few
};

/// How far the groups of an attribute or a measure lie apart.
struct GroupGap {
  std::string attribute;
  std::string best;  ///< the group with the highest accuracy, of those large enough to be compared
  std::string worst;
  std::size_t groups = 0;              ///< that are large enough
  AccuracyDifference difference = {};  ///< of best and worst, at least 0
  bool differs = false;                ///< the interval lies above 0
};

/// The groups of every attribute in alphabetical order of their values, then those of every measure:
/// quartiles from low to high, where it is not one value throughout. An attribute of more than twelve values
/// that are all numbers (an age) is treated as a measure. A sample whose value is not known belongs to no
/// group; a measure that has the name of an attribute is left out.
///
/// Groups are compared where both sides have 20 samples and, if subjects are known, five of them. p is that
/// of Fisher's exact test and the interval is Newcombe's. Both take samples to be independent; where subjects
/// are known, the larger p and the wider interval count of these and of a t test whose standard error comes
/// from the subjects' sums (linearised, Cameron & Miller 2015): its degrees of freedom are the effective
/// number of subjects, (sum n)^2 / sum n^2, of the side that has fewer, less one. Subjects may be on both
/// sides.
///
/// An attribute of two values is one comparison, whichever side it is looked at from.
/// Throws as evaluate() does, and a failure for lists of another length.
std::vector<GroupMetrics> analyse_groups(const ScoredSamples& scored, const ClassList& classes);

/// The largest gap of every attribute and measure of which two groups at least are large enough to be
/// compared, as analyse_groups() orders them. Best and worst are chosen by looking, and the more groups there
/// are the farther they lie apart by chance: the interval holds for all pairs of groups together
/// (Bonferroni), by Newcombe's method and, where subjects are known, the t test's, whichever is wider. Throws
/// as analyse_groups() does.
std::vector<GroupGap> group_gaps(const ScoredSamples& scored, const ClassList& classes);

}  // namespace fer
