#include "fer/eval/interval.hpp"

#include <gmock/gmock.h>

#include <limits>
#include <vector>

#include "fer/core/error.hpp"
#include "fer/core/random.hpp"

namespace fer {
namespace {

TEST(Wilson, gives_the_published_figures) {
  // Newcombe 1998, table I: 81/263, 15/148, 0/20, 1/29.
  const auto check = [](std::int64_t successes, std::int64_t trials, Interval expected) {
    const Interval interval = wilson_interval(successes, trials);
    EXPECT_NEAR(interval.low, expected.low, 5e-5) << successes << "/" << trials;
    EXPECT_NEAR(interval.high, expected.high, 5e-5) << successes << "/" << trials;
  };
  check(81, 263, {0.2553, 0.3662});
  check(15, 148, {0.0624, 0.1605});
  check(0, 20, {0.0, 0.1611});
  check(1, 29, {0.0061, 0.1718});
}

TEST(Wilson, reaches_the_end_exactly_for_none_and_for_all) {
  EXPECT_EQ(wilson_interval(0, 7).low, 0);
  EXPECT_EQ(wilson_interval(7, 7).high, 1);
}

TEST(Wilson, refuses_counts_that_make_no_share) {
  EXPECT_THROW(wilson_interval(0, 0), Error);
  EXPECT_THROW(wilson_interval(-1, 5), Error);
  EXPECT_THROW(wilson_interval(6, 5), Error);
}

/// Values whose mean lies at 0, in clusters of `size` that share most of their value.
struct ClusteredValues {
  std::vector<double> values;
  std::vector<std::string> clusters;

  ClusteredValues(Rng& rng, int clusters_wanted, int size) {
    for (int cluster = 0; cluster < clusters_wanted; ++cluster) {
      const double shared = rng.normal();
      for (int i = 0; i < size; ++i) {
        values.push_back(shared + 0.1 * rng.normal());
        clusters.push_back(std::to_string(cluster));
      }
    }
  }

  double mean(std::span<const std::size_t> samples) const {
    double sum = 0;
    for (const std::size_t i : samples) sum += values[i];
    return sum / static_cast<double>(samples.size());
  }

  Interval interval(const BootstrapOptions& options) const {
    return bootstrap_interval(
               clusters, [this](auto samples) { return mean(samples); }, options)
        .value();
  }
};

TEST(Bootstrap, is_decided_by_its_seed) {
  Rng rng(1);
  const ClusteredValues data(rng, 12, 5);
  EXPECT_EQ(data.interval({.resamples = 200, .seed = 7}), data.interval({.resamples = 200, .seed = 7}));
  EXPECT_NE(data.interval({.resamples = 200, .seed = 7}), data.interval({.resamples = 200, .seed = 8}));
}

TEST(Bootstrap, covers_the_truth_about_as_often_as_it_says) {
  Rng rng(2);
  int covered = 0;
  constexpr int kTrials = 300;
  for (int trial = 0; trial < kTrials; ++trial) {
    const ClusteredValues data(rng, 30, 6);
    const auto [low, high] = data.interval({.resamples = 300, .seed = static_cast<std::uint64_t>(trial)});
    covered += low <= 0 && 0 <= high;
  }
  // 95 % less the known deficit at 30 clusters; samples taken one by one would cover about 60 %.
  EXPECT_GT(covered, kTrials * 0.88);
  EXPECT_LT(covered, kTrials * 0.99);
}

TEST(Bootstrap, keeps_clusters_whole) {
  const std::vector<std::string> clusters = {"a", "b", "a", "c"};
  const auto statistic = [](std::span<const std::size_t> samples) {
    int first = 0;
    int third = 0;
    for (const std::size_t i : samples) {
      first += i == 0;
      third += i == 2;
    }
    EXPECT_EQ(first, third);
    return static_cast<double>(samples.size());
  };
  const auto interval = bootstrap_interval(clusters, statistic, {.resamples = 500});
  EXPECT_EQ(interval, (Interval{3, 6}));  // three clusters of one to three of "a" with two samples each
}

TEST(Bootstrap, says_nothing_without_spread_or_without_a_value) {
  const std::vector<std::string> one = {"a", "a"};
  const std::vector<std::string> two = {"a", "b"};
  const auto zero = [](std::span<const std::size_t>) { return 0.0; };
  const auto never = [](std::span<const std::size_t>) { return std::numeric_limits<double>::quiet_NaN(); };
  EXPECT_EQ(bootstrap_interval(one, zero), std::nullopt);
  EXPECT_EQ(bootstrap_interval(two, never), std::nullopt);
  EXPECT_EQ(bootstrap_interval(two, zero), (Interval{0, 0}));
}

TEST(Bootstrap, leaves_out_resamples_without_a_value) {
  const std::vector<std::string> clusters = {"a", "b"};
  const auto only_mixed = [](std::span<const std::size_t> samples) {
    return samples[0] == samples[1] ? std::numeric_limits<double>::infinity() : 3.0;
  };
  EXPECT_EQ(bootstrap_interval(clusters, only_mixed), (Interval{3, 3}));
}

}  // namespace
}  // namespace fer
