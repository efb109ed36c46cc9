#include "vit.hpp"

#include <ATen/ops/_upsample_bicubic2d_aa.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>
#include <torch/nn/init.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>

#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "block_chain.hpp"
#include "fer/core/text.hpp"

namespace fer {
namespace {

namespace nn = torch::nn;

constexpr int kDepth = 12;
constexpr int kExpansion = 4;

nn::LayerNorm make_norm(int width) { return nn::LayerNorm(nn::LayerNormOptions({width}).eps(1e-6)); }

int append_norm(LayerList& layers, int x, const std::string& name, const nn::LayerNorm& norm) {
  return append(layers, {.kind = LayerKind::layer_norm,
                         .name = name,
                         .inputs = {x},
                         .weight = own_weight(norm->weight),
                         .bias = own_weight(norm->bias),
                         .eps = norm->options.eps()});
}

/// Every token [N,T,C] looks at every other one, in `heads` ways.
class AttentionImpl : public nn::Module {
 public:
  AttentionImpl(int width, int heads)
      : heads_(heads),
        query_key_value_(register_module("qkv", nn::Linear(width, 3 * width))),
        project_(register_module("proj", nn::Linear(width, width))) {}

  at::Tensor forward(const at::Tensor& x) {
    const at::Tensor parts = query_key_value_->forward(x).unflatten(2, {3, heads_, x.size(2) / heads_});
    const auto [query, key, value] = std::array{parts.select(2, 0), parts.select(2, 1), parts.select(2, 2)};
    const at::Tensor y =
        at::scaled_dot_product_attention(query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2));
    return project_->forward(y.transpose(1, 2).flatten(2));
  }

  /// As Block::append_to().
  int append_to(LayerList& layers, int x, const std::string& name) const {
    const int parts = append_linear(layers, x, name + ".qkv", *query_key_value_);
    const int seen = append(layers, {.kind = LayerKind::attention,
                                     .name = name + ".attend",
                                     .inputs = {parts},
                                     .heads = static_cast<int>(heads_)});
    return append_linear(layers, seen, name + ".proj", *project_);
  }

 private:
  std::int64_t heads_;
  nn::Linear query_key_value_;
  nn::Linear project_;
};
TORCH_MODULE(Attention);

/// Attention between tokens, then two layers on each token for itself, both normalised before and added on.
class EncoderBlockImpl : public nn::Module {
 public:
  explicit EncoderBlockImpl(const VitSpec& spec)
      : norm1_(register_module("norm1", make_norm(spec.width))),
        attention_(register_module("attn", Attention(spec.width, spec.heads))),
        norm2_(register_module("norm2", make_norm(spec.width))),
        widen_(spec.width, kExpansion * spec.width),
        narrow_(kExpansion * spec.width, spec.width) {
    const auto layers = register_module("mlp", std::make_shared<nn::Module>());
    layers->register_module("fc1", widen_);
    layers->register_module("fc2", narrow_);
  }

  /// As Block::append_to(), `name` being the block's.
  int append_to(LayerList& layers, int x, const std::string& name) const {
    const auto sum = [&](int a, int b, const char* what) {
      return append(layers, {.kind = LayerKind::add, .name = name + what, .inputs = {a, b}});
    };
    const int seen =
        attention_->append_to(layers, append_norm(layers, x, name + ".norm1", norm1_), name + ".attn");
    const int y = sum(x, seen, ".attn.add");
    const int wide = append_linear(layers, append_norm(layers, y, name + ".norm2", norm2_), name + ".mlp.fc1",
                                   *widen_, Activation::gelu);
    return sum(y, append_linear(layers, wide, name + ".mlp.fc2", *narrow_), ".mlp.add");
  }

  at::Tensor forward(const at::Tensor& x) {
    const at::Tensor y = x + attention_->forward(norm1_->forward(x));
    return y + narrow_->forward(at::gelu(widen_->forward(norm2_->forward(y))));
  }

 private:
  nn::LayerNorm norm1_;
  Attention attention_;
  nn::LayerNorm norm2_;
  nn::Linear widen_;
  nn::Linear narrow_;
};
TORCH_MODULE(EncoderBlock);

/// Block 0 makes tokens of an image, 1 to kDepth are the encoder's, the last one takes the features.
class VisionTransformer final : public Classifier {
 public:
  VisionTransformer(const VitSpec& spec, const ClassifierOptions& options)
      : grid_(options.input_size / kVitPatch),
        class_token_(register_parameter("cls_token", at::zeros({1, 1, spec.width}))),
        positions_(register_parameter("pos_embed", at::zeros({1, 1 + grid_ * grid_, spec.width}))),
        patches_(nn::Conv2dOptions(3, spec.width, kVitPatch).stride(kVitPatch)),
        norm_(make_norm(spec.width)),
        dropout_(options.dropout),
        head_(spec.width, options.classes) {
    register_module("patch_embed", std::make_shared<nn::Module>())->register_module("proj", patches_);
    const auto blocks = register_module("blocks", std::make_shared<nn::Module>());
    for (int i = 0; i < kDepth; ++i)
      blocks_.emplace_back(blocks->register_module(std::to_string(i), EncoderBlock(spec)));
    register_module("norm", norm_);
    register_module("head_drop", dropout_);
    register_module("head", head_);
    initialise();
  }

  int block_count() const override { return kDepth + 2; }

  at::Tensor forward_blocks(const at::Tensor& x, int first, int last) override {
    at::Tensor y = x;
    for (int i = first; i < last; ++i) y = forward_block(i, y);
    return y;
  }

  at::Tensor forward_head(const at::Tensor& features) override {
    return head_->forward(dropout_->forward(features));
  }

  LayerList layers() const override {
    LayerList layers;
    int x = append(layers, {.kind = LayerKind::conv,
                            .name = "patch_embed.proj",
                            .inputs = {0},
                            .weight = own_weight(patches_->weight),
                            .bias = own_weight(patches_->bias),
                            .stride = kVitPatch});
    x = append(layers, {.kind = LayerKind::tokens,
                        .name = "tokens",
                        .inputs = {x},
                        .weight = own_weight(class_token_),
                        .bias = own_weight(positions_)});
    for (std::size_t i = 0; i < blocks_.size(); ++i)
      x = blocks_[i]->append_to(layers, x, fmt::format("blocks.{}", i));
    x = append(layers, {.kind = LayerKind::class_token, .name = "class_token", .inputs = {x}});
    append_linear(layers, append_norm(layers, x, "norm", norm_), "head", *head_);
    return layers;
  }

  int block_of(std::string_view name) const override {
    constexpr std::string_view kBlocks = "blocks.";
    if (name == "cls_token" || name == "pos_embed" || name.starts_with("patch_embed")) return 0;
    if (name.starts_with("norm")) return kDepth + 1;
    if (!name.starts_with(kBlocks)) return block_count();
    name.remove_prefix(kBlocks.size());
    return 1 + static_cast<int>(parse_integer(name.substr(0, name.find('.'))).value_or(kDepth + 1));
  }

  std::string fit(TensorMap& weights) const override {
    TensorMap own;
    for (const auto& [name, tensor] : weights) own.emplace(vit_parameter_name(name), tensor);
    weights = std::move(own);
    const auto found = weights.find("pos_embed");
    if (found == weights.end() || found->second.dim() != 3) return {};
    const at::Tensor resampled = resampled_positions(found->second, grid_);
    if (resampled.is_same(found->second)) return {};
    const auto old = std::lround(std::sqrt(found->second.size(1) - 1));
    found->second = resampled;
    return fmt::format("position embeddings from {0}x{0} to {1}x{1}", old, grid_);
  }

 private:
  at::Tensor forward_block(int block, const at::Tensor& x) {
    if (block == 0) return tokens_of(x);
    if (block <= kDepth) return blocks_[static_cast<std::size_t>(block - 1)]->forward(x);
    return norm_->forward(x.select(1, 0));
  }

  at::Tensor tokens_of(const at::Tensor& images) {
    const at::Tensor patches = patches_->forward(images).flatten(2).transpose(1, 2);
    return at::cat({class_token_.expand({patches.size(0), -1, -1}), patches}, 1) + positions_;
  }

  /// As timm does; its cut at 100 standard deviations aside.
  void initialise() {
    const torch::NoGradGuard no_grad;
    nn::init::normal_(class_token_, 0, 1e-6);
    nn::init::normal_(positions_, 0, 0.02);
    for (const auto& module : modules(/*include_self=*/false)) {
      if (auto* linear = module->as<nn::Linear>()) {
        nn::init::normal_(linear->weight, 0, 0.02);
        nn::init::zeros_(linear->bias);
      }
    }
  }

  std::int64_t grid_;
  at::Tensor class_token_;
  at::Tensor positions_;
  nn::Conv2d patches_;
  std::vector<EncoderBlock> blocks_;
  nn::LayerNorm norm_;
  nn::Dropout dropout_;
  nn::Linear head_;
};

}  // namespace

std::shared_ptr<Classifier> make_vit(const VitSpec& spec, const ClassifierOptions& options) {
  return std::make_shared<VisionTransformer>(spec, options);
}

std::string vit_parameter_name(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kWords = {
      {{"class_token", "cls_token"},
       {"conv_proj", "patch_embed.proj"},
       {"encoder.pos_embedding", "pos_embed"},
       {"encoder.ln", "norm"},
       {"encoder.layers.encoder_layer_", "blocks."},
       {".ln_", ".norm"},
       {".self_attention.in_proj_", ".attn.qkv."},
       {".self_attention.out_proj.", ".attn.proj."},
       {".mlp.0.", ".mlp.fc1."},
       {".mlp.3.", ".mlp.fc2."},
       {".mlp.linear_1.", ".mlp.fc1."},  // in its older files
       {".mlp.linear_2.", ".mlp.fc2."},
       {"heads.head.", "head."}}};
  std::string own(name);
  for (const auto& [theirs, ours] : kWords) {
    if (const auto at = own.find(theirs); at != std::string::npos) own.replace(at, theirs.size(), ours);
  }
  return own;
}

at::Tensor resampled_positions(const at::Tensor& positions, std::int64_t grid) {
  const std::int64_t patches = positions.size(1) - 1;
  const auto old = static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(patches))));
  if (old == grid || old * old != patches) return positions;
  const at::Tensor map =
      positions.narrow(1, 1, patches).transpose(1, 2).unflatten(2, {old, old}).to(at::kFloat);
  const at::Tensor resized =
      at::_upsample_bicubic2d_aa(map.contiguous(), {grid, grid}, /*align_corners=*/false)
          .flatten(2)
          .transpose(1, 2)
          .to(positions.scalar_type());
  return at::cat({positions.narrow(1, 0, 1), resized}, 1);
}

}  // namespace fer
