#include "norm_relu6.hpp"

#include <ATen/ops/allclose.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/hardtanh.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/randn_like.h>
#include <ATen/ops/zeros_like.h>
#include <gtest/gtest.h>
#include <torch/utils.h>

#include <barrier>
#include <mutex>
#include <thread>

#include "depthwise_conv.hpp"
#include "fer/model/precision.hpp"

namespace fer {
namespace {

struct Case {
  std::int64_t n, channels, height, width;
  bool relu6;
};

at::Tensor input(const Case& c) {
  torch::manual_seed(11);
  // Far from 0 and wide, so that both ends of the clamp and the variance's digits matter.
  const at::Tensor x = at::randn({c.n, c.channels, c.height, c.width}) * 5 + 40;
  return x.contiguous(at::MemoryFormat::ChannelsLast);
}

BatchNorm norm(std::int64_t channels) {
  torch::manual_seed(12);
  BatchNorm made(channels);
  const at::NoGradGuard no_grad;
  made->weight.copy_(at::randn({channels}) * 2);
  made->bias.copy_(at::randn({channels}) + 2);
  return made;
}

/// LibTorch's operators in double.
at::Tensor reference(BatchNorm& norm, const at::Tensor& x, bool relu6) {
  norm->to(at::kDouble);
  const at::Tensor y = norm->forward(x);
  return relu6 ? at::hardtanh(y, 0, 6) : y;
}

void expect_close(const at::Tensor& own, const at::Tensor& expected, double relative, double absolute,
                  const char* what) {
  EXPECT_TRUE(at::allclose(own.to(at::kDouble), expected, relative, absolute))
      << what << " " << (own.to(at::kDouble) - expected).abs().max().item<double>();
}

TEST(NormRelu6, GivesWhatTheOperatorsGiveOnTheWayThereAndBack) {
  for (const Case& c : {Case{2, 16, 9, 7, true},
                        {3, 1280, 2, 2, true},
                        {2, 24, 33, 31, false},
                        {1, 7, 3, 3, true},
                        {4, 600, 5, 5, false},
                        {2, 3, 1, 1, true}}) {
    const at::Tensor x = input(c).set_requires_grad(true);
    const at::Tensor x_double = x.detach().to(at::kDouble).set_requires_grad(true);
    auto own = norm(c.channels);
    auto expected = norm(c.channels);
    const at::Tensor y = norm_relu6(*own, x, c.relu6);
    const at::Tensor y_double = reference(expected, x_double, c.relu6);
    EXPECT_TRUE(y.is_contiguous(at::MemoryFormat::ChannelsLast));
    expect_close(y, y_double, 1e-4, 1e-4, "y");
    const at::Tensor gradient = at::randn(y.sizes());
    y.backward(gradient);
    y_double.backward(gradient.to(at::kDouble));
    expect_close(x.grad(), x_double.grad(), 1e-3, 1e-3, "gradient of x");
    expect_close(own->weight.grad(), expected->weight.grad(), 1e-3, 1e-3, "gradient of the weight");
    expect_close(own->bias.grad(), expected->bias.grad(), 1e-3, 1e-3, "gradient of the bias");
    expect_close(own->running_mean, expected->running_mean, 1e-5, 1e-5, "running mean");
    expect_close(own->running_var, expected->running_var, 1e-4, 1e-4, "running variance");
    EXPECT_EQ(own->num_batches_tracked.item<std::int64_t>(), 1);
  }
}

TEST(NormRelu6, Bfloat16IsRoundedToNearest) {
  const Case c{4, 40, 8, 8, true};
  const at::Tensor x = input(c).to(at::kBFloat16).set_requires_grad(true);
  const at::Tensor x_double = x.detach().to(at::kDouble).set_requires_grad(true);
  auto own = norm(c.channels);
  auto expected = norm(c.channels);
  const at::Tensor y = norm_relu6(*own, x, true);
  EXPECT_EQ(y.scalar_type(), at::kBFloat16);
  const at::Tensor y_double = reference(expected, x_double, true);
  // Half a unit in the last of 8 binary places is 1/256 at most; a little more for float arithmetic.
  expect_close(y, y_double, 1.01 / 256, 1e-4, "y");
  EXPECT_NEAR((y.to(at::kDouble) - y_double).mean().item<double>(), 0, 2e-4);
  const at::Tensor gradient = at::randn(y.sizes()).to(at::kBFloat16);
  y.backward(gradient);
  y_double.backward(gradient.to(at::kDouble));
  expect_close(x.grad(), x_double.grad(), 0.01, 0.01, "gradient of x");
  expect_close(own->weight.grad(), expected->weight.grad(), 0.01, 0.01, "gradient of the weight");
}

TEST(NormRelu6, IsTheOperatorsInEvaluationAndWithoutGradients) {
  const Case c{2, 8, 4, 4, true};
  auto own = norm(c.channels);
  auto expected = norm(c.channels);
  own->eval();
  expected->eval();
  const at::Tensor x = input(c);
  expect_close(norm_relu6(*own, x, true), reference(expected, x.to(at::kDouble), true), 1e-4, 1e-4, "y");
  EXPECT_EQ(own->num_batches_tracked.item<std::int64_t>(), 0);
}

TEST(NormRelu6, WhatIsNoNumberStaysNone) {
  auto own = norm(3);
  at::Tensor x = input({2, 3, 4, 4, false});
  x[0][1][2][2] = std::numeric_limits<float>::quiet_NaN();
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    const at::Tensor y = norm_relu6(*own, x.to(type).set_requires_grad(true), false);
    EXPECT_TRUE(y.select(1, 1).isnan().any().item<bool>());
    EXPECT_FALSE(y.select(1, 0).isnan().any().item<bool>());
  }
}

/// Adds up what as many threads hand in, as processes would.
class Adder {
 public:
  explicit Adder(int threads) : all_here_(threads) {}

  void add_up(at::Tensor& tensor) {
    {
      const std::lock_guard lock(mutex_);
      sum_ = sum_.defined() ? sum_ + tensor : tensor.clone();
    }
    all_here_.arrive_and_wait();
    const at::Tensor sum = sum_;
    all_here_.arrive_and_wait();
    tensor.copy_(sum);
    const std::lock_guard lock(mutex_);
    if (sum_.is_same(sum)) sum_ = at::Tensor();
  }

 private:
  std::barrier<> all_here_;
  std::mutex mutex_;
  at::Tensor sum_;
};

struct Learned {
  at::Tensor y, x_gradient, weight_gradient, running_mean, running_var;
};

Learned learn_from(BatchNorm own, const at::Tensor& batch, const at::Tensor& gradient, bool relu6,
                   const SumFn& sum) {
  if (sum) own->shared_sum = c10::make_intrusive<SharedSum>(sum);
  const at::Tensor x = batch.clone().set_requires_grad(true);
  const at::Tensor y = norm_relu6(*own, x, relu6);
  y.backward(gradient);
  return {.y = y.detach(),
          .x_gradient = x.grad(),
          .weight_gradient = own->weight.grad(),
          .running_mean = own->running_mean,
          .running_var = own->running_var};
}

/// The first two take 3 samples and 1; the third takes one of them as well, which must not count.
void expect_shared_as_whole(const at::Tensor& x, bool relu6) {
  const at::Tensor gradient = at::randn_like(x);
  const Learned whole = learn_from(norm(x.size(1)), x, gradient, relu6, {});
  Adder adder(3);
  std::vector<Learned> parts(3);
  std::vector<BatchNorm> norms;  // made here, for threads draw from one generator
  for (int i = 0; i < 3; ++i) norms.push_back(norm(x.size(1)));
  const auto take_part = [&](std::size_t rank, std::int64_t begin, std::int64_t end, bool counts) {
    const at::Tensor own_gradient = counts ? gradient.slice(0, begin, end) : at::zeros_like(x.slice(0, 0, 1));
    parts[rank] =
        learn_from(norms[rank], x.slice(0, begin, end), own_gradient, relu6, [&](at::Tensor& tensor) {
          if (!counts) tensor.zero_();
          adder.add_up(tensor);
          return counts;
        });
  };
  {
    std::vector<std::jthread> threads;
    threads.emplace_back(take_part, 0, 0, 3, true);
    threads.emplace_back(take_part, 1, 3, 4, true);
    threads.emplace_back(take_part, 2, 0, 1, false);
  }
  const auto joined = [&](at::Tensor Learned::*member) {
    return at::cat({parts[0].*member, parts[1].*member}).to(at::kDouble);
  };
  expect_close(whole.y, joined(&Learned::y), 1e-5, 1e-4, "y");
  expect_close(whole.x_gradient, joined(&Learned::x_gradient), 1e-4, 1e-4, "gradient of x");
  const at::Tensor weight = parts[0].weight_gradient + parts[1].weight_gradient + parts[2].weight_gradient;
  expect_close(whole.weight_gradient, weight.to(at::kDouble), 1e-4, 1e-3, "gradient of the weight");
  EXPECT_EQ(parts[2].x_gradient.count_nonzero().item<std::int64_t>(), 0);
  for (const Learned& part : parts) {
    expect_close(whole.running_mean, part.running_mean.to(at::kDouble), 1e-6, 1e-6, "running mean");
    expect_close(whole.running_var, part.running_var.to(at::kDouble), 1e-5, 1e-5, "running variance");
  }
}

TEST(NormRelu6, SharedByProcessesItIsThatOfTheWholeBatch) {
  expect_shared_as_whole(input({4, 16, 9, 7, true}), true);
  expect_shared_as_whole(input({4, 24, 5, 5, false}), false);
}

TEST(NormRelu6, SharedByOperatorsOfAnyLayoutItIsThatOfTheWholeBatch) {
  expect_shared_as_whole(input({4, 16, 9, 7, true}).contiguous(), true);
  expect_shared_as_whole(input({4, 24, 5, 5, false}).contiguous(), false);
}

TEST(DepthwiseConv, InMixedPrecisionHasTheGradientsOfDouble) {
  torch::manual_seed(3);
  const auto options = torch::nn::Conv2dOptions(12, 12, 3).stride(2).padding(1).groups(12).bias(false);
  torch::nn::Conv2d conv(options);
  torch::nn::Conv2d expected(options);
  const at::Tensor x = at::randn({2, 12, 9, 9})
                           .to(at::kBFloat16)
                           .contiguous(at::MemoryFormat::ChannelsLast)
                           .set_requires_grad(true);
  {
    const at::NoGradGuard no_grad;
    conv->weight.copy_(conv->weight.to(at::kBFloat16));
    expected->weight.copy_(conv->weight);
    expected->to(at::kDouble);
  }
  const at::Tensor x_double = x.detach().to(at::kDouble).set_requires_grad(true);
  at::Tensor y;
  {
    const AutocastScope autocast(c10::Device(c10::kCPU), true);
    y = depthwise_conv(*conv, x);
  }
  EXPECT_EQ(y.scalar_type(), at::kBFloat16);
  const at::Tensor y_double = expected->forward(x_double);
  expect_close(y, y_double, 0.01, 0.01, "y");
  const at::Tensor gradient = at::randn(y.sizes()).to(at::kBFloat16);
  y.backward(gradient);
  y_double.backward(gradient.to(at::kDouble));
  expect_close(x.grad(), x_double.grad(), 0.01, 0.01, "gradient of x");
  expect_close(conv->weight.grad(), expected->weight.grad(), 0.02, 0.05, "gradient of the weight");
  EXPECT_EQ(conv->weight.grad().scalar_type(), at::kFloat);
}

}  // namespace
}  // namespace fer
