#include "block_chain.hpp"

#include <ATen/ops/dropout.h>
#include <torch/nn/init.h>
#include <torch/nn/modules/conv.h>

#include <algorithm>

namespace fer {
namespace {

namespace nn = torch::nn;

/// Modules on the way there that do not exist yet hold nothing but what lies below them.
void register_at(nn::Module& root, const std::string& name, const std::shared_ptr<nn::Module>& module) {
  const std::size_t dot = name.find('.');
  const std::string first = name.substr(0, dot);
  if (dot == std::string::npos) {
    root.register_module(first, module);
    return;
  }
  const auto children = root.named_children();
  const auto* found = children.find(first);
  register_at(found != nullptr ? **found : *root.register_module(first, std::make_shared<nn::Module>()),
              name.substr(dot + 1), module);
}

/// He et al. 2015 for convolutions; linear layers begin small.
void initialise(const nn::Module& root) {
  const torch::NoGradGuard no_grad;
  for (const auto& module : root.modules(/*include_self=*/false)) {
    if (auto* convolution = module->as<nn::Conv2d>()) {
      nn::init::kaiming_normal_(convolution->weight, 0, torch::kFanOut, torch::kReLU);
      if (convolution->bias.defined()) nn::init::zeros_(convolution->bias);
    } else if (auto* linear = module->as<nn::Linear>()) {
      nn::init::normal_(linear->weight, 0, 0.01);
      nn::init::zeros_(linear->bias);
    }
  }
}

/// Whether one of the names is the other or lies below it.
bool on_one_way(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  return b.starts_with(a) && (a.size() == b.size() || b[a.size()] == '.');
}

bool belongs(std::string_view name, const Block& block) {
  return std::ranges::any_of(block.modules(), [&](const auto& row) { return on_one_way(name, row.first); });
}

}  // namespace

int append_linear(LayerList& layers, int x, const std::string& name, const nn::LinearImpl& linear,
                  Activation activation) {
  return append(layers, {.kind = LayerKind::linear,
                         .name = name,
                         .inputs = {x},
                         .activation = activation,
                         .weight = own_weight(linear.weight),
                         .bias = own_weight(linear.bias)});
}

at::Tensor own_weight(const at::Tensor& weight) {
  return weight.detach().to(at::kCPU, at::kFloat).contiguous().clone();
}

BlockChain::BlockChain(ChainParts parts, const ClassifierOptions& options)
    : blocks_(std::move(parts.blocks)),
      map_blocks_(blocks_.size()),
      dropout_(options.dropout),
      head_(parts.features, options.classes),
      head_name_(parts.head),
      other_(std::move(parts.other)) {
  if (parts.hidden) blocks_.push_back(std::move(parts.hidden));
  for (const auto& block : blocks_) {
    for (const auto& [name, module] : block->modules()) register_at(*this, name, module);
  }
  register_at(*this, parts.head, head_.ptr());
  initialise(*this);
}

at::Tensor BlockChain::forward_blocks(const at::Tensor& x, int first, int last) {
  at::Tensor y = x;
  for (auto i = static_cast<std::size_t>(first); i < static_cast<std::size_t>(last); ++i) {
    y = blocks_[i]->forward(y);
    if (i + 1 == map_blocks_) y = y.mean({2, 3});
  }
  return y;
}

at::Tensor BlockChain::forward_head(const at::Tensor& features) {
  return head_->forward(at::dropout(features, dropout_, head_->is_training()));
}

/// A module that holds parts of several blocks belongs to none.
int BlockChain::block_of(std::string_view name) const {
  const auto is_owner = [&](const auto& block) { return belongs(name, *block); };
  const auto owner = std::ranges::find_if(blocks_, is_owner);
  if (owner == blocks_.end() || std::any_of(owner + 1, blocks_.end(), is_owner)) return block_count();
  return static_cast<int>(owner - blocks_.begin());
}

LayerList BlockChain::layers() const {
  LayerList layers;
  int x = 0;
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    x = blocks_[i]->append_to(layers, x);
    if (i + 1 == map_blocks_) x = append(layers, {.kind = LayerKind::mean, .name = "mean", .inputs = {x}});
  }
  append_linear(layers, x, head_name_, *head_);
  return layers;
}

}  // namespace fer
