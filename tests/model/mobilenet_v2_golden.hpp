#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/tensor.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "fer/core/files.hpp"
#include "fer/core/random.hpp"
#include "fer/model/tensor_file.hpp"

// What tests/golden/make_mobilenet_v2.py wrote, and its formulas.

namespace fer::test {

inline const nlohmann::json& mobilenet_golden() {
  static const auto json = nlohmann::json::parse(read_file(FER_SOURCE_DIR "/tests/golden/mobilenet_v2.json"));
  return json;
}

/// torchvision's names and shapes, in the order of its state dict.
inline std::vector<std::pair<std::string, std::vector<std::int64_t>>> golden_entries() {
  return mobilenet_golden().at("entries");
}

/// A golden list of numbers, as doubles.
inline at::Tensor golden_numbers(const nlohmann::json& list, at::IntArrayRef shape) {
  return at::tensor(list.get<std::vector<double>>(), at::kDouble).reshape(shape);
}

inline double formula_value(const std::string& name, const std::vector<std::int64_t>& shape, double u) {
  if (name.ends_with("num_batches_tracked")) return 0;
  if (name.ends_with("running_var")) return 0.5 + u;
  if (name.ends_with("running_mean") || name.ends_with("bias")) return 0.5 * (u - 0.5);
  if (shape.size() == 1) return 0.75 + 0.5 * u;
  double fan_in = 1;
  for (std::size_t i = 1; i < shape.size(); ++i) fan_in *= static_cast<double>(shape[i]);
  return (u - 0.5) * std::sqrt((shape.size() == 4 ? 24.0 : 6.0) / fan_in);
}

/// `count` numbers in [0, 1) that belong to a stream.
inline std::vector<double> formula_uniform(std::uint64_t stream, std::int64_t count) {
  std::vector<double> numbers;
  for (std::int64_t i = 0; i < count; ++i)
    numbers.push_back(Rng((stream << 32) + static_cast<std::uint64_t>(i)).uniform());
  return numbers;
}

/// Every weight and buffer of the 7-class network, in double precision.
inline const TensorMap& formula_weights() {
  static const TensorMap weights = [] {
    TensorMap made;
    std::uint64_t position = 0;
    for (const auto& [name, shape] : golden_entries()) {
      std::int64_t count = 1;
      for (const std::int64_t side : shape) count *= side;
      std::vector<double> numbers = formula_uniform(position++, count);
      for (double& number : numbers) number = formula_value(name, shape, number);
      made.emplace(name, at::tensor(numbers, at::kDouble).reshape(shape));
    }
    return made;
  }();
  return weights;
}

/// [count,3,size,size] floats in -2..2, in squares of so many pixels, channels-last as to_tensor() makes
/// them.
inline at::Tensor formula_images(std::int64_t count, std::int64_t size, std::int64_t square = 1) {
  const std::int64_t side = size / square;
  return (4 * at::tensor(formula_uniform(1000, count * 3 * side * side), at::kDouble) - 2)
      .to(at::kFloat)
      .reshape({count, 3, side, side})
      .repeat_interleave(square, 2)
      .repeat_interleave(square, 3)
      .contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace fer::test
