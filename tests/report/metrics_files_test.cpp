#include "fer/report/metrics_files.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "support/error_text.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Json = nlohmann::ordered_json;
using Rows = std::vector<std::vector<float>>;

MetricsReport report_of_two_classes() {
  const std::vector<int> labels = {0, 0, 1, 1};
  const Rows rows = {{0.75F, 0.25F}, {0.25F, 0.75F}, {0, 1}, {0.25F, 0.75F}};
  ScoredSamples scored;
  scored.labels = labels;
  scored.probabilities = rows;
  scored.subjects.resize(4);
  scored.attributes["angle"] = {"left", "straight", "left", "straight"};
  const ClassList classes({"happy", "sad"});
  return {.split = "val",
          .protocol = "subject-disjoint split",
          .classes = classes,
          .metrics = evaluate(labels, rows, 2),
          .calibration = {.method = CalibrationMethod::temperature, .temperature = 1.5},
          .in_sample = true,
          .uncalibrated = evaluate(labels, Rows{{1, 0}, {0, 1}, {0, 1}, {0, 1}}, 2),
          .groups = analyse_groups(scored, classes)};
}

std::vector<std::string> keys(const Json& json) {
  std::vector<std::string> names;
  for (const auto& item : json.items()) names.push_back(item.key());
  return names;
}

TEST(MetricsJson, has_the_keys_of_the_contract_in_its_order) {
  const Json json = Json::parse(metrics_json(report_of_two_classes()));
  EXPECT_THAT(keys(json),
              ElementsAre("split", "protocol", "samples", "accuracy", "accuracy_ci95", "balanced_accuracy",
                          "macro_precision", "macro_recall", "macro_f1", "weighted_precision",
                          "weighted_recall", "weighted_f1", "kappa", "per_class", "confusion", "classes",
                          "nll", "brier", "ece", "temperature", "calibration", "groups", "gaps"));
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
  EXPECT_EQ(json["weighted_precision"], report.metrics.weighted_precision);
  EXPECT_EQ(json["weighted_recall"], report.metrics.weighted_recall);
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

TEST(MetricsJson, says_how_sure_each_figure_is_and_by_what) {
  MetricsReport report = report_of_two_classes();
  report.intervals = metric_intervals(std::vector<int>{0, 0, 1, 1},
                                      Rows{{0.75F, 0.25F}, {0.25F, 0.75F}, {0, 1}, {0.25F, 0.75F}}, 2,
                                      clusters_by("subject", {"A", "B", "A", "B"}));
  report.intervals->kappa = std::nullopt;
  const Json json = Json::parse(metrics_json(report))["intervals"];
  EXPECT_THAT(keys(json),
              ElementsAre("method", "clusters", "resamples", "accuracy", "balanced_accuracy",
                          "macro_precision", "macro_recall", "macro_f1", "weighted_precision",
                          "weighted_recall", "weighted_f1", "kappa", "nll", "brier", "ece", "per_class"));
  EXPECT_EQ(json["method"], "bootstrap by subject");
  EXPECT_EQ(json["clusters"], 2);
  EXPECT_EQ(json["resamples"], 2000);
  EXPECT_EQ(json["accuracy"], Json({0.5, 1.0}));
  EXPECT_EQ(json["nll"], Json({report.intervals->nll->low, report.intervals->nll->high}));
  EXPECT_TRUE(json["kappa"].is_null());
  EXPECT_THAT(keys(json["per_class"]), ElementsAre("happy", "sad"));
  EXPECT_EQ(json["per_class"]["happy"]["recall"], Json({0.0, 1.0}));
  EXPECT_THAT(keys(json["per_class"]["sad"]), ElementsAre("precision", "recall", "f1"));
}

TEST(MetricsJson, says_what_calibration_was_and_did) {
  MetricsReport report = report_of_two_classes();
  const Json json = Json::parse(metrics_json(report))["calibration"];
  EXPECT_THAT(keys(json), ElementsAre("method", "temperature", "fitted_on", "in_sample", "before", "after"));
  EXPECT_EQ(json["method"], "temperature");
  EXPECT_EQ(json["temperature"], 1.5);
  EXPECT_EQ(json["fitted_on"], "val");
  EXPECT_EQ(json["in_sample"], true);
  EXPECT_THAT(keys(json["before"]), ElementsAre("accuracy", "nll", "brier", "ece", "classwise_ece"));
  EXPECT_EQ(json["before"]["nll"], report.uncalibrated->nll);
  EXPECT_EQ(json["before"]["brier"], 0.5);
  EXPECT_EQ(json["before"]["ece"], 0.25);
  EXPECT_EQ(json["after"]["ece"], report.metrics.ece);
  EXPECT_EQ(json["after"]["classwise_ece"], report.metrics.classwise_ece);
}

TEST(MetricsJson, has_no_temperature_where_each_class_has_a_scale) {
  MetricsReport report = report_of_two_classes();
  report.calibration = {.method = CalibrationMethod::vector, .scale = {0.5, 2}, .bias = {-1, 1}};
  report.uncalibrated.reset();
  const Json json = Json::parse(metrics_json(report));
  EXPECT_TRUE(json["temperature"].is_null());
  EXPECT_EQ(json["calibration"]["scale"], Json({0.5, 2}));
  EXPECT_EQ(json["calibration"]["bias"], Json({-1, 1}));
  EXPECT_TRUE(json["calibration"]["before"].is_null());
}

TEST(MetricsJson, of_no_calibration_says_nothing_of_a_fit) {
  MetricsReport report = report_of_two_classes();
  report.calibration = {};
  const Json json = Json::parse(metrics_json(report));
  EXPECT_EQ(json["temperature"], 1.0);
  EXPECT_THAT(keys(json["calibration"]), ElementsAre("method", "before", "after"));
}

TEST(ReliabilityCsv, has_a_row_per_bin_before_and_after) {
  Evaluation evaluation;
  evaluation.reliability = {{.low = 0, .high = 0.5},
                            {.low = 0.5,
                             .high = 1,
                             .samples = 4,
                             .confidence = 0.75,
                             .accuracy = 0.5,
                             .accuracy_ci95 = {0.25, 0.625}}};
  const std::string header = "calibration,low,high,samples,confidence,accuracy,accuracy_low,accuracy_high\n";
  const std::string rows = "after,0,0.5,0,,,,\nafter,0.5,1,4,0.75,0.5,0.25,0.625\n";
  EXPECT_EQ(reliability_csv(evaluation), header + rows);
  evaluation.uncalibrated.emplace().reliability = {{.low = 0, .high = 1}};
  EXPECT_EQ(reliability_csv(evaluation), header + "before,0,1,0,,,,\n" + rows);
}

TEST(MetricsJson, tells_the_largest_gap_of_each_attribute) {
  MetricsReport report = report_of_two_classes();
  report.gaps = {{.attribute = "ethnicity",
                  .best = "white",
                  .worst = "asian",
                  .groups = 3,
                  .difference = {.value = 0.25, .ci95 = {.low = 0.125, .high = 0.375}},
                  .differs = true}};
  const Json gap = Json::parse(metrics_json(report))["gaps"]["ethnicity"];
  EXPECT_THAT(keys(gap), ElementsAre("best", "worst", "groups", "difference", "differs"));
  EXPECT_EQ(gap["worst"], "asian");
  EXPECT_EQ(gap["difference"], Json({{"value", 0.25}, {"ci95", {0.125, 0.375}}}));
}

TEST(MetricsJson, says_of_each_group_how_it_compares) {
  ScoredSamples scored;
  for (int i = 0; i < 50; ++i) {
    scored.labels.push_back(0);
    scored.probabilities.push_back(i < 20 ? std::vector<float>{0.25F, 0.75F} : std::vector<float>{1, 0});
    scored.subjects.emplace_back();
    scored.attributes["sex"].emplace_back(i < 20 ? "F" : "M");
  }
  MetricsReport report = report_of_two_classes();
  report.groups = analyse_groups(scored, report.classes);
  const Json groups = Json::parse(metrics_json(report))["groups"]["sex"];
  EXPECT_THAT(keys(groups["F"]),
              ElementsAre("samples", "accuracy", "accuracy_ci95", "ci95_by", "balanced_accuracy", "macro_f1",
                          "subjects", "neutral_rate", "recall", "confused", "compared"));
  EXPECT_EQ(groups["F"]["ci95_by"], "sample");
  EXPECT_TRUE(groups["F"]["subjects"].is_null());
  EXPECT_TRUE(groups["F"]["neutral_rate"].is_null());
  EXPECT_EQ(groups["F"]["recall"], Json({{"happy", 0.0}}));
  EXPECT_EQ(groups["F"]["confused"], Json({{"label", "happy"}, {"predicted", "sad"}, {"count", 20}}));
  EXPECT_TRUE(groups["M"]["confused"].is_null());
  const Json compared = groups["F"]["compared"];
  EXPECT_EQ(compared["others"], 30);
  EXPECT_EQ(compared["difference"]["value"], -1.0);
  EXPECT_EQ(compared["same_classes"]["value"], -1.0);
  EXPECT_EQ(compared["differs"], true);
  EXPECT_EQ(compared["p_holm"], compared["p"]);
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

class ReadPredictions : public ::testing::Test {
 protected:
  std::string refused(const std::string& text) {
    const auto path = folder_.write("predictions.csv", text);
    const std::string message = test::error_text(ErrorKind::data, [&] { return read_predictions(path); });
    EXPECT_THAT(message, StartsWith(path.string() + ":"));
    return message.substr(path.string().size());
  }

  const test::TempFolder folder_;
};

TEST_F(ReadPredictions, gets_back_the_source_of_each_sample) {
  const ClassList classes({"happy", "sad"});
  const std::vector<Prediction> written = {
      {.path = "1.jpg", .label = 1, .probabilities = {0.25F, 0.75F}, .source = "lab"},
      {.path = "2.jpg", .label = 0, .probabilities = {0.5F, 0.5F}, .source = "wild"}};
  const std::string text = predictions_csv(written, classes);
  EXPECT_THAT(text, HasSubstr("path,label,predicted,happy,sad,source\n1.jpg,sad,sad,0.25,0.75,lab\n"));
  const auto list = read_predictions(folder_.write("predictions.csv", text));
  EXPECT_EQ(list.classes, classes);
  ASSERT_EQ(list.predictions.size(), 2U);
  EXPECT_EQ(list.predictions[1].source, "wild");
  EXPECT_EQ(list.predictions[1].probabilities, written[1].probabilities);
}

TEST_F(ReadPredictions, gets_back_what_was_written) {
  const ClassList classes({"happy", "sad"});
  const float third = 1.0F / 3;
  const std::vector<Prediction> written = {
      {.path = "a, \"b\"/1.jpg", .label = 1, .probabilities = {third, 1 - third}},
      {.path = "2.jpg", .label = std::nullopt, .probabilities = {0.5F, 0.5F}}};
  const auto list = read_predictions(folder_.write("predictions.csv", predictions_csv(written, classes)));
  EXPECT_EQ(list.classes, classes);
  ASSERT_EQ(list.predictions.size(), 2U);
  EXPECT_EQ(list.predictions[0].path, "a, \"b\"/1.jpg");
  EXPECT_EQ(list.predictions[0].label, 1);
  EXPECT_EQ(list.predictions[0].probabilities, written[0].probabilities);
  EXPECT_EQ(list.predictions[1].label, std::nullopt);
}

TEST_F(ReadPredictions, refuses_columns_that_are_not_those_of_predictions) {
  EXPECT_EQ(refused("file,label,predicted,happy,sad\n"),
            ":1: expected the columns path,label,predicted and one for each class (found: file, label, "
            "predicted, happy, sad)");
  EXPECT_THAT(refused("path,label,predicted\n"), HasSubstr(":1: expected the columns"));
  EXPECT_THAT(refused("path,label,predicted,happy,happiness\n"), HasSubstr(":1: "));
  EXPECT_EQ(refused("path,label,predicted,happy,sad\n"), ": holds no predictions");
}

TEST_F(ReadPredictions, names_the_line_of_a_row_that_is_none) {
  const auto row = [&](const std::string& text) {
    return refused("path,label,predicted,happy,sad\n1.jpg,happy,happy,1,0\n" + text + "\n");
  };
  EXPECT_EQ(row("1.jpg,sad,sad,0,1"), ":3: 1.jpg stands there twice");
  EXPECT_EQ(row(",sad,sad,0,1"), ":3: no path");
  EXPECT_EQ(row("2.jpg,bored,sad,0,1"), ":3: 'bored' is none of the classes happy, sad");
  EXPECT_EQ(row("2.jpg,sad,,0,1"), ":3: '' is none of the classes happy, sad");
  EXPECT_EQ(row("2.jpg,sad,sad,nan,1"), ":3: 'nan' is no probability (column 'happy')");
  EXPECT_EQ(row("2.jpg,sad,sad,0,inf"), ":3: 'inf' is no probability (column 'sad')");
  EXPECT_EQ(row("2.jpg,sad,sad,-0.5,1.5"), ":3: '-0.5' is no probability (column 'happy')");
  EXPECT_EQ(row("2.jpg,sad,sad,0.25,0.5"), ":3: the probabilities sum to 0.75, expected 1");
  EXPECT_EQ(row("2.jpg,sad,happy,0.25,0.75"), ":3: predicted 'happy', which is not the most probable class");
  EXPECT_EQ(row("2.jpg,sad,happy,0.25"), ":3: expected 5 fields, found 4");
}

}  // namespace
}  // namespace fer
