#include "fer/train/optimizer.hpp"

#include <ATen/ops/allclose.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/randn.h>
#include <gmock/gmock.h>
#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
#include <torch/optim/sgd.h>
#include <torch/utils.h>

#include "fer/core/error.hpp"
#include "fer/model/backbones.hpp"
#include "fer/model/device.hpp"

namespace fer {
namespace {

std::vector<at::Tensor> parameters(std::uint64_t seed) {
  torch::manual_seed(seed);
  return {at::randn({3, 4}).set_requires_grad(true), at::randn({5}).set_requires_grad(true)};
}

void set_gradients(const std::vector<at::Tensor>& parameters, int step) {
  torch::manual_seed(static_cast<std::uint64_t>(100 + step));
  for (const at::Tensor& parameter : parameters) parameter.mutable_grad() = at::randn(parameter.sizes());
}

ParameterGroup group_of(const std::vector<at::Tensor>& tensors, double weight_decay) {
  return {.names = {"a", "b"}, .parameters = tensors, .rate_share = 1, .weight_decay = weight_decay};
}

/// Ten steps beside LibTorch's own optimiser, which works one operator at a time.
template <class Reference>
void expect_steps_of(const OptimizerConfig& config, Reference reference_of) {
  const auto own = parameters(1);
  const auto other = parameters(1);
  Optimizer optimizer({group_of(own, config.weight_decay)}, config);
  auto reference = reference_of(other);
  for (int step = 0; step < 10; ++step) {
    set_gradients(own, step);
    set_gradients(other, step);
    optimizer.step(0.01);
    reference.step();
  }
  for (std::size_t i = 0; i < own.size(); ++i) {
    EXPECT_TRUE(at::allclose(own[i], other[i], 1e-5, 1e-6)) << config.name << " " << i;
    EXPECT_FALSE(at::allclose(own[i], parameters(1)[i], 1e-3, 1e-3));
  }
}

TEST(OptimizerTest, StepsAsLibTorchDoes) {
  namespace optim = torch::optim;
  expect_steps_of({.name = "sgd", .weight_decay = 0.1, .momentum = 0.9}, [](const auto& tensors) {
    return optim::SGD(tensors, optim::SGDOptions(0.01).momentum(0.9).weight_decay(0.1));
  });
  expect_steps_of(
      {.name = "sgd", .weight_decay = 0.1, .momentum = 0.8, .nesterov = true}, [](const auto& tensors) {
        return optim::SGD(tensors, optim::SGDOptions(0.01).momentum(0.8).nesterov(true).weight_decay(0.1));
      });
  expect_steps_of({.name = "sgd", .weight_decay = 0, .momentum = 0},
                  [](const auto& tensors) { return optim::SGD(tensors, optim::SGDOptions(0.01)); });
  expect_steps_of({.name = "adam", .weight_decay = 0.1, .beta1 = 0.8, .beta2 = 0.9}, [](const auto& tensors) {
    return optim::Adam(tensors, optim::AdamOptions(0.01).betas({0.8, 0.9}).weight_decay(0.1));
  });
  expect_steps_of({.name = "adamw", .weight_decay = 0.1}, [](const auto& tensors) {
    return optim::AdamW(tensors, optim::AdamWOptions(0.01).weight_decay(0.1));
  });
}

TEST(OptimizerTest, GoesOnFromItsStateAsIfItHadNotStopped) {
  for (const char* name : {"sgd", "adam", "adamw"}) {
    const OptimizerConfig config{.name = name};
    const auto steady = parameters(2);
    Optimizer whole({group_of(steady, 1e-4)}, config);
    std::vector<at::Tensor> stopped;
    std::map<std::string, at::Tensor> saved;
    for (int step = 0; step < 6; ++step) {
      if (step == 3) {
        for (const at::Tensor& tensor : steady) {
          stopped.push_back(tensor.detach().clone().set_requires_grad(true));
        }
        for (const auto& [key, tensor] : whole.state()) saved.emplace(key, tensor.clone());
      }
      set_gradients(steady, step);
      whole.step(0.01);
    }
    Optimizer resumed({group_of(stopped, 1e-4)}, config);
    resumed.load_state(saved);
    for (int step = 3; step < 6; ++step) {
      set_gradients(stopped, step);
      resumed.step(0.01);
    }
    for (std::size_t i = 0; i < steady.size(); ++i) EXPECT_TRUE(at::equal(steady[i], stopped[i])) << name;
    saved.erase(saved.begin());
    EXPECT_THROW(resumed.load_state(saved), Error);
  }
}

TEST(OptimizerTest, ClipsTheNormOfAllGradientsTogether) {
  const auto tensors = parameters(3);
  for (const at::Tensor& tensor : tensors) tensor.mutable_grad() = at::full_like(tensor, 10.0);
  const auto before = tensors[0].detach().clone();
  Optimizer optimizer({group_of(tensors, 0)},
                      {.name = "sgd", .weight_decay = 0, .momentum = 0, .clip_norm = 1});
  optimizer.step(1);
  // 17 equal gradients of norm 1 together
  EXPECT_NEAR((before - tensors[0]).abs().max().item<double>(), 1 / std::sqrt(17.0), 1e-5);
}

TEST(OptimizerTest, StepsOnAGpuAsOnTheCpu) {
  const c10::Device gpu = select_device("auto");
  if (!gpu.is_cuda()) GTEST_SKIP() << "this machine has no CUDA device";
  for (const std::string name : {"adamw", "adam", "sgd"}) {
    const OptimizerConfig config{.name = name, .weight_decay = 0.1, .clip_norm = 0.5};
    std::vector<std::vector<at::Tensor>> weights;
    for (const c10::Device device : {c10::Device(c10::kCPU), gpu}) {
      torch::manual_seed(1);
      const at::Tensor weight = at::randn({4, 3, 5, 5}).contiguous(at::MemoryFormat::ChannelsLast);
      const std::vector<at::Tensor> tensors = {weight.to(device).set_requires_grad(true),
                                               at::randn({5}).to(device).set_requires_grad(true)};
      Optimizer optimizer({group_of(tensors, 0.1)}, config);
      for (int step = 0; step < 10; ++step) {
        optimizer.zero_grad();
        ((tensors[0] * step - 1).square().sum() + tensors[1].square().sum()).backward();
        optimizer.step(0.01);
      }
      weights.push_back({tensors[0].detach().cpu(), tensors[1].detach().cpu()});
    }
    EXPECT_TRUE(at::allclose(weights[0][0], weights[1][0], 1e-4, 1e-5)) << name;
    EXPECT_TRUE(at::allclose(weights[0][1], weights[1][1], 1e-4, 1e-5)) << name;
  }
}

TEST(OptimizerTest, ZeroGradForgetsThem) {
  const auto tensors = parameters(3);
  set_gradients(tensors, 0);
  Optimizer optimizer({group_of(tensors, 0)}, {.name = "sgd", .weight_decay = 0, .momentum = 0});
  optimizer.zero_grad();
  const auto before = tensors[0].detach().clone();
  optimizer.step(1);
  EXPECT_TRUE(at::equal(before, tensors[0]));
}

TEST(OptimizerTest, RefusesAnotherName) {
  EXPECT_THAT([] { Optimizer({}, {.name = "adagrad"}); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("'adagrad' is none of adamw, adam, sgd")));
}

TEST(ParameterGroups, DecayByBlockAndSpareNormsAndBiases) {
  const auto classifier = make_classifier({});
  set_trainable(*classifier, 17);
  std::map<std::string, std::pair<double, double>> found;
  for (const ParameterGroup& group : parameter_groups(*classifier, 0.05, 0.5)) {
    ASSERT_EQ(group.names.size(), group.parameters.size());
    for (const std::string& name : group.names) found[name] = {group.rate_share, group.weight_decay};
  }
  EXPECT_EQ(found.at("classifier.1.weight"), std::pair(1.0, 0.05));
  EXPECT_EQ(found.at("classifier.1.bias"), std::pair(1.0, 0.0));
  EXPECT_EQ(found.at("features.18.0.weight"), std::pair(0.5, 0.05));
  EXPECT_EQ(found.at("features.18.1.weight"), std::pair(0.5, 0.0));
  EXPECT_EQ(found.at("features.17.conv.0.0.weight"), std::pair(0.25, 0.05));
  EXPECT_FALSE(found.contains("features.16.conv.0.0.weight"));
  set_trainable(*classifier, 0);
  EXPECT_EQ(parameter_groups(*classifier, 0.05, 1).size(), 2U);
}

}  // namespace
}  // namespace fer
