#include "fer/report/metrics_files.hpp"

#include <nlohmann/json.hpp>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"

namespace fer {
namespace {

using Json = nlohmann::ordered_json;

void check_classes(std::size_t found, const ClassList& classes) {
  if (found != static_cast<std::size_t>(classes.size())) {
    throw failure("results of {} classes cannot be written under {} class names", found, classes.size());
  }
}

Json json_of(const Interval& interval) { return Json::array({interval.low, interval.high}); }

Json json_of(const ClassMetrics& metrics) {
  return {{"precision", metrics.precision},
          {"recall", metrics.recall},
          {"f1", metrics.f1},
          {"support", metrics.support}};
}

Json json_of(std::span<const GroupMetrics> groups) {
  Json json = Json::object();
  for (const auto& [attribute, value, metrics] : groups) {
    json[attribute][value] = {{"samples", metrics.samples},
                              {"accuracy", metrics.accuracy},
                              {"accuracy_ci95", json_of(metrics.accuracy_ci95)},
                              {"balanced_accuracy", metrics.balanced_accuracy},
                              {"macro_f1", metrics.macro_f1}};
  }
  return json;
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
  const Json json = {{"split", report.split},
                     {"samples", metrics.samples},
                     {"accuracy", metrics.accuracy},
                     {"accuracy_ci95", json_of(metrics.accuracy_ci95)},
                     {"balanced_accuracy", metrics.balanced_accuracy},
                     {"macro_precision", metrics.macro_precision},
                     {"macro_recall", metrics.macro_recall},
                     {"macro_f1", metrics.macro_f1},
                     {"weighted_f1", metrics.weighted_f1},
                     {"kappa", metrics.kappa},
                     {"per_class", per_class},
                     {"confusion", metrics.confusion},
                     {"classes", report.classes.names()},
                     {"nll", metrics.nll},
                     {"brier", metrics.brier},
                     {"ece", metrics.ece},
                     {"temperature", report.temperature},
                     {"groups", json_of(report.groups)}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
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
  std::string text = csv_line(header({"path", "label", "predicted"}, classes));
  for (const auto& [path, label, probabilities] : predictions) {
    check_classes(probabilities.size(), classes);
    std::vector<std::string> fields = {path, label ? classes.name(*label) : "",
                                       classes.name(predicted_class(probabilities))};
    for (const float probability : probabilities) fields.push_back(csv_number(probability));
    text += csv_line(fields);
  }
  return text;
}

}  // namespace fer
