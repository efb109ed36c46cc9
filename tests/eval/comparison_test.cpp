#include "fer/eval/comparison.hpp"

#include <gmock/gmock.h>

#include "fer/core/error.hpp"
#include "fer/core/random.hpp"
#include "golden.hpp"

namespace fer {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

ComparedSamples golden_labels() {
  const auto& data = comparison_golden().at("data");
  return {.labels = data.at("labels").get<std::vector<int>>(),
          .clusters = clusters_by("subject", data.at("subjects").get<std::vector<std::string>>()),
          .classes = data.at("classes")};
}

ProbabilityRows golden_rows(const char* model) {
  return comparison_golden().at("data").at(model).get<ProbabilityRows>();
}

/// Two classes; `right` says of each sample whether the model gets it right, all of whose labels are 0.
ProbabilityRows rows_of(const std::string& right) {
  ProbabilityRows rows;
  for (const char c : right)
    rows.push_back(c == '+' ? std::vector<float>{0.8F, 0.2F} : std::vector<float>{0.2F, 0.8F});
  return rows;
}

TEST(McNemarTest, gives_the_figures_of_statsmodels) {
  for (const auto& expected : comparison_golden().at("mcnemar")) {
    const McNemar test = mcnemar(expected.at("only_first"), expected.at("only_second"));
    const std::string what = expected.dump();
    EXPECT_EQ(test.exact, expected.at("exact").get<bool>()) << what;
    EXPECT_NEAR(test.chi_squared, expected.at("chi_squared").get<double>(), kClose) << what;
    const double p = expected.at("p").get<double>();
    EXPECT_NEAR(test.p, p, 1e-9 * p) << what;
    EXPECT_EQ(mcnemar(expected.at("only_second"), expected.at("only_first")).p, test.p) << what;
  }
}

TEST(McNemarTest, says_how_large_the_effect_is_and_whose) {
  EXPECT_EQ(mcnemar(30, 10).g, 0.25);
  EXPECT_EQ(mcnemar(10, 30).g, -0.25);
  EXPECT_EQ(mcnemar(7, 0).g, 0.5);
  EXPECT_EQ(mcnemar(0, 0).g, 0);
}

TEST(McNemarTest, refuses_counts_below_none) { EXPECT_THROW(mcnemar(-1, 2), Error); }

TEST(Comparison, differences_are_those_of_a_paired_bootstrap_in_numpy) {
  const std::vector<ProbabilityRows> models = {golden_rows("first"), golden_rows("second")};
  const Comparison comparison = compare_models(golden_labels(), models);
  ASSERT_EQ(comparison.pairs.size(), 1U);
  const auto check = [](const Difference& difference, const char* name) {
    const auto& expected = comparison_golden().at("differences").at(name);
    const auto near = [&](double found, const nlohmann::json& wanted, const char* what) {
      EXPECT_NEAR(found, wanted.at("value").get<double>(), wanted.at("tolerance").get<double>())
          << name << ": " << what;
    };
    EXPECT_NEAR(difference.value, expected.at("value").get<double>(), kClose);
    ASSERT_TRUE(difference.interval.has_value());
    near(difference.interval->low, expected.at("interval").at("low"), "low");
    near(difference.interval->high, expected.at("interval").at("high"), "high");
    near(difference.p, expected.at("p"), "p");
  };
  check(comparison.pairs[0].accuracy, "accuracy");
  check(comparison.pairs[0].macro_f1, "macro_f1");
}

TEST(Comparison, has_each_model_as_if_alone_and_each_pair_once) {
  const ComparedSamples samples = golden_labels();
  const std::vector<ProbabilityRows> models = {golden_rows("first"), golden_rows("second"),
                                               golden_rows("first")};
  const BootstrapOptions options{.resamples = 100};
  const Comparison comparison = compare_models(samples, models, options);
  EXPECT_EQ(comparison.by, "subject");
  EXPECT_EQ(comparison.clusters, 24U);
  EXPECT_EQ(comparison.resamples, 100);
  ASSERT_EQ(comparison.models.size(), 3U);
  const auto alone = metric_intervals(samples.labels, models[1], samples.classes, samples.clusters, options);
  EXPECT_EQ(comparison.models[1].intervals->macro_f1, alone->macro_f1);
  EXPECT_EQ(comparison.models[1].metrics.confusion,
            evaluate(samples.labels, models[1], samples.classes).confusion);
  ASSERT_EQ(comparison.pairs.size(), 3U);
  EXPECT_EQ(comparison.pairs[1].first, 0U);
  EXPECT_EQ(comparison.pairs[1].second, 2U);
  EXPECT_EQ(comparison.pairs[0].accuracy.value, -comparison.pairs[2].accuracy.value);
  EXPECT_EQ(comparison.pairs[0].mcnemar.only_first, comparison.pairs[2].mcnemar.only_second);
  EXPECT_GT(comparison.pairs[0].p_holm, comparison.pairs[0].mcnemar.p);
}

TEST(Comparison, of_a_model_with_itself_finds_nothing) {
  const std::vector<ProbabilityRows> models = {golden_rows("first"), golden_rows("first")};
  const PairComparison pair = compare_models(golden_labels(), models).pairs.at(0);
  EXPECT_EQ(pair.accuracy.interval, (Interval{0, 0}));
  EXPECT_EQ(pair.accuracy.p, 1);
  EXPECT_EQ(pair.mcnemar.p, 1);
  EXPECT_FALSE(pair.differs);
}

TEST(Comparison, counts_the_samples_that_one_alone_gets_right) {
  const ComparedSamples samples{
      .labels = {0, 0, 0, 0, 0}, .clusters = {.names = {"", "", "", "", ""}}, .classes = 2};
  const std::vector<ProbabilityRows> models = {rows_of("+++-+"), rows_of("+--+-")};
  const McNemar test = compare_models(samples, models).pairs.at(0).mcnemar;
  EXPECT_EQ(test.only_first, 3);
  EXPECT_EQ(test.only_second, 1);
}

/// 12 subjects of 10 samples; the first model is right on all, the second wrong on all of the first subjects.
PairComparison better_on_some_subjects(int subjects_apart) {
  ComparedSamples samples{.labels = {}, .clusters = {.by = "subject"}, .classes = 2};
  std::string second;
  for (int i = 0; i < 120; ++i) {
    samples.labels.push_back(0);
    samples.clusters.names.push_back(std::to_string(i / 10));
    second += i / 10 < subjects_apart ? '-' : '+';
  }
  const std::vector<ProbabilityRows> models = {rows_of(std::string(120, '+')), rows_of(second)};
  return compare_models(samples, models).pairs.at(0);
}

TEST(Comparison, is_not_deceived_by_many_samples_of_few_subjects) {
  const PairComparison two = better_on_some_subjects(2);
  EXPECT_LT(two.p_holm, 0.001);  // 20 to 0, as if they were independent
  EXPECT_EQ(two.accuracy.interval->low, 0);
  EXPECT_FALSE(two.differs);
  EXPECT_TRUE(better_on_some_subjects(7).differs);
}

TEST(Comparison, of_one_subject_has_no_interval_and_claims_nothing) {
  ComparedSamples samples{.labels = std::vector<int>(40), .clusters = {.by = "subject"}, .classes = 2};
  samples.clusters.names.assign(40, "the only one");
  const std::vector<ProbabilityRows> models = {rows_of(std::string(40, '+')), rows_of(std::string(40, '-'))};
  const Comparison comparison = compare_models(samples, models);
  EXPECT_EQ(comparison.models[0].intervals, std::nullopt);
  EXPECT_EQ(comparison.pairs[0].accuracy.interval, std::nullopt);
  EXPECT_EQ(comparison.pairs[0].accuracy.p, 1);
  EXPECT_LT(comparison.pairs[0].mcnemar.p, 0.001);
  EXPECT_FALSE(comparison.pairs[0].differs);
}

TEST(Comparison, finds_a_difference_where_there_is_none_about_as_seldom_as_it_says) {
  Rng rng(21);
  int differ = 0;
  int by_mcnemar_alone = 0;
  constexpr int kTrials = 200;
  for (int trial = 0; trial < kTrials; ++trial) {
    ComparedSamples samples{.labels = {}, .clusters = {.by = "subject"}, .classes = 2};
    std::string first;
    std::string second;
    for (int subject = 0; subject < 30; ++subject) {
      const double favours_first = rng.uniform();  // shared by the subject's samples
      for (int i = 0; i < 8; ++i) {
        const bool first_alone = rng.chance(favours_first);
        samples.labels.push_back(0);
        samples.clusters.names.push_back(std::to_string(subject));
        first += first_alone ? '+' : '-';
        second += first_alone ? '-' : '+';
      }
    }
    const std::vector<ProbabilityRows> models = {rows_of(first), rows_of(second)};
    const PairComparison pair = compare_models(samples, models, {.resamples = 400}).pairs.at(0);
    differ += pair.differs;
    by_mcnemar_alone += pair.p_holm < 0.05;
  }
  EXPECT_LE(differ, kTrials * 0.10);
  EXPECT_GE(by_mcnemar_alone, kTrials * 0.15);  // it takes a subject's samples to be independent
}

TEST(Comparison, counts_the_resamples_of_all_models) {
  const std::vector<ProbabilityRows> models = {golden_rows("first"), golden_rows("second")};
  std::size_t before = 0;
  compare_models(golden_labels(), models,
                 {.resamples = 50, .progress = [&](std::size_t done, std::size_t total) {
                    EXPECT_EQ(done, ++before);
                    EXPECT_EQ(total, 100U);
                  }});
  EXPECT_EQ(before, 100U);
}

TEST(Comparison, refuses_what_evaluate_refuses) {
  ComparedSamples samples{.labels = {0}, .clusters = {.names = {""}}, .classes = 2};
  const std::vector<ProbabilityRows> models = {{{1, 0}}, {{4, 0}}};
  EXPECT_THAT([&] { compare_models(samples, models); }, ThrowsMessage<Error>(HasSubstr("no probabilities")));
  samples.clusters.names.emplace_back();
  EXPECT_THAT([&] { compare_models(samples, models); },
              ThrowsMessage<Error>("2 names of clusters for 1 samples"));
}

}  // namespace
}  // namespace fer
