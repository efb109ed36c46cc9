#include "norm_relu6.hpp"

#include <ATen/Parallel.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/hardtanh.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "norm_kernels.hpp"

namespace fer {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr double kSix = 6;

Rows rows_of(const at::Tensor& x) {
  return {.count = x.size(0) * x.size(2) * x.size(3), .channels = x.size(1)};
}

/// The kernels' view of a tensor's values.
template <class T>
T* values_of(const at::Tensor& tensor) {
  return static_cast<T*>(tensor.data_ptr());
}

/// Calls work(first row, rows, thread) over all rows, as many to a thread, always in the same parts for the
/// same number of threads.
template <class Work>
void in_parallel(Rows rows, const Work& work) {
  const std::int64_t threads = at::get_num_threads();
  const std::int64_t part = (rows.count + threads - 1) / threads;
  at::parallel_for(0, threads, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t thread = begin; thread < end; ++thread) {
      const std::int64_t first = std::min(rows.count, thread * part);
      const std::int64_t count = std::min(rows.count, first + part) - first;
      work(first * rows.channels, Rows{.count = count, .channels = rows.channels}, thread);
    }
  });
}

/// Two sums per channel, each thread's apart until the end.
class ChannelSums {
 public:
  explicit ChannelSums(std::int64_t channels)
      : channels_(static_cast<std::size_t>(channels)),
        sums_(2 * channels_ * static_cast<std::size_t>(at::get_num_threads())) {}

  double* first(std::int64_t thread) {
    return sums_.data() + 2 * channels_ * static_cast<std::size_t>(thread);
  }
  double* second(std::int64_t thread) { return first(thread) + channels_; }

  /// Adds all threads' sums into thread 0's.
  void join() {
    for (std::size_t i = 2 * channels_; i < sums_.size(); ++i) sums_[i % (2 * channels_)] += sums_[i];
  }

 private:
  std::size_t channels_;
  std::vector<double> sums_;
};

float low_of(bool relu6) { return relu6 ? 0.0F : -std::numeric_limits<float>::infinity(); }
float high_of(bool relu6) { return relu6 ? float{kSix} : std::numeric_limits<float>::infinity(); }

/// What the way back needs, per channel: [4,C] of float: scale, shift, mean, 1 / standard deviation.
enum Row { kScale, kShift, kMean, kInverse, kRows };

Affine affine_of(const at::Tensor& facts, bool relu6) {
  const float* data = facts.const_data_ptr<float>();
  const std::int64_t channels = facts.size(1);
  return {.scale = data + kScale * channels,
          .shift = data + kShift * channels,
          .low = low_of(relu6),
          .high = high_of(relu6)};
}

/// Of the batch of this process.
template <class T>
BatchMoments own_moments(const at::Tensor& x) {
  const Rows rows = rows_of(x);
  const T* values = values_of<T>(x);
  // Values are summed as distances from one of them, so that a mean far from 0 costs the variance no digits.
  const at::Tensor pivots = x.select(0, 0).slice(1, 0, 1).slice(2, 0, 1).flatten().to(at::kFloat);
  const float* pivot = pivots.const_data_ptr<float>();
  ChannelSums sums(rows.channels);
  in_parallel(rows, [&](std::int64_t offset, Rows part, std::int64_t thread) {
    norm_kernels<T>().add_moments(values + offset, part, pivot, sums.first(thread), sums.second(thread));
  });
  sums.join();
  BatchMoments moments{.mean = at::zeros({rows.channels}, at::kDouble),
                       .variance = at::zeros({rows.channels}, at::kDouble),
                       .count = static_cast<double>(rows.count)};
  auto mean = moments.mean.accessor<double, 1>();
  auto variance = moments.variance.accessor<double, 1>();
  for (std::int64_t c = 0; c < rows.channels; ++c) {
    const double distance = sums.first(0)[c] / moments.count;
    mean[c] = static_cast<double>(pivot[c]) + distance;
    variance[c] = std::max(0.0, sums.second(0)[c] / moments.count - distance * distance);
  }
  return moments;
}

/// What the moments make of the norm; the running ones move on.
at::Tensor facts_of(BatchNormImpl& norm, const BatchMoments& moments) {
  const std::int64_t channels = moments.mean.size(0);
  const at::Tensor facts = at::zeros({kRows, channels}, at::kFloat);
  auto fact = facts.accessor<float, 2>();
  auto mean_so_far = norm.running_mean.accessor<float, 1>();
  auto var_so_far = norm.running_var.accessor<float, 1>();
  const auto weight = norm.weight.accessor<float, 1>();
  const auto bias = norm.bias.accessor<float, 1>();
  const auto means = moments.mean.accessor<double, 1>();
  const auto variances = moments.variance.accessor<double, 1>();
  const double count = moments.count;
  const double momentum = count_batch(norm);
  for (std::int64_t c = 0; c < channels; ++c) {
    const double mean = means[c];
    const double variance = variances[c];
    const double inverse = 1 / std::sqrt(variance + norm.options.eps());
    fact[kScale][c] = static_cast<float>(weight[c] * inverse);
    fact[kShift][c] = static_cast<float>(bias[c] - mean * weight[c] * inverse);
    fact[kMean][c] = static_cast<float>(mean);
    fact[kInverse][c] = static_cast<float>(inverse);
    mean_so_far[c] = static_cast<float>((1 - momentum) * mean_so_far[c] + momentum * mean);
    var_so_far[c] = static_cast<float>((1 - momentum) * var_so_far[c] +
                                       momentum * variance * count / std::max(1.0, count - 1));
  }
  return facts;
}

template <class T>
at::Tensor transformed(const at::Tensor& x, const at::Tensor& facts, bool relu6) {
  const at::Tensor y = at::empty_like(x);
  const Affine affine = affine_of(facts, relu6);
  in_parallel(rows_of(x), [&](std::int64_t offset, Rows part, std::int64_t) {
    norm_kernels<T>().transform(values_of<T>(x) + offset, part, affine, values_of<T>(y) + offset);
  });
  return y;
}

/// What the way back needs besides x and its gradient.
struct SavedNorm {
  at::Tensor facts;
  bool relu6;
  double count;          // of the values that the moments are of
  const SharedSum* sum;  // null: those of this process alone
};

struct Gradients {
  at::Tensor x;
  at::Tensor weight;
  at::Tensor bias;
};

/// Ioffe & Szegedy 2015, section 3; with g the gradient that the clamp lets pass and h = (x - mean) inverse:
/// dx = weight inverse (g - mean(g) - h mean(g h)), which is a g + b x + c.
template <class T>
Gradients gradients_of(const at::Tensor& gradient, const at::Tensor& x, const SavedNorm& saved) {
  const Rows rows = rows_of(x);
  const at::Tensor& facts = saved.facts;
  const Affine affine = affine_of(facts, saved.relu6);
  const T* values = values_of<T>(x);
  const T* gradients = values_of<T>(gradient);
  const auto fact = facts.accessor<float, 2>();
  ChannelSums sums(rows.channels);
  in_parallel(rows, [&](std::int64_t offset, Rows part, std::int64_t thread) {
    norm_kernels<T>().add_gradient_moments(values + offset, gradients + offset, part, affine,
                                           fact[kMean].data(), sums.first(thread), sums.second(thread));
  });
  sums.join();
  Gradients result{.x = at::empty_like(x),
                   .weight = at::zeros({rows.channels}, at::kFloat),
                   .bias = at::zeros({rows.channels}, at::kFloat)};
  auto weight = result.weight.accessor<float, 1>();
  auto bias = result.bias.accessor<float, 1>();
  for (std::int64_t c = 0; c < rows.channels; ++c) {
    weight[c] = static_cast<float>(sums.second(0)[c] * fact[kInverse][c]);
    bias[c] = static_cast<float>(sums.first(0)[c]);
  }
  if (saved.sum != nullptr) {
    at::Tensor all = at::from_blob(sums.first(0), {2 * rows.channels}, at::kDouble);
    if (!saved.sum->add_up(all)) {
      result.x.zero_();
      return result;
    }
  }
  const at::Tensor factors = at::zeros({3, rows.channels}, at::kFloat);
  auto factor = factors.accessor<float, 2>();
  for (std::int64_t c = 0; c < rows.channels; ++c) {
    const double inverse = fact[kInverse][c];
    const double scale = fact[kScale][c];
    const double product = sums.second(0)[c] * inverse;  // sum of g h
    const double slope = -scale * inverse * product / saved.count;
    factor[0][c] = static_cast<float>(scale);
    factor[1][c] = static_cast<float>(slope);
    factor[2][c] = static_cast<float>(-scale * sums.first(0)[c] / saved.count - slope * fact[kMean][c]);
  }
  in_parallel(rows, [&](std::int64_t offset, Rows part, std::int64_t) {
    norm_kernels<T>().input_gradient(values + offset, gradients + offset, part, affine,
                                     {.a = factor[0].data(), .b = factor[1].data(), .c = factor[2].data()},
                                     values_of<T>(result.x) + offset);
  });
  return result;
}

class NormRelu6Function : public torch::autograd::Function<NormRelu6Function> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& /*weight*/,
                            const at::Tensor& /*bias*/, BatchNormImpl* norm, bool relu6) {
    const bool half = x.scalar_type() == at::kBFloat16;
    const c10::intrusive_ptr<SharedSum>& sum = norm->shared_sum;
    const BatchMoments own = half ? own_moments<std::uint16_t>(x) : own_moments<float>(x);
    const BatchMoments moments = sum ? moments_of_all(own, *sum) : own;
    const at::Tensor facts = facts_of(*norm, moments);
    context->save_for_backward({x, facts});
    context->saved_data["relu6"] = relu6;
    context->saved_data["count"] = moments.count;
    if (sum) context->saved_data["sum"] = c10::IValue::make_capsule(sum);
    return half ? transformed<std::uint16_t>(x, facts, relu6) : transformed<float>(x, facts, relu6);
  }

  static variable_list backward(AutogradContext* context, const variable_list& outputs) {
    const variable_list tensors = context->get_saved_variables();
    const at::Tensor& x = tensors[0];
    const auto shared = context->saved_data.find("sum");
    const auto sum = shared == context->saved_data.end()
                         ? nullptr
                         : c10::static_intrusive_pointer_cast<SharedSum>(shared->second.toCapsule());
    const SavedNorm saved{.facts = tensors[1],
                          .relu6 = context->saved_data["relu6"].toBool(),
                          .count = context->saved_data["count"].toDouble(),
                          .sum = sum.get()};
    const at::Tensor gradient = outputs[0].contiguous(at::MemoryFormat::ChannelsLast);
    const Gradients gradients = x.scalar_type() == at::kBFloat16
                                    ? gradients_of<std::uint16_t>(gradient, x, saved)
                                    : gradients_of<float>(gradient, x, saved);
    return {gradients.x, gradients.weight, gradients.bias, {}, {}};
  }
};

bool learns(const BatchNormImpl& norm) { return norm.is_training() && at::GradMode::is_enabled(); }

bool has_kernel(const BatchNormImpl& norm, const at::Tensor& x) {
  const bool type = x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16;
  return learns(norm) && x.is_cpu() && type && x.dim() == 4 &&
         x.is_contiguous(at::MemoryFormat::ChannelsLast) && norm.weight.scalar_type() == at::kFloat;
}

}  // namespace

at::Tensor norm_relu6(BatchNormImpl& norm, const at::Tensor& x, bool relu6) {
  if (has_kernel(norm, x)) return NormRelu6Function::apply(x, norm.weight, norm.bias, &norm, relu6);
  at::Tensor y = learns(norm) && norm.shared_sum ? shared_batch_norm(norm, x) : norm.forward(x);
  return relu6 ? at::hardtanh_(y, 0, kSix) : y;
}

}  // namespace fer
