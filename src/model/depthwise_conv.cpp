#include "depthwise_conv.hpp"

#include <ATen/ops/conv2d.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/custom_function.h>

namespace fer {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Geometry {
  std::vector<std::int64_t> stride;
  std::vector<std::int64_t> padding;
  std::int64_t groups;
};

/// Gradients with respect to x and the weight, where `wanted` says so.
std::array<at::Tensor, 2> gradients_of(const at::Tensor& gradient, const at::Tensor& x,
                                       const at::Tensor& weight, const Geometry& geometry,
                                       std::array<bool, 2> wanted) {
  const std::vector<std::int64_t> none = {0, 0};
  const std::vector<std::int64_t> dilation = {1, 1};
  const auto [of_x, of_weight, of_bias] =
      at::convolution_backward(gradient, x, weight, std::nullopt, geometry.stride, geometry.padding, dilation,
                               /*transposed=*/false, none, geometry.groups, {wanted[0], wanted[1], false});
  return {of_x, of_weight};
}

class DepthwiseConvFunction : public torch::autograd::Function<DepthwiseConvFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const Geometry& geometry) {
    context->save_for_backward({x, weight});
    context->saved_data["stride"] = geometry.stride;
    context->saved_data["padding"] = geometry.padding;
    context->saved_data["groups"] = geometry.groups;
    return at::conv2d(x, weight.to(x.scalar_type()), {}, geometry.stride, geometry.padding, 1,
                      geometry.groups);
  }

  static variable_list backward(AutogradContext* context, const variable_list& outputs) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor& x = saved[0];
    const at::Tensor& weight = saved[1];
    const Geometry geometry{.stride = context->saved_data["stride"].toIntVector(),
                            .padding = context->saved_data["padding"].toIntVector(),
                            .groups = context->saved_data["groups"].toInt()};
    // The gradient of x needs nothing of x but its shape.
    const at::Tensor shape = at::empty_like(x, x.options().dtype(at::kFloat));
    const at::Tensor of_x =
        gradients_of(outputs[0].to(at::kFloat), shape, weight, geometry, {true, false})[0].to(
            x.scalar_type());
    const at::Tensor of_weight =
        gradients_of(outputs[0], x, weight.to(x.scalar_type()), geometry, {false, true})[1];
    return {of_x, of_weight.to(weight.scalar_type()), {}};
  }
};

}  // namespace

at::Tensor depthwise_conv(torch::nn::Conv2dImpl& conv, const at::Tensor& x) {
  const auto& options = conv.options;
  const bool slow = x.is_cpu() && x.scalar_type() == at::kBFloat16 && options.stride()->at(0) > 1 &&
                    at::GradMode::is_enabled() && x.requires_grad();
  if (!slow) return conv.forward(x);
  const auto padding = std::get<torch::ExpandingArray<2>>(options.padding());
  return DepthwiseConvFunction::apply(x, conv.weight,
                                      Geometry{.stride = {options.stride()->begin(), options.stride()->end()},
                                               .padding = {padding->begin(), padding->end()},
                                               .groups = options.groups()});
}

}  // namespace fer
