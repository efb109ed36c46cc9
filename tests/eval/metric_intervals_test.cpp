#include "fer/eval/metric_intervals.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "fer/core/error.hpp"
#include "fer/core/random.hpp"
#include "golden.hpp"

namespace fer {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
using Rows = std::vector<std::vector<float>>;

struct Samples {
  int classes = 0;
  std::vector<int> labels;
  Rows rows;
  Clusters clusters;

  std::optional<MetricIntervals> intervals(const BootstrapOptions& options = {}) const {
    return metric_intervals(labels, rows, classes, clusters, options);
  }
};

Samples golden_samples() {
  const auto& data = comparison_golden().at("data");
  return {.classes = data.at("classes"),
          .labels = data.at("labels").get<std::vector<int>>(),
          .rows = data.at("first").get<Rows>(),
          .clusters = clusters_by("subject", data.at("subjects").get<std::vector<std::string>>())};
}

struct Named {
  const char* name;
  std::optional<Interval> MetricIntervals::*interval;
  double Metrics::*figure;
};

constexpr Named kFigures[] = {
    {"accuracy", &MetricIntervals::accuracy, &Metrics::accuracy},
    {"balanced_accuracy", &MetricIntervals::balanced_accuracy, &Metrics::balanced_accuracy},
    {"macro_precision", &MetricIntervals::macro_precision, &Metrics::macro_precision},
    {"macro_recall", &MetricIntervals::macro_recall, &Metrics::macro_recall},
    {"macro_f1", &MetricIntervals::macro_f1, &Metrics::macro_f1},
    {"weighted_precision", &MetricIntervals::weighted_precision, &Metrics::weighted_precision},
    {"weighted_recall", &MetricIntervals::weighted_recall, &Metrics::weighted_recall},
    {"weighted_f1", &MetricIntervals::weighted_f1, &Metrics::weighted_f1},
    {"kappa", &MetricIntervals::kappa, &Metrics::kappa},
    {"nll", &MetricIntervals::nll, &Metrics::nll},
    {"brier", &MetricIntervals::brier, &Metrics::brier},
    {"ece", &MetricIntervals::ece, &Metrics::ece},
};

/// The figure of the samples drawn, all evaluated anew.
std::optional<Interval> evaluated_anew(const Samples& samples, const std::vector<std::string>& clusters,
                                       const std::function<double(const Metrics&)>& figure,
                                       const BootstrapOptions& options) {
  const auto statistic = [&](std::span<const std::size_t> drawn) {
    std::vector<int> labels;
    Rows rows;
    for (const std::size_t i : drawn) {
      labels.push_back(samples.labels[i]);
      rows.push_back(samples.rows[i]);
    }
    return figure(evaluate(labels, rows, samples.classes));
  };
  return bootstrap_interval(clusters, statistic, options);
}

void expect_near(const std::optional<Interval>& found, const Interval& expected, const char* what) {
  ASSERT_TRUE(found.has_value()) << what;
  EXPECT_NEAR(found->low, expected.low, kClose) << what;
  EXPECT_NEAR(found->high, expected.high, kClose) << what;
}

TEST(MetricIntervals, are_those_of_a_bootstrap_in_numpy) {
  const auto intervals = golden_samples().intervals().value();
  const auto check = [](const std::optional<Interval>& interval, const std::string& name) {
    const auto& expected = comparison_golden().at("intervals").at(name);
    const auto value = [&](const char* end) { return expected.at(end).at("value").get<double>(); };
    const auto tolerance = [&](const char* end) { return expected.at(end).at("tolerance").get<double>(); };
    ASSERT_TRUE(interval.has_value()) << name;
    EXPECT_NEAR(interval->low, value("low"), tolerance("low")) << name;
    EXPECT_NEAR(interval->high, value("high"), tolerance("high")) << name;
  };
  for (const auto& [name, interval, figure] : kFigures) check(intervals.*interval, name);
  check(intervals.per_class.front().precision, "first_class_precision");
  check(intervals.per_class.back().recall, "last_class_recall");
  EXPECT_EQ(intervals.by, "subject");
  EXPECT_EQ(intervals.clusters, 24U);
  EXPECT_EQ(intervals.resamples, 2000);
}

TEST(MetricIntervals, are_the_same_as_when_every_resample_is_evaluated_anew) {
  const Samples samples = golden_samples();
  const BootstrapOptions options{.resamples = 100, .seed = 3};
  const auto intervals = samples.intervals(options).value();
  for (const auto& [name, interval, figure] : kFigures) {
    if (std::string(name) == "ece") continue;
    const auto value = [figure = figure](const Metrics& metrics) { return metrics.*figure; };
    expect_near(intervals.*interval, evaluated_anew(samples, samples.clusters.names, value, options).value(),
                name);
  }
  const auto f1 = [](const Metrics& metrics) { return metrics.per_class[2].f1; };
  expect_near(intervals.per_class[2].f1, evaluated_anew(samples, samples.clusters.names, f1, options).value(),
              "f1 of a class");
}

TEST(MetricIntervals, of_the_calibration_error_mirror_the_percentiles_at_the_estimate) {
  const Samples samples = golden_samples();
  const double ece = evaluate(samples.labels, samples.rows, samples.classes).ece;
  const auto value = [](const Metrics& metrics) { return metrics.ece; };
  const Interval percentiles = evaluated_anew(samples, samples.clusters.names, value, {}).value();
  EXPECT_GT(percentiles.low + percentiles.high, 2 * ece);  // resamples give more than the data
  expect_near(samples.intervals()->ece,
              {std::max(0.0, 2 * ece - percentiles.high), 2 * ece - percentiles.low}, "ece");
}

TEST(MetricIntervals, draw_samples_one_by_one_where_no_cluster_is_known) {
  Samples samples = golden_samples();
  samples.clusters = clusters_by("subject", std::vector<std::string>(samples.labels.size()));
  const auto intervals = samples.intervals().value();
  EXPECT_EQ(intervals.by, "sample");
  EXPECT_EQ(intervals.clusters, samples.labels.size());
  const Metrics metrics = evaluate(samples.labels, samples.rows, samples.classes);
  EXPECT_NEAR(intervals.accuracy->low, metrics.accuracy_ci95.low, 0.02);
  EXPECT_NEAR(intervals.accuracy->high, metrics.accuracy_ci95.high, 0.02);
}

TEST(MetricIntervals, are_wider_by_subject_than_by_sample) {
  Samples samples = golden_samples();
  const Interval by_subject = samples.intervals()->accuracy.value();
  samples.clusters.names.assign(samples.labels.size(), "");
  const Interval by_sample = samples.intervals()->accuracy.value();
  EXPECT_GT(by_subject.high - by_subject.low, 1.2 * (by_sample.high - by_sample.low));
}

TEST(MetricIntervals, are_decided_by_their_seed) {
  const Samples samples = golden_samples();
  const auto nll = [&](std::uint64_t seed) {
    return samples.intervals({.resamples = 100, .seed = seed})->nll.value();
  };
  EXPECT_EQ(nll(7), nll(7));
  EXPECT_NE(nll(7), nll(8));
}

TEST(MetricIntervals, of_a_class_come_from_resamples_it_occurs_in) {
  // The only sample of class 1 is right: without it there is no recall, rather than one of 0.
  const Samples samples{.classes = 3,
                        .labels = {0, 0, 1},
                        .rows = {{1, 0, 0}, {1, 0, 0}, {0, 1, 0}},
                        .clusters = {.names = {"a", "b", "c"}}};
  const auto intervals = samples.intervals({.resamples = 200}).value();
  EXPECT_EQ(intervals.per_class[1].recall, (Interval{1, 1}));
  EXPECT_EQ(intervals.per_class[1].precision, (Interval{1, 1}));
  EXPECT_EQ(intervals.per_class[1].f1, (Interval{1, 1}));
  EXPECT_EQ(intervals.per_class[2].recall, std::nullopt);
  EXPECT_EQ(intervals.per_class[2].precision, std::nullopt);
  EXPECT_EQ(intervals.per_class[2].f1, std::nullopt);
}

TEST(MetricIntervals, do_not_exist_for_a_figure_without_value) {
  const Samples samples{
      .classes = 2, .labels = {0, 0}, .rows = {{1, 0}, {1, 0}}, .clusters = {.names = {"a", "b"}}};
  const auto intervals = samples.intervals({.resamples = 20}).value();
  EXPECT_EQ(intervals.kappa, std::nullopt);
  EXPECT_EQ(intervals.accuracy, (Interval{1, 1}));
}

TEST(MetricIntervals, want_two_clusters_and_one_for_each_sample) {
  Samples samples{
      .classes = 2, .labels = {0, 1}, .rows = {{1, 0}, {1, 0}}, .clusters = {.names = {"a", "a"}}};
  EXPECT_EQ(samples.intervals(), std::nullopt);
  samples.clusters.names.pop_back();
  EXPECT_THAT([&] { samples.intervals(); }, ThrowsMessage<Error>("1 names of clusters for 2 samples"));
  samples.rows[0][0] = 2;
  EXPECT_THAT([&] { samples.intervals(); }, ThrowsMessage<Error>(HasSubstr("sample 0: values from")));
}

TEST(MetricIntervals, cover_a_calibration_error_that_percentiles_miss) {
  // Confidence 0.05 above the share of right answers, in 200 samples.
  Rng rng(11);
  constexpr int kTrials = 200;
  const BootstrapOptions options{.resamples = 200};
  int covered = 0;
  int covered_by_percentiles = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    Samples samples{.classes = 2, .labels = {}, .rows = {}, .clusters = {}};
    for (int i = 0; i < 200; ++i) {
      const double p = rng.uniform(0.6, 1);
      samples.rows.push_back({static_cast<float>(p), static_cast<float>(1 - p)});
      samples.labels.push_back(rng.chance(p - 0.05) ? 0 : 1);
    }
    samples.clusters.names.resize(samples.labels.size());
    const auto holds = [](const Interval& interval) { return interval.low <= 0.05 && 0.05 <= interval.high; };
    const auto value = [](const Metrics& metrics) { return metrics.ece; };
    covered += holds(samples.intervals(options)->ece.value());
    covered_by_percentiles += holds(evaluated_anew(samples, samples.clusters.names, value, options).value());
  }
  EXPECT_GT(covered, kTrials * 0.8);
  EXPECT_LT(covered_by_percentiles, covered - 20);
}

TEST(Clusters, are_subjects_where_any_is_known) {
  EXPECT_EQ(clusters_by("subject", {"", "A"}).by, "subject");
  EXPECT_EQ(clusters_by("subject", {"", ""}).by, "sample");
  EXPECT_EQ(clusters_by("video", {"x", "x"}).by, "video");
}

TEST(Clusters, hold_one_sample_where_it_has_no_name) {
  const std::vector<std::string> names = {"", "", "a", "a"};
  const auto size = [](std::span<const std::size_t> drawn) { return static_cast<double>(drawn.size()); };
  EXPECT_EQ(bootstrap_interval(names, size, {.resamples = 500}), (Interval{3, 6}));
}

}  // namespace
}  // namespace fer
