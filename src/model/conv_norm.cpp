#include "conv_norm.hpp"

#include <ATen/TensorOperators.h>

#include <utility>

#include "depthwise_conv.hpp"

namespace fer {
namespace {

namespace nn = torch::nn;

/// Weight and bias with the norm in them, in the type of the convolution.
std::pair<at::Tensor, at::Tensor> folded_weights(const nn::Conv2dImpl& conv,
                                                 const nn::BatchNorm2dImpl& norm) {
  const at::NoGradGuard no_grad;
  const at::Tensor scale =
      norm.weight.to(at::kDouble) / (norm.running_var.to(at::kDouble) + norm.options.eps()).sqrt();
  const auto type = conv.weight.scalar_type();
  return {(conv.weight * scale.view({-1, 1, 1, 1})).to(type),
          (norm.bias - norm.running_mean * scale).to(type)};
}

}  // namespace

ConvNorm::ConvNorm(const ConvNormSpec& spec)
    : activation_(spec.activation),
      conv_(nn::Conv2dOptions(spec.in, spec.out, spec.kernel)
                .stride(spec.stride)
                .padding((spec.kernel - 1) / 2)
                .groups(spec.groups)
                .bias(false)),
      norm_(nn::BatchNorm2dOptions(spec.out).eps(spec.norm.eps).momentum(spec.norm.momentum)) {}

at::Tensor ConvNorm::forward(const at::Tensor& x) {
  const bool depthwise = conv_->options.groups() > 1;
  const at::Tensor y = depthwise ? depthwise_conv(*conv_, x) : conv_->forward(x);
  if (activation_ == Activation::relu6) return norm_relu6(*norm_, y, true);
  return activated(activation_, norm_relu6(*norm_, y, false));
}

int ConvNorm::append_to(LayerList& layers, int x, const ConvNormNames& names) const {
  const auto& options = conv_->options;
  const auto [weight, bias] = folded_weights(*conv_, *norm_);
  return append(layers,
                {.kind = LayerKind::conv,
                 .name = names.conv,
                 .inputs = {x},
                 .activation = activation_,
                 .weight = own_weight(weight),
                 .bias = own_weight(bias),
                 .stride = static_cast<int>(options.stride()->at(0)),
                 .padding = static_cast<int>(std::get<torch::ExpandingArray<2>>(options.padding())->at(0)),
                 .groups = static_cast<int>(options.groups())});
}

NamedModules ConvNorm::modules(const ConvNormNames& names) const {
  return {{names.conv, conv_.ptr()}, {names.norm, norm_.ptr()}};
}

}  // namespace fer
