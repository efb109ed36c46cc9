#include "mobilenet_v2.hpp"

#include <torch/nn/init.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/linear.h>

#include <array>

#include "conv_norm.hpp"
#include "fer/core/text.hpp"

namespace fer {
namespace {

namespace nn = torch::nn;

/// A Sequential that can stand inside another one, which LibTorch's own cannot.
class StackImpl : public nn::SequentialImpl {
 public:
  using nn::SequentialImpl::SequentialImpl;
  at::Tensor forward(const at::Tensor& x) { return nn::SequentialImpl::forward(x); }
};
TORCH_MODULE(Stack);

/// Convolution, batch normalisation, ReLU6.
class ConvNormRelu6Impl : public nn::Module, public Foldable {
 public:
  explicit ConvNormRelu6Impl(const ConvSpec& spec) : layer_(spec) {
    register_module("0", layer_.conv());
    register_module("1", layer_.norm());
  }

  at::Tensor forward(const at::Tensor& x) { return layer_.forward(x); }

  void fold() override { layer_.fold(); }

 private:
  ConvNorm layer_;
};
TORCH_MODULE(ConvNormRelu6);

/// Expand (1x1), filter per channel (3x3), project (1x1); with a shortcut where input and output agree.
class InvertedResidualImpl : public nn::Module, public Foldable {
 public:
  InvertedResidualImpl(int in, int out, int stride, int expansion)
      : shortcut_(stride == 1 && in == out), project_({.in = in * expansion, .out = out, .relu6 = false}) {
    const int hidden = in * expansion;
    const auto parts = register_module("conv", std::make_shared<nn::Module>());
    const auto add = [&](const auto& part) {
      parts->register_module(std::to_string(parts->children().size()), part);
    };
    if (expansion != 1) expand_ = ConvNormRelu6(ConvSpec{.in = in, .out = hidden});
    if (expansion != 1) add(expand_);
    add(filter_ = ConvNormRelu6(
            ConvSpec{.in = hidden, .out = hidden, .kernel = 3, .stride = stride, .groups = hidden}));
    add(project_.conv());
    add(project_.norm());
  }

  at::Tensor forward(const at::Tensor& x) {
    const at::Tensor expanded = expand_.is_empty() ? x : expand_->forward(x);
    const at::Tensor y = project_.forward(filter_->forward(expanded));
    return shortcut_ ? x + y : y;
  }

  void fold() override { project_.fold(); }

 private:
  bool shortcut_;
  ConvNormRelu6 expand_ = nullptr;  // none where expansion is 1
  ConvNormRelu6 filter_ = nullptr;
  ConvNorm project_;
};
TORCH_MODULE(InvertedResidual);

struct BlockRow {
  int expansion;
  int channels;
  int repeats;
  int stride;
};

constexpr std::array<BlockRow, 7> kBlocks = {{{1, 16, 1, 1},
                                              {6, 24, 2, 2},
                                              {6, 32, 3, 2},
                                              {6, 64, 4, 2},
                                              {6, 96, 3, 1},
                                              {6, 160, 3, 2},
                                              {6, 320, 1, 1}}};
constexpr int kStem = 32;
constexpr int kFeatures = 1280;

class MobileNetV2 final : public Classifier {
 public:
  explicit MobileNetV2(const ClassifierOptions& options) {
    int channels = kStem;
    features_->push_back(ConvNormRelu6(ConvSpec{.in = 3, .out = channels, .kernel = 3, .stride = 2}));
    for (const BlockRow& row : kBlocks) {
      for (int i = 0; i < row.repeats; ++i) {
        features_->push_back(
            InvertedResidual(channels, row.channels, i == 0 ? row.stride : 1, row.expansion));
        channels = row.channels;
      }
    }
    features_->push_back(ConvNormRelu6(ConvSpec{.in = channels, .out = kFeatures}));
    classifier_->push_back(nn::Dropout(options.dropout));
    classifier_->push_back(nn::Linear(kFeatures, options.classes));
    register_module("features", features_);
    register_module("classifier", classifier_);
    initialise();
  }

  int block_count() const override { return static_cast<int>(features_->size()); }

  at::Tensor forward_blocks(const at::Tensor& x, int first, int last) override {
    at::Tensor y = x;
    for (int i = first; i < last; ++i) y = (features_->begin() + i)->forward<at::Tensor>(y);
    return first < last && last == block_count() ? y.mean({2, 3}) : y;
  }

  at::Tensor forward_head(const at::Tensor& features) override { return classifier_->forward(features); }

  int block_of(std::string_view name) const override {
    constexpr std::string_view kPrefix = "features.";
    if (!name.starts_with(kPrefix)) return block_count();
    name.remove_prefix(kPrefix.size());
    return static_cast<int>(parse_integer(name.substr(0, name.find('.'))).value_or(block_count()));
  }

 private:
  void initialise() {
    const torch::NoGradGuard no_grad;
    for (const auto& module : modules(/*include_self=*/false)) {
      if (auto* convolution = module->as<nn::Conv2d>()) {
        nn::init::kaiming_normal_(convolution->weight, 0, torch::kFanOut, torch::kReLU);
      } else if (auto* linear = module->as<nn::Linear>()) {
        nn::init::normal_(linear->weight, 0, 0.01);
        nn::init::zeros_(linear->bias);
      }
    }
  }

  Stack features_;
  Stack classifier_;
};

}  // namespace

std::shared_ptr<Classifier> make_mobilenet_v2(const ClassifierOptions& options) {
  return std::make_shared<MobileNetV2>(options);
}

}  // namespace fer
