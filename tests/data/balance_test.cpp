#include "fer/data/balance.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "fer/data/batch_order.hpp"
#include "support/error_text.hpp"

namespace fer {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;

/// 60 happy and 20 sad faces from the lab, of whom the sad are mostly Asian, and 8 happy and 12 sad from the
/// wild, of whom nothing is known.
Dataset faces() {
  Dataset dataset;
  const auto add = [&](int count, int label, const std::string& source, const std::string& ethnicity) {
    for (int i = 0; i < count; ++i) {
      Sample& sample = dataset.samples.emplace_back();
      sample.label = label;
      sample.source = source;
      if (!ethnicity.empty()) sample.attributes["ethnicity"] = ethnicity;
    }
  };
  dataset.classes = ClassList({"happy", "sad"});
  add(55, 0, "lab", "white");
  add(5, 0, "lab", "asian");
  add(4, 1, "lab", "white");
  add(16, 1, "lab", "asian");
  add(8, 0, "wild", "");
  add(12, 1, "wild", "");
  return dataset;
}

std::vector<std::size_t> all_of(const Dataset& dataset) {
  std::vector<std::size_t> all(dataset.samples.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

std::vector<double> weights(const BalanceOptions& options) {
  return sampling_weights(faces(), all_of(faces()), options);
}

/// The share of the draws of an epoch that falls on each combination of label, source and ethnicity.
std::map<std::string, double> shares(const std::vector<double>& weights) {
  const Dataset dataset = faces();
  std::map<std::string, double> shares;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const Sample& sample = dataset.samples[i];
    const auto known = sample.attributes.find("ethnicity");
    const std::string ethnicity = known == sample.attributes.end() ? "?" : known->second;
    shares[fmt::format("{} {} {}", dataset.classes.name(sample.label), sample.source, ethnicity)] +=
        weights[i] / 100;
  }
  return shares;
}

TEST(SamplingWeightsTest, WithNothingToBalanceEveryImageComesOnce) {
  EXPECT_THAT(weights({}), IsEmpty());
  EXPECT_THAT(weights({.source_weights = {{"lab", 3}, {"wild", 3}}}), IsEmpty());
}

TEST(SamplingWeightsTest, EveryCombinationThatOccursHasTheSameShare) {
  const auto of = shares(weights({.attributes = {"label", "source", "ethnicity"}}));
  EXPECT_EQ(of.size(), 6U);
  for (const auto& [combination, share] : of) EXPECT_NEAR(share, 1.0 / 6, 1e-12) << combination;
}

TEST(SamplingWeightsTest, ByLabelAloneIsWhatBalancedClassesAre) {
  const std::vector<double> by_label = weights({.attributes = {"label"}});
  EXPECT_NEAR(by_label.front(), 100.0 / (2 * 68), 1e-12);
  EXPECT_NEAR(by_label.back(), 100.0 / (2 * 32), 1e-12);
  EXPECT_NEAR(std::accumulate(by_label.begin(), by_label.end(), 0.0) / 100, 1, 1e-12);
}

TEST(SamplingWeightsTest, TheWeightOfASourceMultiplies) {
  const auto alone = weights({.source_weights = {{"wild", 4}}});
  EXPECT_NEAR(alone.back() / alone.front(), 4, 1e-12);
  const auto of = shares(weights({.attributes = {"source"}, .source_weights = {{"wild", 3}}}));
  double wild = 0;
  for (const auto& [combination, share] : of)
    if (combination.find("wild") != std::string::npos) wild += share;
  EXPECT_NEAR(wild, 0.75, 1e-12);
}

TEST(SamplingWeightsTest, OnlyTheSamplesThatAreDrawnFromCount) {
  const std::vector<std::size_t> few = {0, 1, 2, 60};  // three happy and a sad one
  const auto drawn = sampling_weights(faces(), few, {.attributes = {"label"}});
  EXPECT_THAT(std::vector(drawn.begin(), drawn.begin() + 3), Each(testing::DoubleNear(2.0 / 3, 1e-12)));
  EXPECT_NEAR(drawn[3], 2, 1e-12);
}

TEST(SamplingWeightsTest, AnEpochDrawsThemInTheirShares) {
  const std::vector<double> by_all = weights({.attributes = {"label", "ethnicity"}});
  const BatchOrder order(by_all.size(), {.batch_size = 10, .shuffle = true, .seed = 7, .weights = by_all});
  std::map<std::string, double> drawn;
  constexpr int kEpochs = 400;
  const Dataset dataset = faces();
  for (std::size_t epoch = 1; epoch <= kEpochs; ++epoch) {
    for (const std::size_t i : order.of_epoch(epoch)) {
      const auto& attributes = dataset.samples[i].attributes;
      drawn[fmt::format("{}{}", dataset.samples[i].label,
                        attributes.empty() ? "" : attributes.at("ethnicity"))] += 1.0 / (100 * kEpochs);
    }
  }
  EXPECT_EQ(drawn.size(), 6U);
  for (const auto& [combination, share] : drawn) EXPECT_NEAR(share, 1.0 / 6, 0.01) << combination;
  EXPECT_EQ(order.of_epoch(3), order.of_epoch(3));
}

TEST(SamplingWeightsTest, AnAttributeNoSampleHasIsAUsageError) {
  EXPECT_EQ(
      test::error_text(ErrorKind::usage,
                       [] {
                         return weights({.attributes = {"label", "ethnicty"}});
                       }),
      "train.balance: no sample has an attribute 'ethnicty', did you mean 'ethnicity'? (known: ethnicity, "
      "source)");
}

TEST(BalanceTextTest, SaysWhatIsRepeatedMost) {
  const Dataset dataset = faces();
  EXPECT_EQ(balance_text(dataset, all_of(dataset), {.attributes = {"label", "ethnicity"}}),
            "drawn evenly over 6 combinations of label and ethnicity; images of sad, white (4) come most "
            "often, 4.17 "
            "times an epoch");
  EXPECT_EQ(balance_text(dataset, all_of(dataset), {}), "every image once an epoch");
  EXPECT_THAT(balance_text(dataset, all_of(dataset), {.attributes = {"ethnicity"}}),
              HasSubstr("images of unknown (20) come most often"));
}

}  // namespace
}  // namespace fer
