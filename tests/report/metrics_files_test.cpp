#include "fer/report/metrics_files.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"

namespace fer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Json = nlohmann::ordered_json;
using Rows = std::vector<std::vector<float>>;

MetricsReport report_of_two_classes() {
  const std::vector<int> labels = {0, 0, 1, 1};
  const Rows rows = {{0.75F, 0.25F}, {0.25F, 0.75F}, {0, 1}, {0.25F, 0.75F}};
  const std::vector<std::string> angles = {"left", "straight", "left", "straight"};
  return {.split = "val",
          .classes = ClassList({"happy", "sad"}),
          .metrics = evaluate(labels, rows, 2),
          .temperature = 1.5,
          .groups = evaluate_groups(labels, rows, 2, "angle", angles)};
}

std::vector<std::string> keys(const Json& json) {
  std::vector<std::string> names;
  for (const auto& item : json.items()) names.push_back(item.key());
  return names;
}

TEST(MetricsJson, has_the_keys_of_the_contract_in_its_order) {
  const Json json = Json::parse(metrics_json(report_of_two_classes()));
  EXPECT_THAT(keys(json),
              ElementsAre("split", "samples", "accuracy", "accuracy_ci95", "balanced_accuracy",
                          "macro_precision", "macro_recall", "macro_f1", "weighted_f1", "kappa", "per_class",
                          "confusion", "classes", "nll", "brier", "ece", "temperature", "groups"));
  EXPECT_THAT(keys(json["per_class"]), ElementsAre("happy", "sad"));
  EXPECT_THAT(keys(json["per_class"]["sad"]), ElementsAre("precision", "recall", "f1", "support"));
}

TEST(MetricsJson, says_what_was_measured) {
  const MetricsReport report = report_of_two_classes();
  const Json json = Json::parse(metrics_json(report));
  EXPECT_EQ(json["split"], "val");
  EXPECT_EQ(json["samples"], 4);
  EXPECT_EQ(json["accuracy"], 0.75);
  EXPECT_EQ(json["accuracy_ci95"],
            Json({report.metrics.accuracy_ci95.low, report.metrics.accuracy_ci95.high}));
  EXPECT_EQ(json["balanced_accuracy"], report.metrics.balanced_accuracy);
  EXPECT_EQ(json["macro_precision"], report.metrics.macro_precision);
  EXPECT_EQ(json["macro_recall"], report.metrics.macro_recall);
  EXPECT_EQ(json["macro_f1"], report.metrics.macro_f1);
  EXPECT_EQ(json["weighted_f1"], report.metrics.weighted_f1);
  EXPECT_EQ(json["kappa"], 0.5);
  EXPECT_EQ(json["per_class"]["happy"],
            Json({{"precision", 1.0}, {"recall", 0.5}, {"f1", 2.0 / 3}, {"support", 2}}));
  EXPECT_EQ(json["confusion"], Json({{1, 1}, {0, 2}}));
  EXPECT_EQ(json["classes"], Json({"happy", "sad"}));
  EXPECT_EQ(json["nll"], report.metrics.nll);
  EXPECT_EQ(json["brier"], report.metrics.brier);
  EXPECT_EQ(json["ece"], report.metrics.ece);
  EXPECT_EQ(json["temperature"], 1.5);
  EXPECT_EQ(json["groups"]["angle"]["left"]["accuracy"], 1.0);
  EXPECT_EQ(json["groups"]["angle"]["straight"]["accuracy"], 0.5);
  EXPECT_EQ(json["groups"]["angle"]["straight"]["samples"], 2);
}

TEST(MetricsJson, keeps_its_groups_an_object_when_there_are_none) {
  MetricsReport report = report_of_two_classes();
  report.groups.clear();
  EXPECT_THAT(metrics_json(report), HasSubstr("\"groups\": {}"));
}

TEST(MetricsJson, writes_null_for_a_number_that_does_not_exist) {
  MetricsReport report = report_of_two_classes();
  report.metrics = evaluate(std::vector<int>{0}, Rows{{1, 0}}, 2);
  EXPECT_TRUE(Json::parse(metrics_json(report))["kappa"].is_null());
}

TEST(MetricsJson, survives_names_that_are_not_utf8) {
  MetricsReport report = report_of_two_classes();
  report.groups[0].value = std::string(1, '\xff');
  EXPECT_EQ(Json::parse(metrics_json(report))["groups"]["angle"]["\xef\xbf\xbd"]["samples"], 2);
}

TEST(MetricsJson, refuses_other_classes_than_were_measured) {
  MetricsReport report = report_of_two_classes();
  report.classes = ClassList();
  EXPECT_THROW(metrics_json(report), Error);
}

TEST(ConfusionCsv, has_a_row_for_each_label) {
  EXPECT_EQ(confusion_csv({{1, 2}, {3, 4}}, ClassList({"happy", "very, very sad"})),
            "label,happy,\"very, very sad\"\n"
            "happy,1,2\n"
            "\"very, very sad\",3,4\n");
  EXPECT_THROW(confusion_csv({{1, 2}, {3, 4}}, ClassList()), Error);
}

TEST(PredictionsCsv, reads_back_to_the_last_digit) {
  const ClassList classes({"happy", "sad"});
  const float third = 1.0F / 3;
  const std::vector<Prediction> predictions = {
      {.path = "a, \"b\"/1.jpg", .label = 0, .probabilities = {third, 1 - third}},
      {.path = "2.jpg", .label = std::nullopt, .probabilities = {0.5F, 0.5F}}};
  const auto rows = parse_csv(predictions_csv(predictions, classes), "predictions.csv");
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_THAT(rows[0].fields, ElementsAre("path", "label", "predicted", "happy", "sad"));
  EXPECT_THAT(rows[1].fields, ElementsAre("a, \"b\"/1.jpg", "happy", "sad", ::testing::_, ::testing::_));
  EXPECT_EQ(std::stof(rows[1].fields[3]), third);
  EXPECT_EQ(std::stof(rows[1].fields[4]), 1 - third);
  EXPECT_THAT(rows[2].fields, ElementsAre("2.jpg", "", "happy", "0.5", "0.5"));
}

TEST(PredictionsCsv, refuses_rows_of_another_number_of_classes) {
  const std::vector<Prediction> predictions = {{.path = "1.jpg", .label = 0, .probabilities = {1, 0}}};
  EXPECT_THROW(predictions_csv(predictions, ClassList()), Error);
}

}  // namespace
}  // namespace fer
