#pragma once

#include <ATen/core/grad_mode.h>
#include <torch/nn/module.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fer/model/layer_list.hpp"
#include "fer/model/tensor_file.hpp"

namespace fer {

/// How another library (timm) spells the same network in its weight files.
struct OtherSpelling {
  std::map<std::string, std::string> modules = {};  ///< each module with weights: its name there -> here
  double eps = 1e-5;                                ///< what its BatchNorms add to the variance
};

/// A backbone, which is a chain of blocks, with its head. Parameters and buffers carry torchvision's names,
/// where torchvision has the network, else timm's.
class Classifier : public torch::nn::Module {
 public:
  /// Images [N,3,H,W], normalised float, to logits [N,classes].
  at::Tensor forward(const at::Tensor& images) { return forward_from(0, images); }

  /// The rest of the way for what enters block `first`; block_count(): features [N,C] enter the head.
  at::Tensor forward_from(int first, const at::Tensor& x) {
    return forward_head(forward_blocks(x, first, block_count()));
  }

  virtual int block_count() const = 0;

  /// Through blocks first..last-1. Block 0 takes images, the last block gives features [N,C].
  virtual at::Tensor forward_blocks(const at::Tensor& x, int first, int last) = 0;

  virtual at::Tensor forward_head(const at::Tensor& features) = 0;

  /// The block a parameter, buffer or module belongs to by its name; block_count(): the head, or no block.
  virtual int block_of(std::string_view name) const = 0;

  /// Weights are loaded by these names, too.
  virtual OtherSpelling other_spelling() const { return {}; }

  /// Makes weights fit that were published under other names, or for an input of another size. Returns what
  /// it did to them, such as "position embeddings from 14x14 to 4x4"; empty: nothing.
  virtual std::string fit(TensorMap& /*weights*/) const { return {}; }

  /// What it computes in evaluation mode, with weights of its own.
  virtual LayerList layers() const = 0;
};

/// Parameters and buffers by name, detached, contiguous, on the CPU: what a checkpoint keeps.
TensorMap weights_of(const Classifier& classifier);

/// Copies `weights` into the classifier, in its own spelling or the other one. Every name and shape must
/// agree; all differences come in one data error that begins with `source`.
void load_weights(Classifier& classifier, const TensorMap& weights, const std::string& source);

/// As load_weights, but for the head, which stays as it is, and after Classifier::fit(), whose answer it
/// returns: starting weights of another task.
std::string load_backbone_weights(Classifier& classifier, TensorMap weights, std::string_view head,
                                  const std::string& source);

/// Blocks from `first` on and the head learn; 0: everything, block_count(): the head alone. What lies below
/// keeps its weights and its BatchNorm statistics.
void set_trainable(Classifier& classifier, int first);

/// Evaluation mode for a scope, without gradients; every module gets its own mode back.
class EvaluationScope {
 public:
  explicit EvaluationScope(Classifier& classifier);
  ~EvaluationScope();
  EvaluationScope(const EvaluationScope&) = delete;
  EvaluationScope& operator=(const EvaluationScope&) = delete;

 private:
  std::vector<std::pair<std::shared_ptr<torch::nn::Module>, bool>> modes_;  // parents before their children
  at::NoGradGuard no_grad_;
};

}  // namespace fer
