#include "spelling.hpp"

#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/linear.h>

#include <algorithm>
#include <set>

namespace fer {
namespace {

namespace nn = torch::nn;

void adapt_norm(const nn::BatchNorm2dImpl& norm, const std::string& name, double their_eps, TensorMap& own) {
  const double eps = norm.options.eps();
  const auto weight = own.find(name + ".weight");
  const auto variance = own.find(name + ".running_var");
  if (eps == their_eps || weight == own.end() || variance == own.end()) return;
  const at::Tensor wide = variance->second.to(at::kDouble);
  const at::Tensor factor = ((wide + eps) / (wide + their_eps)).sqrt();
  if (weight->second.sizes() != factor.sizes()) return;  // loading will say so
  weight->second = (weight->second * factor).to(weight->second.scalar_type());
}

}  // namespace

TensorMap in_own_spelling(const Classifier& classifier, const TensorMap& weights) {
  const OtherSpelling other = classifier.other_spelling();
  const auto modules = classifier.named_modules(/*name_prefix=*/{}, /*include_self=*/false);
  TensorMap own;
  std::set<std::string> renamed;
  for (const auto& [name, tensor] : weights) {
    const std::size_t dot = std::min(name.rfind('.'), name.size());
    const auto row = other.modules.find(name.substr(0, dot));
    if (row == other.modules.end()) {
      own.emplace(name, tensor);
      continue;
    }
    const bool is_linear = modules[row->second]->as<nn::Linear>() != nullptr;
    own.emplace(row->second + name.substr(dot), is_linear && tensor.dim() == 4 ? tensor.flatten(1) : tensor);
    renamed.insert(row->second);
  }
  for (const std::string& name : renamed) {
    const auto* norm = modules[name]->as<nn::BatchNorm2d>();
    if (norm != nullptr) adapt_norm(*norm, name, other.eps, own);
  }
  return own;
}

}  // namespace fer
