#include "batch_norm.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/native_batch_norm.h>
#include <ATen/ops/native_batch_norm_backward.h>
#include <ATen/ops/var_mean.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/custom_function.h>

namespace fer {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::Tensor per_channel(const at::Tensor& values, const at::Tensor& x) {
  return values.to(x.scalar_type()).view({1, -1, 1, 1});
}

void move_running(BatchNormImpl& norm, const BatchMoments& moments) {
  const double momentum = count_batch(norm);
  const auto towards = [momentum](const at::Tensor& running, const at::Tensor& value) {
    running.copy_(running.to(at::kDouble) * (1 - momentum) + value * momentum);
  };
  towards(norm.running_mean, moments.mean);
  towards(norm.running_var, moments.variance * (moments.count / std::max(1.0, moments.count - 1)));
}

/// Ioffe & Szegedy 2015, section 3, with sums over all processes in place of those over the batch.
class SharedBatchNorm : public torch::autograd::Function<SharedBatchNorm> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& bias, BatchNormImpl* norm) {
    const auto [variance, mean] = at::var_mean(x.to(at::kFloat), {0, 2, 3}, /*unbiased=*/false);
    const BatchMoments moments =
        moments_of_all({.mean = mean.to(at::kDouble),
                        .variance = variance.to(at::kDouble),
                        .count = static_cast<double>(x.size(0) * x.size(2) * x.size(3))},
                       *norm->shared_sum);
    move_running(*norm, moments);
    const at::Tensor all_mean = moments.mean.to(at::kFloat);
    const at::Tensor all_variance = moments.variance.to(at::kFloat);
    context->save_for_backward({x, weight, all_mean, all_variance});
    context->saved_data["eps"] = norm->options.eps();
    context->saved_data["count"] = moments.count;
    context->saved_data["sum"] = c10::IValue::make_capsule(norm->shared_sum);
    return std::get<0>(at::native_batch_norm(x, weight, bias, all_mean, all_variance, /*training=*/false,
                                             /*momentum=*/0, norm->options.eps()));
  }

  static variable_list backward(AutogradContext* context, const variable_list& outputs) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1], &mean = saved[2], &variance = saved[3];
    const double eps = context->saved_data["eps"].toDouble();
    const double count = context->saved_data["count"].toDouble();
    const auto sum = c10::static_intrusive_pointer_cast<SharedSum>(context->saved_data["sum"].toCapsule());
    const at::Tensor gradient = outputs[0].contiguous(x.suggest_memory_format());
    const auto [straight, own_weight, own_bias] = at::native_batch_norm_backward(
        gradient, x, weight, mean, variance, {}, {}, /*train=*/false, eps, {true, true, true});
    at::Tensor sums = at::cat({own_weight, own_bias}).to(at::kDouble);
    if (!sum->add_up(sums)) return {at::zeros_like(x), own_weight, own_bias, {}};
    const at::Tensor products = sums.slice(0, 0, mean.size(0));
    const at::Tensor gradients = sums.slice(0, mean.size(0));
    const at::Tensor inverse = (variance.to(at::kDouble) + eps).rsqrt();
    const at::Tensor scale = weight.to(at::kDouble) * inverse / count;
    const at::Tensor slope = scale * inverse * products;
    const at::Tensor offset = scale * gradients - slope * mean;
    return {straight - x * per_channel(slope, x) - per_channel(offset, x), own_weight, own_bias, {}};
  }
};

}  // namespace

double count_batch(BatchNormImpl& norm) {
  norm.num_batches_tracked.add_(1);
  return norm.options.momentum().value_or(1.0 /
                                          static_cast<double>(norm.num_batches_tracked.item<std::int64_t>()));
}

BatchMoments moments_of_all(const BatchMoments& own, const SharedSum& sum) {
  const std::int64_t channels = own.mean.size(0);
  at::Tensor sums = at::cat({own.mean * own.count, (own.variance + own.mean.square()) * own.count,
                             at::full({1}, own.count, own.mean.options())});
  sum.add_up(sums);
  const double count = sums[2 * channels].item<double>();
  const at::Tensor mean = sums.slice(0, 0, channels) / count;
  const at::Tensor squares = sums.slice(0, channels, 2 * channels) / count;
  return {.mean = mean, .variance = (squares - mean.square()).clamp_min(0), .count = count};
}

void share_norms(Classifier& classifier, const SumFn& sum) {
  const auto shared = sum ? c10::make_intrusive<SharedSum>(sum) : nullptr;
  for (const auto& module : classifier.modules()) {
    if (auto* norm = module->as<BatchNorm>()) norm->shared_sum = shared;
  }
}

at::Tensor shared_batch_norm(BatchNormImpl& norm, const at::Tensor& x) {
  return SharedBatchNorm::apply(x, norm.weight, norm.bias, &norm);
}

}  // namespace fer
