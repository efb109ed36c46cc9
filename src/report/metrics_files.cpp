#include "fer/report/metrics_files.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "figure_json.hpp"

namespace fer {
namespace {

using Json = nlohmann::ordered_json;

void check_classes(std::size_t found, const ClassList& classes) {
  if (found != static_cast<std::size_t>(classes.size())) {
    throw failure("results of {} classes cannot be written under {} class names", found, classes.size());
  }
}

Json json_of(const ClassMetrics& metrics) {
  return {{"precision", metrics.precision},
          {"recall", metrics.recall},
          {"f1", metrics.f1},
          {"support", metrics.support}};
}

Json json_of(const AccuracyDifference& difference) {
  return {{"value", difference.value}, {"ci95", interval_json(difference.ci95)}};
}

Json json_of(const GroupComparison& compared) {
  return {{"others", compared.others},
          {"difference", json_of(compared.difference)},
          {"p", compared.p},
          {"p_holm", compared.p_holm},
          {"differs", compared.differs},
          {"same_classes", compared.same_classes ? json_of(*compared.same_classes) : Json()}};
}

Json json_of(const GroupMetrics& group, const ClassList& classes) {
  const Metrics& metrics = group.metrics;
  Json json = {{"samples", metrics.samples},
               {"accuracy", metrics.accuracy},
               {"accuracy_ci95", interval_json(group.accuracy_ci95)},
               {"ci95_by", group.by_subject ? "subject" : "sample"},
               {"balanced_accuracy", metrics.balanced_accuracy},
               {"macro_f1", metrics.macro_f1},
               {"subjects", group.subjects > 0 ? Json(group.subjects) : Json()},
               {"neutral_rate", group.neutral ? Json(group.neutral->share()) : Json()},
               {"recall", Json::object()},
               {"confused", Json()},
               {"compared", group.compared ? json_of(*group.compared) : Json()}};
  for (int k = 0; k < classes.size(); ++k) {
    const ClassMetrics& one = metrics.per_class[static_cast<std::size_t>(k)];
    if (one.support > 0) json["recall"][classes.name(k)] = one.recall;
  }
  if (const auto& pair = group.confused) {
    json["confused"] = {{"label", classes.name(pair->label)},
                        {"predicted", classes.name(pair->predicted)},
                        {"count", pair->count}};
  }
  return json;
}

Json json_of(std::span<const GroupMetrics> groups, const ClassList& classes) {
  Json json = Json::object();
  for (const GroupMetrics& group : groups) json[group.attribute][group.value] = json_of(group, classes);
  return json;
}

Json json_of(std::span<const GroupGap> gaps) {
  Json json = Json::object();
  for (const GroupGap& gap : gaps) {
    json[gap.attribute] = {{"best", gap.best},
                           {"worst", gap.worst},
                           {"groups", gap.groups},
                           {"difference", json_of(gap.difference)},
                           {"differs", gap.differs}};
  }
  return json;
}

Json json_of(const MetricIntervals& intervals, const ClassList& classes) {
  check_classes(intervals.per_class.size(), classes);
  Json per_class;
  for (int k = 0; k < classes.size(); ++k) {
    const ClassIntervals& one = intervals.per_class[static_cast<std::size_t>(k)];
    per_class[classes.name(k)] = {{"precision", interval_json(one.precision)},
                                  {"recall", interval_json(one.recall)},
                                  {"f1", interval_json(one.f1)}};
  }
  return {{"method", "bootstrap by " + intervals.by},
          {"clusters", intervals.clusters},
          {"resamples", intervals.resamples},
          {"accuracy", interval_json(intervals.accuracy)},
          {"balanced_accuracy", interval_json(intervals.balanced_accuracy)},
          {"macro_precision", interval_json(intervals.macro_precision)},
          {"macro_recall", interval_json(intervals.macro_recall)},
          {"macro_f1", interval_json(intervals.macro_f1)},
          {"weighted_precision", interval_json(intervals.weighted_precision)},
          {"weighted_recall", interval_json(intervals.weighted_recall)},
          {"weighted_f1", interval_json(intervals.weighted_f1)},
          {"kappa", interval_json(intervals.kappa)},
          {"nll", interval_json(intervals.nll)},
          {"brier", interval_json(intervals.brier)},
          {"ece", interval_json(intervals.ece)},
          {"per_class", per_class}};
}

/// What of the metrics calibration changes.
Json scores_of(const Metrics& metrics) {
  return {{"accuracy", metrics.accuracy},
          {"nll", metrics.nll},
          {"brier", metrics.brier},
          {"ece", metrics.ece},
          {"classwise_ece", metrics.classwise_ece}};
}

Json calibration_json(const MetricsReport& report) {
  const auto& [method, temperature, scale, bias] = report.calibration;
  Json json = {{"method", name_of(method)}};
  if (method == CalibrationMethod::temperature) json["temperature"] = temperature;
  if (method == CalibrationMethod::vector) {
    json["scale"] = scale;
    json["bias"] = bias;
  }
  if (method != CalibrationMethod::none) {
    json["fitted_on"] = "val";
    json["in_sample"] = report.in_sample;
  }
  json["before"] = report.uncalibrated ? scores_of(*report.uncalibrated) : Json();
  json["after"] = scores_of(report.metrics);
  return json;
}

Json temperature_json(const Calibration& calibration) {
  return calibration.method == CalibrationMethod::vector ? Json() : Json(calibration.temperature);
}

std::string reliability_lines(std::string_view when, std::span<const ReliabilityBin> bins) {
  std::string text;
  for (const ReliabilityBin& bin : bins) {
    std::vector<std::string> fields = {std::string(when), csv_number(bin.low), csv_number(bin.high),
                                       std::to_string(bin.samples)};
    for (const double value : {bin.confidence, bin.accuracy, bin.accuracy_ci95.low, bin.accuracy_ci95.high}) {
      fields.push_back(bin.samples == 0 ? "" : csv_number(value));
    }
    text += csv_line(fields);
  }
  return text;
}

std::vector<std::string> header(std::vector<std::string> fields, const ClassList& classes) {
  fields.insert(fields.end(), classes.names().begin(), classes.names().end());
  return fields;
}

}  // namespace

std::string metrics_json(const MetricsReport& report) {
  const Metrics& metrics = report.metrics;
  check_classes(metrics.per_class.size(), report.classes);
  Json per_class;
  for (int k = 0; k < report.classes.size(); ++k) {
    per_class[report.classes.name(k)] = json_of(metrics.per_class[static_cast<std::size_t>(k)]);
  }
  Json json = {{"split", report.split},
               {"protocol", report.protocol},
               {"samples", metrics.samples},
               {"accuracy", metrics.accuracy},
               {"accuracy_ci95", interval_json(metrics.accuracy_ci95)},
               {"balanced_accuracy", metrics.balanced_accuracy},
               {"macro_precision", metrics.macro_precision},
               {"macro_recall", metrics.macro_recall},
               {"macro_f1", metrics.macro_f1},
               {"weighted_precision", metrics.weighted_precision},
               {"weighted_recall", metrics.weighted_recall},
               {"weighted_f1", metrics.weighted_f1},
               {"kappa", metrics.kappa},
               {"per_class", per_class},
               {"confusion", metrics.confusion},
               {"classes", report.classes.names()},
               {"nll", metrics.nll},
               {"brier", metrics.brier},
               {"ece", metrics.ece},
               {"temperature", temperature_json(report.calibration)},
               {"calibration", calibration_json(report)},
               {"groups", json_of(report.groups, report.classes)},
               {"gaps", json_of(report.gaps)}};
  if (report.intervals) json["intervals"] = json_of(*report.intervals, report.classes);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string reliability_csv(const Evaluation& evaluation) {
  std::string text = csv_line(std::vector<std::string>{"calibration", "low", "high", "samples", "confidence",
                                                       "accuracy", "accuracy_low", "accuracy_high"});
  if (evaluation.uncalibrated) text += reliability_lines("before", evaluation.uncalibrated->reliability);
  return text + reliability_lines("after", evaluation.reliability);
}

std::string confusion_csv(const Confusion& confusion, const ClassList& classes) {
  check_classes(confusion.size(), classes);
  std::string text = csv_line(header({"label"}, classes));
  for (int label = 0; label < classes.size(); ++label) {
    std::vector<std::string> fields = {classes.name(label)};
    for (const auto count : confusion[static_cast<std::size_t>(label)])
      fields.push_back(std::to_string(count));
    text += csv_line(fields);
  }
  return text;
}

std::string predictions_csv(std::span<const Prediction> predictions, const ClassList& classes) {
  const bool sources = !std::ranges::all_of(predictions, &std::string::empty, &Prediction::source);
  std::vector<std::string> names = header({"path", "label", "predicted"}, classes);
  if (sources) names.emplace_back("source");
  std::string text = csv_line(names);
  for (const auto& [path, label, probabilities, source] : predictions) {
    check_classes(probabilities.size(), classes);
    std::vector<std::string> fields = {path, label ? classes.name(*label) : "",
                                       classes.name(predicted_class(probabilities))};
    for (const float probability : probabilities) fields.push_back(csv_number(probability));
    if (sources) fields.push_back(source);
    text += csv_line(fields);
  }
  return text;
}

}  // namespace fer
