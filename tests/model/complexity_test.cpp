#include "fer/model/complexity.hpp"

#include <ATen/ops/equal.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <gtest/gtest.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>

#include "fer/model/backbones.hpp"

namespace fer::test {
namespace {

namespace nn = torch::nn;

/// One of each: a strided convolution in groups, attention over what it gives, a linear layer.
class Small final : public Classifier {
 public:
  Small() {
    register_module("conv", conv_);
    register_module("linear", linear_);
  }

  int block_count() const override { return 1; }

  at::Tensor forward_blocks(const at::Tensor& x, int first, int last) override {
    if (first == last) return x;
    const at::Tensor tokens = conv_->forward(x).flatten(2).transpose(1, 2).unsqueeze(1);
    if (fused) return at::scaled_dot_product_attention(tokens, tokens, tokens).mean({1, 2});
    return tokens.matmul(tokens.transpose(-2, -1)).softmax(-1).matmul(tokens).mean({1, 2});
  }

  at::Tensor forward_head(const at::Tensor& features) override { return linear_->forward(features); }

  int block_of(std::string_view name) const override { return name.starts_with("conv") ? 0 : 1; }

  LayerList layers() const override { return {}; }

  bool fused = false;

 private:
  nn::Conv2d conv_{nn::Conv2dOptions(3, 6, 3).stride(2).padding(1).groups(3)};
  nn::Linear linear_{6, 4};
};

TEST(ComplexityTest, CountsConvolutionsLinearLayersAndAttention) {
  const auto small = std::make_shared<Small>();
  const Complexity found = complexity(*small, 9);
  EXPECT_EQ(found.parameters, 6 * 9 + 6 + 6 * 4 + 4);
  constexpr std::int64_t kTokens = 5 * 5;  // (9 + 2 - 3) / 2 + 1 each way
  EXPECT_EQ(found.macs, kTokens * 6 * 9 + 2 * kTokens * kTokens * 6 + 6 * 4);
  small->fused = true;
  EXPECT_EQ(complexity(*small, 9).macs, found.macs);
}

TEST(ComplexityTest, ReproducesThePublishedFiguresOfMobileNetV2) {
  const auto classifier = make_classifier({.classes = 1000});
  const Complexity found = complexity(*classifier, 224);
  EXPECT_EQ(found.parameters, 3'504'872);
  EXPECT_NEAR(static_cast<double>(found.macs), 0.301e9, 0.0005e9);
}

TEST(ComplexityTest, LeavesTheClassifierAsItWas) {
  const auto classifier = make_classifier({});
  set_trainable(*classifier, 17);
  const TensorMap before = weights_of(*classifier);
  complexity(*classifier, 32);
  for (const auto& [name, tensor] : weights_of(*classifier))
    EXPECT_TRUE(at::equal(tensor, before.at(name))) << name;
  for (const auto& item : classifier->named_modules("", false))
    EXPECT_EQ(item.value()->is_training(), classifier->block_of(item.key()) >= 17) << item.key();
}

}  // namespace
}  // namespace fer::test
