#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "fer/core/text.hpp"
#include "fer/report/error_files.hpp"
#include "number_text.hpp"
#include "text_table.hpp"

namespace fer {
namespace {

constexpr std::size_t kNamedPairs = 3;
constexpr std::size_t kNamedGroups = 3;  // in the summary; the text has all
constexpr std::size_t kListedPairs = 10;
constexpr double kMuchNeutral = 0.1;

using Table = std::vector<std::vector<std::string>>;

std::string percents(const Interval& interval) {
  return fmt::format("{:.1f} to {:.1f}", 100 * interval.low, 100 * interval.high);
}

std::string name_of(const GroupMetrics& group) { return group.attribute + " " + group.value; }

std::string difference_text(const AccuracyDifference& difference) {
  return fmt::format("{:+.1f} points ({})", 100 * difference.value, percents(difference.ci95));
}

/// Those that differ, the largest difference first.
std::vector<const GroupMetrics*> differing(const Evaluation& evaluation) {
  std::vector<const GroupMetrics*> groups;
  for (const GroupMetrics& group : evaluation.groups)
    if (group.compared && group.compared->differs) groups.push_back(&group);
  std::ranges::stable_sort(groups, std::greater{}, [](const GroupMetrics* group) {
    return std::abs(group->compared->difference.value);
  });
  return groups;
}

std::size_t compared_groups(const Evaluation& evaluation) {
  return static_cast<std::size_t>(std::ranges::count_if(
      evaluation.groups, [](const GroupMetrics& group) { return group.compared.has_value(); }));
}

std::string pair_text(const ConfusedPair& pair, const ClassList& classes) {
  return fmt::format("{} as {} ({} images, {} % of {})", classes.name(pair.label),
                     classes.name(pair.predicted), pair.count, percent_number(pair.share),
                     classes.name(pair.label));
}

std::string pairs_sentence(const Evaluation& evaluation, const ClassList& classes) {
  if (evaluation.confused.empty()) return "Nothing was confused.";
  std::vector<std::string> pairs;
  for (const ConfusedPair& pair : evaluation.confused) {
    if (pairs.size() == kNamedPairs) break;
    pairs.push_back(pair_text(pair, classes));
  }
  return "Taken for another most often: " + join(pairs, ", ") + ".";
}

/// Nothing where there is no neutral class.
std::optional<std::string> neutral_sentence(const Evaluation& evaluation, const ClassList& classes) {
  const auto& neutral = evaluation.neutral;
  if (!neutral) return std::nullopt;
  const auto favourite = favourite_wrong_answer(evaluation.metrics.confusion);
  std::string text = fmt::format("Neutral: {} % of the images of other expressions were called neutral",
                                 percent_number(neutral->share()));
  if (favourite && favourite->predicted == neutral->predicted) {
    text += neutral->share() >= kMuchNeutral
                ? ", more than any other wrong answer: the model leans to neutral."
                : ", more than any other wrong answer.";
  } else if (favourite) {
    text += fmt::format("; the commonest wrong answer is {} ({} %).", classes.name(favourite->predicted),
                        percent_number(favourite->share()));
  } else {
    text += ".";
  }
  return text;
}

/// Whether the group's classes explain its difference.
std::string mix_text(const GroupComparison& compared) {
  if (!compared.same_classes) return "no class in common with the others";
  const Interval& interval = compared.same_classes->ci95;
  const bool remains = interval.low > 0 || interval.high < 0;
  return fmt::format("{} with the same mix of classes{}", difference_text(*compared.same_classes),
                     remains ? "" : ", so that its classes may explain it");
}

std::string group_text(const GroupMetrics& group) {
  const GroupComparison& compared = *group.compared;
  return fmt::format("{}: {} % of {} images right, {} against all others; {}; p = {:.2g}", name_of(group),
                     percent_number(group.metrics.accuracy), group.metrics.samples,
                     difference_text(compared.difference), mix_text(compared), compared.p_holm);
}

std::string groups_sentence(const Evaluation& evaluation) {
  const std::size_t compared = compared_groups(evaluation);
  if (evaluation.groups.empty()) return "Groups: nothing is known to group the images by.";
  if (compared == 0) return "Groups: none is large enough to be compared with the others.";
  const auto groups = differing(evaluation);
  if (groups.empty())
    return fmt::format("Groups: none of {} differs from the others beyond chance.", compared);
  std::vector<std::string> named;
  for (const GroupMetrics* group : groups) {
    if (named.size() == kNamedGroups) break;
    named.push_back(fmt::format("{} {}", name_of(*group), difference_text(group->compared->difference)));
  }
  return fmt::format("Groups: {} of {} differ from the others beyond chance, most of all {}.", groups.size(),
                     compared, join(named, ", "));
}

std::string gap_text(const GroupGap& gap) {
  return fmt::format("{}: {} above {} by {:.1f} points ({})", gap.attribute, gap.best, gap.worst,
                     100 * gap.difference.value, percents(gap.difference.ci95));
}

/// Nothing where no attribute has two groups to compare.
std::optional<std::string> gaps_sentence(const Evaluation& evaluation) {
  if (evaluation.gaps.empty()) return std::nullopt;
  std::vector<const GroupGap*> gaps;
  for (const GroupGap& gap : evaluation.gaps)
    if (gap.differs) gaps.push_back(&gap);
  if (gaps.empty()) return "Gaps: within no attribute do the best and the worst group differ beyond chance.";
  std::ranges::stable_sort(gaps, std::greater{}, [](const GroupGap* gap) { return gap->difference.value; });
  std::vector<std::string> named;
  for (const GroupGap* gap : gaps) {
    if (named.size() == kNamedGroups) break;
    named.push_back(gap_text(*gap));
  }
  return "Gaps between the best and the worst group of an attribute: " + join(named, "; ") + ".";
}

std::string gaps_table(const Evaluation& evaluation) {
  Table rows = {{"attribute", "groups", "best", "worst", "gap", "95 %", "differs"}};
  for (const GroupGap& gap : evaluation.gaps) {
    rows.push_back({gap.attribute, std::to_string(gap.groups), gap.best, gap.worst,
                    percent_number(gap.difference.value), percents(gap.difference.ci95),
                    gap.differs ? "yes" : "no"});
  }
  return text_table(rows);
}

std::string pairs_table(const Evaluation& evaluation, const ClassList& classes) {
  Table rows = {{"label -> predicted", "images", "% of label", "95 %", "mean confidence %"}};
  for (const ConfusedPair& pair : evaluation.confused) {
    if (rows.size() > kListedPairs) break;
    rows.push_back({classes.name(pair.label) + " -> " + classes.name(pair.predicted),
                    std::to_string(pair.count), percent_number(pair.share), percents(pair.share_ci95),
                    percent_number(pair.mean_confidence)});
  }
  return text_table(rows);
}

std::string groups_table(const Evaluation& evaluation) {
  Table rows = {{"group", "images", "accuracy %", "95 %", "neutral %", "difference", "same classes",
                 "p (Holm)", "differs"}};
  for (const GroupMetrics& group : evaluation.groups) {
    const auto& compared = group.compared;
    const auto points = [](const AccuracyDifference& difference) {
      return fmt::format("{:+.1f} ({})", 100 * difference.value, percents(difference.ci95));
    };
    rows.push_back({name_of(group), std::to_string(group.metrics.samples),
                    percent_number(group.metrics.accuracy), percents(group.accuracy_ci95),
                    group.neutral ? percent_number(group.neutral->share()) : "-",
                    compared ? points(compared->difference) : "-",
                    compared && compared->same_classes ? points(*compared->same_classes) : "-",
                    compared ? fmt::format("{:.2g}", compared->p_holm) : "-",
                    !compared           ? "too few"
                    : compared->differs ? "yes"
                                        : "no"});
  }
  return text_table(rows);
}

std::string reading_notes(const Evaluation& evaluation) {
  const bool by_subject =
      std::ranges::any_of(evaluation.groups, [](const GroupMetrics& group) { return group.by_subject; });
  std::string text =
      "Differences are accuracy minus that of all other images of which the attribute is known, in points\n"
      "of per cent; \"same classes\": the same if both had the same mix of classes. A group differs where\n"
      "p, adjusted by Holm for all comparisons together, is below 0.05; with fewer than 20 images, or of\n"
      "known subjects five, on either side they are too few to tell. neutral %: images of other\n"
      "expressions called neutral.\n";
  text += by_subject ? "Intervals and p take into account that images of one subject are alike.\n"
                     : "Intervals and p take images to be independent, as no subject is known, or too few.\n"
                       "Where several show one person they are too narrow, and more differs than should.\n";
  return text;
}

}  // namespace

std::vector<std::string> error_summary(const Evaluation& evaluation, const ClassList& classes) {
  const Metrics& metrics = evaluation.metrics;
  std::vector<std::string> lines = {
      fmt::format("Right: {} % of {} images; the mean over the classes is {} %.",
                  percent_number(metrics.accuracy), metrics.samples,
                  percent_number(metrics.balanced_accuracy)),
      pairs_sentence(evaluation, classes)};
  if (const auto neutral = neutral_sentence(evaluation, classes)) lines.push_back(*neutral);
  lines.push_back(groups_sentence(evaluation));
  if (const auto gaps = gaps_sentence(evaluation)) lines.push_back(*gaps);
  return lines;
}

std::string error_analysis_text(const std::string& title, const Evaluation& evaluation,
                                const ClassList& classes) {
  std::string text = title + "\n" + std::string(title.size(), '=') + "\n\n";
  for (const std::string& line : error_summary(evaluation, classes)) text += line + "\n";
  text += "\nGroups that differ\n------------------\n";
  const auto groups = differing(evaluation);
  for (const GroupMetrics* group : groups) text += "- " + group_text(*group) + "\n";
  if (groups.empty()) text += "none\n";
  if (!evaluation.confused.empty())
    text += "\nMost confused\n-------------\n" + pairs_table(evaluation, classes);
  if (!evaluation.gaps.empty()) {
    text +=
        "\nLargest gaps\n------------\n" + gaps_table(evaluation) +
        "\nBest minus worst group of those large enough to be compared, in points of per cent; the interval\n"
        "holds for all pairs of groups of the attribute together, as the two are chosen by looking.\n";
  }
  if (!evaluation.groups.empty())
    text += "\nAll groups\n----------\n" + groups_table(evaluation) + "\n" + reading_notes(evaluation);
  return text;
}

}  // namespace fer
