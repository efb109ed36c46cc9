#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/linear.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fer/model/backbones.hpp"
#include "fer/model/classifier.hpp"

namespace fer {

/// A copy of a parameter the way a Layer has it.
at::Tensor own_weight(const at::Tensor& weight);

/// A linear layer of value `x`, with weights of its own.
int append_linear(LayerList& layers, int x, const std::string& name, const torch::nn::LinearImpl& linear,
                  Activation activation = Activation::none);

/// Modules with their names, from the classifier down: "features.0.1".
using NamedModules = std::vector<std::pair<std::string, std::shared_ptr<torch::nn::Module>>>;

/// What stages, learning rates and the cache of activations take as one.
class Block {
 public:
  virtual ~Block() = default;
  virtual at::Tensor forward(const at::Tensor& x) = 0;

  /// Appends what it computes of value `x` in evaluation mode; the value that is its result.
  virtual int append_to(LayerList& layers, int x) const = 0;

  /// All that hold its weights.
  virtual NamedModules modules() const = 0;
};

/// What a convolutional backbone's file puts together.
struct ChainParts {
  std::vector<std::unique_ptr<Block>> blocks;  ///< maps [N,C,H,W] to maps, the first from images
  std::unique_ptr<Block> hidden = nullptr;     ///< from their means [N,C] to features; null: these are they
  int features = 0;                            ///< what enters the head
  std::string head;                            ///< the name of the head's linear layer
  OtherSpelling other = {};
};

/// A convolutional classifier: blocks, the mean over each map, perhaps a hidden layer, dropout, a linear
/// layer. Weights are initialised anew.
class BlockChain final : public Classifier {
 public:
  BlockChain(ChainParts parts, const ClassifierOptions& options);

  int block_count() const override { return static_cast<int>(blocks_.size()); }
  at::Tensor forward_blocks(const at::Tensor& x, int first, int last) override;
  at::Tensor forward_head(const at::Tensor& features) override;
  int block_of(std::string_view name) const override;
  LayerList layers() const override;
  OtherSpelling other_spelling() const override { return other_; }

 private:
  std::vector<std::unique_ptr<Block>> blocks_;
  std::size_t map_blocks_;  // those before the mean
  double dropout_;
  torch::nn::Linear head_;
  std::string head_name_;
  OtherSpelling other_;
};

}  // namespace fer
