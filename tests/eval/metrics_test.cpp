#include "fer/eval/metrics.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "fer/core/error.hpp"
#include "fer/core/random.hpp"
#include "golden.hpp"

namespace fer {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
using Rows = std::vector<std::vector<float>>;

class GoldenMetrics : public ::testing::TestWithParam<nlohmann::json> {};

TEST_P(GoldenMetrics, equal_those_of_scikit_learn) {
  const auto& expected = GetParam().at("expected");
  const auto labels = GetParam().at("labels").get<std::vector<int>>();
  const auto rows = GetParam().at("probabilities").get<Rows>();
  const Metrics metrics = evaluate(labels, rows, GetParam().at("classes"));
  const auto number = [&](const char* key) { return expected.at(key).get<double>(); };

  EXPECT_EQ(metrics.samples, static_cast<std::int64_t>(labels.size()));
  EXPECT_NEAR(metrics.accuracy, number("accuracy"), kClose);
  EXPECT_NEAR(metrics.accuracy_ci95.low, expected.at("accuracy_ci95").at(0), kClose);
  EXPECT_NEAR(metrics.accuracy_ci95.high, expected.at("accuracy_ci95").at(1), kClose);
  EXPECT_NEAR(metrics.balanced_accuracy, number("balanced_accuracy"), kClose);
  EXPECT_NEAR(metrics.macro_precision, number("macro_precision"), kClose);
  EXPECT_NEAR(metrics.macro_recall, number("macro_recall"), kClose);
  EXPECT_NEAR(metrics.macro_f1, number("macro_f1"), kClose);
  EXPECT_NEAR(metrics.weighted_precision, number("weighted_precision"), kClose);
  EXPECT_NEAR(metrics.weighted_recall, number("weighted_recall"), kClose);
  EXPECT_NEAR(metrics.weighted_f1, number("weighted_f1"), kClose);
  EXPECT_NEAR(metrics.nll, number("nll"), kClose);
  EXPECT_NEAR(metrics.brier, number("brier"), kClose);
  EXPECT_NEAR(metrics.ece, number("ece"), kClose);
  EXPECT_EQ(metrics.confusion, expected.at("confusion").get<Confusion>());
  if (expected.at("kappa").is_null()) {
    EXPECT_TRUE(std::isnan(metrics.kappa));
  } else {
    EXPECT_NEAR(metrics.kappa, number("kappa"), kClose);
  }
  ASSERT_EQ(metrics.per_class.size(), expected.at("support").size());
  for (std::size_t k = 0; k < metrics.per_class.size(); ++k) {
    EXPECT_NEAR(metrics.per_class[k].precision, expected.at("precision").at(k), kClose) << "class " << k;
    EXPECT_NEAR(metrics.per_class[k].recall, expected.at("recall").at(k), kClose) << "class " << k;
    EXPECT_NEAR(metrics.per_class[k].f1, expected.at("f1").at(k), kClose) << "class " << k;
    EXPECT_EQ(metrics.per_class[k].support, expected.at("support").at(k)) << "class " << k;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, GoldenMetrics, ::testing::ValuesIn(golden().at("cases")),
                         [](const auto& info) {
                           auto name = info.param.at("name").template get<std::string>();
                           for (char& c : name) {
                             if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
                           }
                           return name;
                         });

TEST(Metrics, first_of_equally_probable_classes_is_predicted) {
  const std::vector<float> row = {0.1F, 0.45F, 0.45F};
  EXPECT_EQ(predicted_class(row), 1);
}

TEST(Metrics, confusion_is_label_by_predicted) {
  const std::vector<int> labels = {0, 0, 1};
  const Rows rows = {{0.9F, 0.1F}, {0.2F, 0.8F}, {0.3F, 0.7F}};
  EXPECT_EQ(evaluate(labels, rows, 2).confusion, (Confusion{{1, 1}, {0, 1}}));
}

TEST(Metrics, bin_edges_belong_to_the_bin_below) {
  // 0.5 = 7.5/15 and 1 = 15/15: two bins, each half right.
  const std::vector<int> labels = {0, 1, 0, 1};
  const Rows rows = {{0.5F, 0.5F}, {0.5F, 0.5F}, {1, 0}, {1, 0}};
  EXPECT_NEAR(expected_calibration_error(labels, rows), (0 + 0.5) / 2, kClose);
}

TEST(Metrics, calibrated_probabilities_have_a_small_calibration_error) {
  Rng rng(5);
  std::vector<int> honest;
  std::vector<int> coin;
  Rows rows;
  for (int i = 0; i < 50000; ++i) {
    const double p = rng.uniform(0.5, 1);
    rows.push_back({static_cast<float>(p), static_cast<float>(1 - p)});
    honest.push_back(rng.chance(p) ? 0 : 1);
    coin.push_back(rng.chance(0.5) ? 0 : 1);
  }
  EXPECT_LT(evaluate(honest, rows, 2).ece, 0.01);
  EXPECT_NEAR(evaluate(coin, rows, 2).ece, 0.25, 0.01);
}

TEST(Metrics, what_is_no_prediction_is_refused_by_sample) {
  const std::vector<int> labels = {0, 1};
  const auto evaluating = [&](Rows rows) { return [&labels, rows] { evaluate(labels, rows, 2); }; };
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(evaluating({{1, 0}}), ThrowsMessage<Error>(HasSubstr("2 labels but 1 rows")));
  EXPECT_THAT(evaluating({{1, 0}, {1, 0, 0}}),
              ThrowsMessage<Error>(HasSubstr("sample 1: the model gave 3 values")));
  EXPECT_THAT(evaluating({{1, 0}, {nan, 0}}),
              ThrowsMessage<Error>(HasSubstr("sample 1: the model gave a value that is not finite")));
  EXPECT_THAT(evaluating({{1, 0}, {4.5F, -2}}),
              ThrowsMessage<Error>(HasSubstr("sample 1: values from -2 to 4.5")));
  EXPECT_THAT(evaluating({{0.5F, 0.2F}, {1, 0}}), ThrowsMessage<Error>(HasSubstr("sample 0: values from")));
}

TEST(Metrics, labels_outside_the_classes_are_refused) {
  const Rows rows = {{1, 0}};
  for (const int label : {-1, 2}) {
    const std::vector<int> labels = {label};
    EXPECT_THAT([&] { evaluate(labels, rows, 2); }, ThrowsMessage<Error>(HasSubstr("is not in 0..1")))
        << label;
  }
  EXPECT_THAT([] { evaluate({}, {}, 2); }, ThrowsMessage<Error>("no samples to evaluate"));
}

}  // namespace
}  // namespace fer
