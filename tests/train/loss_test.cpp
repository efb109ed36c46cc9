#include "fer/train/loss.hpp"

#include <ATen/ops/log_softmax.h>
#include <ATen/ops/one_hot.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <torch/nn/functional/loss.h>
#include <torch/utils.h>

#include <array>
#include <cmath>

#include "fer/core/error.hpp"

namespace fer {
namespace {

class LossTest : public testing::Test {
 protected:
  LossTest() {
    torch::manual_seed(4);
    logits_ = at::randn({16, 5}) * 3;
    labels_ = at::randint(5, {16}, at::kLong);
    targets_ = at::one_hot(labels_, 5).to(at::kFloat);
  }

  double own(const LossConfig& config, std::span<const double> weights = {}) const {
    return Loss(config, weights)(logits_, targets_).item<double>();
  }

  at::Tensor logits_;
  at::Tensor labels_;
  at::Tensor targets_;
};

namespace F = torch::nn::functional;

TEST_F(LossTest, CrossEntropyIsPyTorchs) {
  EXPECT_NEAR(own({}), F::cross_entropy(logits_, labels_).item<double>(), 1e-6);
  EXPECT_NEAR(
      own({.label_smoothing = 0.1}),
      F::cross_entropy(logits_, labels_, F::CrossEntropyFuncOptions().label_smoothing(0.1)).item<double>(),
      1e-6);
  const std::array<double, 5> weights = {0.5, 1, 2, 0.1, 3};
  const at::Tensor tensor = at::tensor({0.5F, 1.F, 2.F, 0.1F, 3.F});
  EXPECT_NEAR(own({}, weights),
              F::cross_entropy(logits_, labels_, F::CrossEntropyFuncOptions().weight(tensor)).item<double>(),
              1e-6);
}

TEST_F(LossTest, MixedTargetsAreMeansOfTheirLosses) {
  const at::Tensor others = at::one_hot((labels_ + 1) % 5, 5).to(at::kFloat);
  const Loss loss({}, {});
  const double mixed = loss(logits_, 0.3 * targets_ + 0.7 * others).item<double>();
  EXPECT_NEAR(mixed, 0.3 * own({}) + 0.7 * loss(logits_, others).item<double>(), 1e-6);
}

TEST_F(LossTest, SoftLabelsAreTargetsAsInPyTorch) {
  const at::Tensor shares = at::softmax(at::randn({16, 5}) * 2, 1);
  const auto loss = [&](const LossConfig& config, std::span<const double> weights = {}) {
    return Loss(config, weights)(logits_, shares).item<double>();
  };
  EXPECT_NEAR(loss({}), F::cross_entropy(logits_, shares).item<double>(), 1e-6);
  EXPECT_NEAR(
      loss({.label_smoothing = 0.1}),
      F::cross_entropy(logits_, shares, F::CrossEntropyFuncOptions().label_smoothing(0.1)).item<double>(),
      1e-6);
  // With class weights, which PyTorch puts to each term: here a sample counts by the mean weight of its
  // classes.
  const std::array<double, 5> weights = {0.5, 1, 2, 0.1, 3};
  double sum = 0;
  double weight_sum = 0;
  const at::Tensor log_p = at::log_softmax(logits_, 1);
  for (int i = 0; i < 16; ++i) {
    double weight = 0;
    double own_loss = 0;
    for (int c = 0; c < 5; ++c) {
      weight += weights[static_cast<std::size_t>(c)] * shares[i][c].item<double>();
      own_loss -= shares[i][c].item<double>() * log_p[i][c].item<double>();
    }
    sum += weight * own_loss;
    weight_sum += weight;
  }
  EXPECT_NEAR(loss({}, weights), sum / weight_sum, 1e-6);
}

TEST_F(LossTest, FocalPlaysDownWhatIsRight) {
  // -(1 - p)^2 log p for p = 0.9 and 0.1
  const Loss focal({.name = "focal", .gamma = 2}, {});
  for (const double p : {0.9, 0.1}) {
    const at::Tensor two = at::tensor({std::log(p), std::log(1 - p)}).reshape({1, 2});
    const double expected = -(1 - p) * (1 - p) * std::log(p);
    EXPECT_NEAR(focal(two, at::tensor({1.F, 0.F}).reshape({1, 2})).item<double>(), expected, 1e-6) << p;
  }
  EXPECT_NEAR(own({.name = "focal", .gamma = 0}), own({}), 1e-6);
}

TEST_F(LossTest, HalfPrecisionLogitsAreSummedInFloat) {
  const Loss loss({}, {});
  EXPECT_EQ(loss(logits_.to(at::kBFloat16), targets_).scalar_type(), at::kFloat);
}

TEST_F(LossTest, RefusesAnotherName) {
  EXPECT_THAT([] { Loss({.name = "hinge"}, {}); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("'hinge' is none of cross_entropy, focal")));
}

TEST(ClassPrior, IsWhatTheTrainingSeesOfEachClass) {
  const std::vector<int> labels = {0, 0, 0, 0, 0, 0, 1, 1, 3};
  const std::vector<double> balanced = {0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1.5, 1.5, 3};
  const auto prior = [&](std::span<const double> sampling, const std::string& class_weights) {
    return class_prior({.class_weights = class_weights}, labels, sampling, 4);
  };
  const auto near = [](const std::vector<double>& expected) {
    return testing::Pointwise(testing::DoubleNear(1e-12), expected);
  };
  EXPECT_THAT(prior({}, "none"), near({6.0 / 9, 2.0 / 9, 0, 1.0 / 9}));
  EXPECT_THAT(prior(balanced, "none"), near({1.0 / 3, 1.0 / 3, 0, 1.0 / 3}));
  EXPECT_THAT(prior({}, "balanced"), near({1.0 / 3, 1.0 / 3, 0, 1.0 / 3}));
  EXPECT_THAT(prior(balanced, "balanced"), near({0.1, 0.3, 0, 0.6}));
}

TEST(ClassPrior, OfSoftLabelsIsTheirMean) {
  const std::vector<int> labels = {0, 0, 1};
  const std::vector<std::vector<float>> shares = {{1, 0}, {0.75F, 0.25F}, {0.25F, 0.75F}};
  const std::vector<double> balanced = {0.75, 0.75, 1.5};
  const auto prior = [&](std::span<const double> sampling, const std::string& class_weights) {
    return class_prior({.class_weights = class_weights}, labels, sampling, 2, shares);
  };
  const auto near = [](const std::vector<double>& expected) {
    return testing::Pointwise(testing::DoubleNear(1e-12), expected);
  };
  EXPECT_THAT(prior({}, "none"), near({2.0 / 3, 1.0 / 3}));
  // Labels occur 2 : 1, so that the weights are 0.75 and 1.5.
  EXPECT_THAT(prior(balanced, "none"), near({1.6875 / 3, 1.3125 / 3}));
  // The samples weigh 0.75, 0.9375 and 1.3125.
  EXPECT_THAT(prior({}, "balanced"), near({1.78125 / 3, 1.21875 / 3}));
}

TEST(BalancedClassWeights, AreInverseToTheShare) {
  // scikit-learn: compute_class_weight("balanced")
  const std::vector<int> labels = {0, 0, 0, 0, 0, 0, 1, 1, 3};
  EXPECT_THAT(balanced_class_weights(labels, 4), testing::ElementsAre(0.5, 1.5, 1.0, 3.0));
}

}  // namespace
}  // namespace fer
