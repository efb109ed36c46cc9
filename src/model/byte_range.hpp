#pragma once

#include <ATen/core/Tensor.h>

#include <array>

#include "fer/model/quantise.hpp"

namespace fer {

/// Finds what the bytes of a map should stand for: sees all its values twice, first to know their range, then
/// how often each occurs.
class ByteRange {
 public:
  void see_range(const at::Tensor& values);
  void see_counts(const at::Tensor& values);

  /// That of the least squared error. 0 has a byte of its own.
  ByteScale best() const;

 private:
  static constexpr int kBins = 2048;

  double error_of(ByteScale scale) const;
  double middle(int bin) const { return low_ + (bin + 0.5) * (high_ - low_) / kBins; }

  double low_ = 0;
  double high_ = 0;
  std::array<double, kBins> counts_ = {};
};

}  // namespace fer
