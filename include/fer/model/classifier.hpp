#pragma once

#include <torch/nn/module.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "fer/model/tensor_file.hpp"

namespace fer {

/// A backbone with its head. Parameters and buffers carry torchvision's names.
class Classifier : public torch::nn::Module {
 public:
  /// Images [N,3,H,W], normalised float, to logits [N,classes].
  virtual at::Tensor forward(const at::Tensor& images) = 0;
};

struct ClassifierOptions {
  std::string backbone = "mobilenet_v2";
  int classes = 7;
  double dropout = 0.2;
};

/// A row of the table of backbones.
struct BackboneKind {
  std::string name;
  std::string summary;
  std::string head;  ///< what the names of the head's parameters begin with
  std::function<std::shared_ptr<Classifier>(const ClassifierOptions&)> make;
};

std::span<const BackboneKind> backbones();

/// Throws a usage error that lists the names for an unknown one.
const BackboneKind& backbone(std::string_view name);

/// Randomly initialised (He et al. 2015, from torch's default generator), in channels-last layout.
std::shared_ptr<Classifier> make_classifier(const ClassifierOptions& options);

/// Parameters and buffers by name, detached, contiguous, on the CPU: what a checkpoint keeps.
TensorMap weights_of(const Classifier& classifier);

/// Copies `weights` into the classifier. Every name and shape must agree; all differences come in one data
/// error that begins with `source`.
void load_weights(Classifier& classifier, const TensorMap& weights, const std::string& source);

/// As load_weights, but for the head, which stays as it is: starting weights of another task.
void load_backbone_weights(Classifier& classifier, const TensorMap& weights, std::string_view head,
                           const std::string& source);

/// Which parameters learn: "head" or "all". What does not learn keeps its BatchNorm statistics, too.
/// Throws a usage error for another word.
void set_trainable(Classifier& classifier, std::string_view which, std::string_view head);

}  // namespace fer
