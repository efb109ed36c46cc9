#include "byte_range.hpp"

#include <ATen/ops/histc.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace fer {
namespace {

constexpr int kMost = 255;

/// 0 lies in the range.
ByteScale scale_for(double low, double high) {
  const double step = std::max((high - low) / kMost, 1e-12);
  return {.step = static_cast<float>(step),
          .zero = std::clamp(static_cast<int>(std::lround(-low / step)), 0, kMost)};
}

}  // namespace

void ByteRange::see_range(const at::Tensor& values) {
  low_ = std::min(low_, values.min().item<double>());
  high_ = std::max(high_, values.max().item<double>());
}

void ByteRange::see_counts(const at::Tensor& values) {
  if (low_ == high_) return;
  const at::Tensor counts = at::histc(values, kBins, low_, high_);
  for (int bin = 0; bin < kBins; ++bin)
    counts_[static_cast<std::size_t>(bin)] += double{counts.const_data_ptr<float>()[bin]};
}

double ByteRange::error_of(ByteScale scale) const {
  double error = 0;
  for (int bin = 0; bin < kBins; ++bin) {
    const double count = counts_[static_cast<std::size_t>(bin)];
    if (count == 0) continue;
    const double value = middle(bin);
    const double byte = std::clamp(std::round(value / double{scale.step}) + scale.zero, 0.0, double{kMost});
    const double off = (byte - scale.zero) * double{scale.step} - value;
    error += count * off * off;
  }
  return error;
}

ByteScale ByteRange::best() const {
  constexpr int kTries = 32;  // of each end, from its all to a quarter
  const auto part = [](int i) { return 1 - 0.75 * i / kTries; };
  ByteScale best = scale_for(low_, high_);
  double least = error_of(best);
  const int lows = low_ < 0 ? kTries : 1;
  for (int low = 0; low < lows; ++low) {
    for (int high = 0; high < kTries; ++high) {
      const ByteScale scale = scale_for(low_ * part(low), high_ * part(high));
      const double error = error_of(scale);
      if (error < least) {
        least = error;
        best = scale;
      }
    }
  }
  return best;
}

}  // namespace fer
