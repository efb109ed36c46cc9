#include "conv_norm.hpp"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/conv2d.h>

#include <array>
#include <string_view>

#include "depthwise_conv.hpp"
#include "norm_relu6.hpp"

namespace fer {
namespace {

namespace nn = torch::nn;

const std::array<std::int64_t, 2> kNoDilation = {1, 1};

/// Operators of LibTorch's that no header declares: oneDNN's, which its compiler uses, too.
using Sizes = at::IntArrayRef;
using Pack = at::Tensor(const at::Tensor& weight, Sizes padding, Sizes stride, Sizes dilation,
                        std::int64_t groups, at::OptionalIntArrayRef input);
using Scalars = c10::List<std::optional<at::Scalar>>;
using Convolve = at::Tensor(const at::Tensor& x, const at::Tensor& weight,
                            const std::optional<at::Tensor>& bias, Sizes padding, Sizes stride,
                            Sizes dilation, std::int64_t groups, std::string_view after, Scalars arguments,
                            std::optional<std::string_view> algorithm);

/// Nothing where LibTorch was built without oneDNN.
template <class Signature>
std::optional<c10::TypedOperatorHandle<Signature>> find_operator(const char* name) {
  const auto found = c10::Dispatcher::singleton().findSchema({name, ""});
  if (!found || !found->hasKernelForDispatchKey(c10::DispatchKey::CPU)) return std::nullopt;
  return found->template typed<Signature>();
}

const auto& find_pack() {
  static const auto found = find_operator<Pack>("mkldnn::_reorder_convolution_weight");
  return found;
}

const auto& find_convolve() {
  static const auto found = find_operator<Convolve>("mkldnn::_convolution_pointwise");
  return found;
}

/// What oneDNN calls an activation, and the numbers it takes.
struct AfterConv {
  std::string_view name;
  Scalars arguments;
};

AfterConv after_conv(Activation activation) {
  switch (activation) {
    case Activation::none:
      return {"none", Scalars()};
    case Activation::relu:
      return {"relu", Scalars()};
    case Activation::relu6:
      return {"hardtanh", Scalars({0.0, 6.0})};
    case Activation::silu:
      return {"swish", Scalars()};
    case Activation::hard_swish:
      return {"hardswish", Scalars()};
  }
  return {"none", Scalars()};
}

bool can_pack(const at::Tensor& weight) {
  return weight.is_cpu() && weight.scalar_type() == at::kFloat && find_pack() && find_convolve();
}

}  // namespace

FoldedConv::FoldedConv(const nn::Conv2dImpl& conv, const nn::BatchNorm2dImpl& norm, Activation activation)
    : stride_(conv.options.stride()->begin(), conv.options.stride()->end()),
      groups_(conv.options.groups()),
      activation_(activation) {
  const auto padding = std::get<torch::ExpandingArray<2>>(conv.options.padding());
  padding_.assign(padding->begin(), padding->end());
  const at::NoGradGuard no_grad;
  const at::Tensor scale =
      norm.weight.to(at::kDouble) / (norm.running_var.to(at::kDouble) + norm.options.eps()).sqrt();
  weight_ = (conv.weight * scale.view({-1, 1, 1, 1}))
                .to(conv.weight.scalar_type())
                .contiguous(at::MemoryFormat::ChannelsLast);
  bias_ = (norm.bias - norm.running_mean * scale).to(conv.weight.scalar_type());
  if (can_pack(weight_)) weight_ = find_pack()->call(weight_, padding_, stride_, kNoDilation, groups_, {});
}

at::Tensor FoldedConv::forward(const at::Tensor& x) const {
  if (weight_.is_mkldnn()) {
    const AfterConv after = after_conv(activation_);
    return find_convolve()->call(x, weight_, bias_, padding_, stride_, kNoDilation, groups_, after.name,
                                 after.arguments, "");
  }
  return activated(activation_, at::conv2d(x, weight_, bias_, stride_, padding_, kNoDilation, groups_));
}

ConvNorm::ConvNorm(const ConvNormSpec& spec)
    : activation_(spec.activation),
      conv_(nn::Conv2dOptions(spec.in, spec.out, spec.kernel)
                .stride(spec.stride)
                .padding((spec.kernel - 1) / 2)
                .groups(spec.groups)
                .bias(false)),
      norm_(nn::BatchNorm2dOptions(spec.out).eps(spec.norm.eps).momentum(spec.norm.momentum)) {}

at::Tensor ConvNorm::forward(const at::Tensor& x) {
  if (folded_) return folded_->forward(x);
  const bool depthwise = conv_->options.groups() > 1;
  const at::Tensor y = depthwise ? depthwise_conv(*conv_, x) : conv_->forward(x);
  if (activation_ == Activation::relu6) return norm_relu6(*norm_, y, true);
  return activated(activation_, norm_relu6(*norm_, y, false));
}

NamedModules ConvNorm::modules(const ConvNormNames& names) const {
  return {{names.conv, conv_.ptr()}, {names.norm, norm_.ptr()}};
}

}  // namespace fer
