#include "inverted_residual.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/hardsigmoid.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/sigmoid.h>

namespace fer {
namespace {

namespace nn = torch::nn;

/// On a 1x1 map, [N,C], where a convolution is a linear layer.
at::Tensor on_means(const nn::Conv2d& conv, const at::Tensor& means) {
  return at::linear(means, conv->weight.flatten(1), conv->bias);
}

ConvNormSpec filter_of(const InvertedResidualSpec& spec) {
  return {.in = spec.hidden,
          .out = spec.hidden,
          .kernel = spec.kernel,
          .stride = spec.stride,
          .groups = spec.hidden,
          .activation = spec.activation,
          .norm = spec.norm};
}

}  // namespace

SqueezeExcitation::SqueezeExcitation(int channels, const SqueezeSpec& spec)
    : spec_(spec),
      reduce_(nn::Conv2dOptions(channels, spec.channels, 1)),
      widen_(nn::Conv2dOptions(spec.channels, channels, 1)) {}

at::Tensor SqueezeExcitation::forward(const at::Tensor& x) {
  const at::Tensor squeezed = activated(spec_.activation, on_means(reduce_, x.mean({2, 3})));
  const at::Tensor wide = on_means(widen_, squeezed).unsqueeze(-1).unsqueeze(-1);
  const at::Tensor factors = spec_.gate == Gate::sigmoid ? at::sigmoid(wide) : at::hardsigmoid(wide);
  return x * factors;
}

int SqueezeExcitation::append_to(LayerList& layers, int x, const std::string& reduce,
                                 const std::string& widen) const {
  const auto add = [&](int input, const std::string& name, const nn::Conv2d& conv, Activation activation) {
    return append(layers, {.kind = LayerKind::linear,
                           .name = name,
                           .inputs = {input},
                           .activation = activation,
                           .weight = own_weight(conv->weight.flatten(1)),
                           .bias = own_weight(conv->bias)});
  };
  const int means = append(layers, {.kind = LayerKind::mean, .name = reduce + ".mean", .inputs = {x}});
  const int squeezed = add(means, reduce, reduce_, spec_.activation);
  const int factors = add(squeezed, widen, widen_,
                          spec_.gate == Gate::sigmoid ? Activation::sigmoid : Activation::hard_sigmoid);
  return append(layers, {.kind = LayerKind::multiply, .name = widen + ".multiply", .inputs = {x, factors}});
}

InvertedResidual::InvertedResidual(const InvertedResidualSpec& spec, InvertedResidualNames names)
    : names_(std::move(names)),
      shortcut_(spec.stride == 1 && spec.in == spec.out),
      stochastic_depth_(spec.stochastic_depth),
      filter_(filter_of(spec)),
      project_({.in = spec.hidden, .out = spec.out, .norm = spec.norm}) {
  if (spec.expands()) {
    expand_.emplace(
        ConvNormSpec{.in = spec.in, .out = spec.hidden, .activation = spec.activation, .norm = spec.norm});
  }
  if (spec.squeezes()) squeeze_.emplace(spec.hidden, spec.squeeze);
}

at::Tensor InvertedResidual::forward(const at::Tensor& x) {
  at::Tensor y = filter_.forward(expand_ ? expand_->forward(x) : x);
  if (squeeze_) y = squeeze_->forward(y);
  y = project_.forward(y);
  return shortcut_ ? x + drop_samples(y) : y;
}

at::Tensor InvertedResidual::drop_samples(const at::Tensor& y) const {
  if (stochastic_depth_ == 0 || !project_.is_training()) return y;
  const double kept = 1 - stochastic_depth_;
  return y * at::empty({y.size(0), 1, 1, 1}, y.options()).bernoulli_(kept).div_(kept);
}

int InvertedResidual::append_to(LayerList& layers, int x) const {
  int y = expand_ ? expand_->append_to(layers, x, names_.expand) : x;
  y = filter_.append_to(layers, y, names_.filter);
  if (squeeze_) y = squeeze_->append_to(layers, y, names_.reduce, names_.widen);
  y = project_.append_to(layers, y, names_.project);
  if (!shortcut_) return y;
  return append(layers, {.kind = LayerKind::add, .name = names_.project.conv + ".add", .inputs = {y, x}});
}

NamedModules InvertedResidual::modules() const {
  NamedModules all;
  const auto add = [&](const NamedModules& rows) { all.insert(all.end(), rows.begin(), rows.end()); };
  if (expand_) add(expand_->modules(names_.expand));
  add(filter_.modules(names_.filter));
  if (squeeze_) add({{names_.reduce, squeeze_->reduce().ptr()}, {names_.widen, squeeze_->widen().ptr()}});
  add(project_.modules(names_.project));
  return all;
}

}  // namespace fer
