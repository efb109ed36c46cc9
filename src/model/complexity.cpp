#include "fer/model/complexity.hpp"

#include <ATen/ops/zeros.h>
#include <ATen/record_function.h>

#include <string_view>

namespace fer {
namespace {

using Inputs = c10::ArrayRef<const c10::IValue>;

/// One output value takes a column of the weight, which is all but its first dimension.
std::int64_t convolution_macs(Inputs inputs) {
  const at::Tensor x = inputs[0].toTensor();
  const at::Tensor weight = inputs[1].toTensor();
  const auto stride = inputs[3].toIntVector();
  const auto padding = inputs[4].toIntVector();
  const auto dilation = inputs[5].toIntVector();
  std::int64_t places = x.size(0);
  for (std::size_t i = 0; i < stride.size(); ++i) {
    const auto axis = static_cast<std::int64_t>(i) + 2;
    const std::int64_t reach = dilation[i] * (weight.size(axis) - 1);
    places *= (x.size(axis) + 2 * padding[i] - reach - 1) / stride[i] + 1;
  }
  return places * weight.numel();
}

/// [..., n, k] times [..., k, m].
std::int64_t product_macs(const at::Tensor& a, const at::Tensor& b) { return a.numel() * b.size(-1); }

/// Queries [..., L, E] by keys [..., S, E], then what comes of them by values [..., S, V].
std::int64_t attention_macs(Inputs inputs) {
  const at::Tensor query = inputs[0].toTensor();
  const at::Tensor key = inputs[1].toTensor();
  const at::Tensor value = inputs[2].toTensor();
  return query.numel() * key.size(-2) + query.numel() / query.size(-1) * value.size(-2) * value.size(-1);
}

/// By the operators that all others come down to; nothing is counted twice, as none of them calls another.
std::int64_t macs_of(std::string_view name, Inputs inputs) {
  if (name == "aten::convolution") return convolution_macs(inputs);
  if (name == "aten::mm" || name == "aten::bmm")
    return product_macs(inputs[0].toTensor(), inputs[1].toTensor());
  if (name == "aten::addmm" || name == "aten::baddbmm")
    return product_macs(inputs[1].toTensor(), inputs[2].toTensor());
  if (name.starts_with("aten::_scaled_dot_product_") && name != "aten::_scaled_dot_product_attention_math")
    return attention_macs(inputs);
  return 0;
}

/// Where this thread's operators are counted: an observer is a plain function, which this lets know.
thread_local std::int64_t* counter = nullptr;

std::unique_ptr<at::ObserverContext> count(const at::RecordFunction& call) {
  if (counter != nullptr) *counter += macs_of(call.name(), call.inputs());
  return nullptr;
}

/// Counts this thread's operators for a scope.
class CountingScope {
 public:
  explicit CountingScope(std::int64_t& macs)
      : handle_(at::addThreadLocalCallback(
            at::RecordFunctionCallback(count).needsInputs(true).scopes({at::RecordScope::FUNCTION}))) {
    counter = &macs;
  }
  ~CountingScope() {
    counter = nullptr;
    at::removeCallback(handle_);
  }
  CountingScope(const CountingScope&) = delete;
  CountingScope& operator=(const CountingScope&) = delete;

 private:
  at::CallbackHandle handle_;
};

}  // namespace

Complexity complexity(Classifier& classifier, int input_size) {
  Complexity result{.parameters = 0, .macs = 0};
  for (const at::Tensor& parameter : classifier.parameters()) result.parameters += parameter.numel();
  const EvaluationScope evaluation(classifier);
  const at::Tensor image =
      at::zeros({1, 3, input_size, input_size}, classifier.parameters().front().options())
          .contiguous(at::MemoryFormat::ChannelsLast);
  const CountingScope counting(result.macs);
  classifier.forward(image);
  return result;
}

}  // namespace fer
