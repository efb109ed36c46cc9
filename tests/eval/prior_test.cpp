#include "fer/eval/prior.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "fer/core/error.hpp"
#include "fer/core/random.hpp"
#include "support/golden.hpp"

namespace fer {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::Pointwise;

const std::vector<double> kUniform = {0.25, 0.25, 0.25, 0.25};

/// Probabilities, exact for `trained`, of samples drawn with `shares`: each class is a Gaussian of its own.
std::vector<float> shifted_rows(const std::vector<double>& trained, const std::vector<double>& shares,
                                int samples, std::uint64_t seed = 1) {
  Rng rng(seed);
  const double signal = 1.5;
  std::vector<float> rows;
  for (int i = 0; i < samples; ++i) {
    double left = rng.uniform();
    std::size_t label = 0;
    while (label + 1 < shares.size() && (left -= shares[label]) > 0) ++label;
    std::vector<double> row;
    for (std::size_t k = 0; k < trained.size(); ++k)
      row.push_back(trained[k] * std::exp(signal * (rng.normal() + (k == label ? signal : 0))));
    const double sum = std::accumulate(row.begin(), row.end(), 0.0);
    for (const double p : row) rows.push_back(static_cast<float>(p / sum));
  }
  return rows;
}

double sum_of(const std::vector<float>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

TEST(WithPrior, IsBayesRule) {
  const std::vector<float> row = {0.6F, 0.3F, 0.1F};
  const std::vector<double> trained = {0.6, 0.3, 0.1};
  const std::vector<double> wanted = {0.2, 0.2, 0.6};
  EXPECT_THAT(with_prior(row, trained, trained), Pointwise(FloatNear(1e-6F), row));
  EXPECT_THAT(with_prior(row, trained, wanted),
              ElementsAre(FloatNear(0.2F, 1e-6F), FloatNear(0.2F, 1e-6F), FloatNear(0.6F, 1e-6F)));
  EXPECT_THAT(with_prior(with_prior(row, trained, wanted), wanted, trained),
              Pointwise(FloatNear(1e-6F), row));
}

TEST(WithPrior, LeavesOutWhatTheTrainingNeverSaw) {
  const std::vector<float> row = {0.5F, 0.3F, 0.2F};
  EXPECT_THAT(with_prior(row, std::vector{0.5, 0.5, 0.0}, std::vector{0.2, 0.4, 0.4}),
              ElementsAre(FloatNear(5.0F / 11, 1e-6F), FloatNear(6.0F / 11, 1e-6F), 0));
  EXPECT_EQ(with_prior(row, std::vector{0.5, 0.5, 0.0}, std::vector{0.0, 0.0, 1.0}), row);
}

TEST(WithPrior, RefusesListsThatDoNotMatch) {
  const std::vector<float> row = {0.5F, 0.5F};
  EXPECT_THROW(with_prior(row, {}, std::vector{0.5, 0.5}), Error);
  EXPECT_THROW(with_prior(row, std::vector{0.5, 0.5}, kUniform), Error);
}

TEST(EstimatePrior, EqualsQuapy) {
  for (const auto& one : golden_json("prior.json", "cases")) {
    SCOPED_TRACE(one.at("name"));
    const auto rows = one.at("rows").get<std::vector<float>>();
    const auto trained = one.at("trained").get<std::vector<double>>();
    const auto expected = one.at("prior").get<std::vector<double>>();
    const auto prior = estimate_prior(rows, trained, 0);
    EXPECT_THAT(prior, Pointwise(DoubleNear(2e-4), expected));
    const auto corrected = one.at("corrected").get<std::vector<std::vector<float>>>();
    for (std::size_t i = 0; i < corrected.size(); ++i) {
      const auto row = std::span(rows).subspan(i * trained.size(), trained.size());
      EXPECT_THAT(with_prior(row, trained, expected), Pointwise(FloatNear(1e-5F), corrected[i]));
    }
  }
}

TEST(EstimatePrior, FindsTheSharesTheSamplesWereDrawnWith) {
  const std::vector<double> trained = {0.4, 0.3, 0.2, 0.1};
  for (const std::vector<double>& shares :
       {std::vector{0.1, 0.1, 0.2, 0.6}, std::vector{0.7, 0.1, 0.1, 0.1}, trained}) {
    const auto rows = shifted_rows(trained, shares, 20000);
    EXPECT_THAT(estimate_prior(rows, trained), Pointwise(DoubleNear(0.02), shares));
  }
}

TEST(EstimatePrior, OnFewSamplesErrsLessWithPseudoRowsThanWithout) {
  Rng rng(7);
  double held = 0;
  double free = 0;
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<double> shares;  // even over all there can be
    for (int k = 0; k < 4; ++k) shares.push_back(-std::log(1 - rng.uniform()));
    const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
    for (double& share : shares) share /= sum;
    const auto rows = shifted_rows(kUniform, shares, 10, rng.next());
    const auto with = estimate_prior(rows, kUniform);
    const auto without = estimate_prior(rows, kUniform, 0);
    for (std::size_t k = 0; k < shares.size(); ++k) {
      held += std::abs(with[k] - shares[k]);
      free += std::abs(without[k] - shares[k]);
    }
  }
  EXPECT_LT(held, 0.9 * free);
}

TEST(EstimatePrior, DoesNotTakeAFewFramesThatLeanToAClassForThatClassAlone) {
  std::vector<float> little;
  for (int i = 0; i < 10; ++i) little.insert(little.end(), {0.35F, 0.25F, 0.2F, 0.2F});
  EXPECT_GT(estimate_prior(little, kUniform, 0)[0], 0.99);
  EXPECT_LT(estimate_prior(little, kUniform)[0], 0.5);
}

TEST(EstimatePrior, IsThatOfTheTrainingWithoutSamplesAndForClassesNeverSeen) {
  EXPECT_EQ(estimate_prior({}, kUniform), kUniform);
  const std::vector<float> rows = {0.1F, 0.1F, 0.8F, 0, 0, 1};
  const auto prior = estimate_prior(rows, std::vector{0.5, 0.5, 0.0});
  EXPECT_THAT(prior, ElementsAre(DoubleNear(0.5, 1e-9), DoubleNear(0.5, 1e-9), 0));
}

TEST(EstimatePrior, SumsToOneAndSoDoesWhatIsMadeOfIt) {
  Rng rng(4);
  for (int trial = 0; trial < 50; ++trial) {
    const auto rows = shifted_rows({0.97, 0.01, 0.01, 0.01}, {0, 0, rng.uniform(), 1}, 1 + trial, rng.next());
    const std::vector<double> trained = {0.97, 0.01, 0.01, 0.01};
    const auto prior = estimate_prior(rows, trained);
    EXPECT_NEAR(std::accumulate(prior.begin(), prior.end(), 0.0), 1, 1e-9);
    EXPECT_NEAR(sum_of(with_prior(std::span(rows).first(4), trained, prior)), 1, 1e-6);
  }
}

TEST(EstimatePrior, RefusesRowsThatAreNotWholeOrNotFinite) {
  const std::vector<float> rows = {0.5F, 0.5F, 0, 0, 1};
  EXPECT_THROW(estimate_prior(rows, kUniform), Error);
  const std::vector<float> endless = {0, 0, std::numeric_limits<float>::infinity(), 1};
  EXPECT_THROW(estimate_prior(endless, kUniform), Error);
}

}  // namespace
}  // namespace fer
