#include "fer/report/error_files.hpp"

#include "fer/core/csv.hpp"

namespace fer {
namespace {

/// Fields of a row, numbers as they read back.
class CsvFields {
 public:
  CsvFields& text(const std::string& value) {
    fields_.push_back(value);
    return *this;
  }
  CsvFields& count(std::int64_t value) { return text(std::to_string(value)); }
  CsvFields& number(double value) { return text(csv_number(value)); }
  CsvFields& interval(const Interval& value) { return number(value.low).number(value.high); }
  CsvFields& difference(const std::optional<AccuracyDifference>& value) {
    return value ? number(value->value).interval(value->ci95) : blank(3);
  }
  CsvFields& blank(int fields) {
    for (int i = 0; i < fields; ++i) fields_.emplace_back();
    return *this;
  }
  std::string line() const { return csv_line(fields_); }

 private:
  std::vector<std::string> fields_;
};

void add_errors(const GroupMetrics& group, const ClassList& classes, CsvFields& row) {
  group.neutral ? row.number(group.neutral->share()) : row.blank(1);
  if (const auto& favourite = group.favourite) {
    row.text(classes.name(favourite->predicted)).number(favourite->share());
  } else {
    row.blank(2);
  }
  if (const auto& pair = group.confused) {
    row.text(classes.name(pair->label)).text(classes.name(pair->predicted)).count(pair->count);
    row.number(static_cast<double>(pair->count) / static_cast<double>(pair->labelled));
  } else {
    row.blank(4);
  }
}

void add_comparison(const std::optional<GroupComparison>& compared, CsvFields& row) {
  if (!compared) {
    row.blank(6).text("too few").blank(3);
    return;
  }
  row.count(compared->others).difference(compared->difference).number(compared->p).number(compared->p_holm);
  row.text(compared->differs ? "yes" : "no").difference(compared->same_classes);
}

}  // namespace

std::string groups_csv(std::span<const GroupMetrics> groups, const ClassList& classes) {
  std::vector<std::string> header = {"attribute",
                                     "value",
                                     "samples",
                                     "subjects",
                                     "accuracy",
                                     "accuracy_low",
                                     "accuracy_high",
                                     "interval_by",
                                     "balanced_accuracy",
                                     "macro_f1",
                                     "neutral_rate",
                                     "favourite",
                                     "favourite_rate",
                                     "confused_label",
                                     "confused_as",
                                     "confused_count",
                                     "confused_share",
                                     "others",
                                     "difference",
                                     "difference_low",
                                     "difference_high",
                                     "p",
                                     "p_holm",
                                     "differs",
                                     "same_classes_difference",
                                     "same_classes_low",
                                     "same_classes_high"};
  for (const std::string& name : classes.names()) header.push_back("recall_" + name);
  std::string text = csv_line(header);
  for (const GroupMetrics& group : groups) {
    const Metrics& metrics = group.metrics;
    CsvFields row;
    row.text(group.attribute).text(group.value).count(metrics.samples);
    group.subjects > 0 ? row.count(group.subjects) : row.blank(1);
    row.number(metrics.accuracy).interval(group.accuracy_ci95).text(group.by_subject ? "subject" : "sample");
    row.number(metrics.balanced_accuracy).number(metrics.macro_f1);
    add_errors(group, classes, row);
    add_comparison(group.compared, row);
    for (const ClassMetrics& one : metrics.per_class) one.support > 0 ? row.number(one.recall) : row.blank(1);
    text += row.line();
  }
  return text;
}

std::string confusions_csv(std::span<const ConfusedPair> pairs, const ScoredSamples& scored,
                           const ClassList& classes) {
  std::string text = "label,predicted,count,share,share_low,share_high,mean_confidence,surest\n";
  for (const ConfusedPair& pair : pairs) {
    text += CsvFields()
                .text(classes.name(pair.label))
                .text(classes.name(pair.predicted))
                .count(pair.count)
                .number(pair.share)
                .interval(pair.share_ci95)
                .number(pair.mean_confidence)
                .text(scored.paths[pair.samples[0]])
                .line();
  }
  return text;
}

}  // namespace fer
