#pragma once

#include <algorithm>
#include <cstring>

#include "map_memory.hpp"

namespace fer {

/// A share of strips: a few rows of the filter's result at a time.
template <class T>
class StripRun {
 public:
  StripRun(const MapStep& step, const std::vector<MapValue>& values, std::byte* memory, Share share)
      : step_(step), values_(values), memory_(memory) {
    const auto filter = std::ranges::find(step.inner, StepKind::filter, &MapStep::kind);
    filter_ = &*filter;
    if (filter != step.inner.begin()) before_ = &step.inner.front();
    if (filter + 1 != step.inner.end()) after_ = &step.inner.back();
    const MapValue& scratch = values[step.scratch];
    made_ = numbers_of<T>(scratch, memory) + std::ptrdiff_t{share.part} * scratch.shape.channels;
    filtered_ = made_ + (before_ != nullptr ? std::ptrdiff_t{rows_below(step, values)} * line() : 0);
    rows_ = range_of(values[filter_->out].shape.height, 1, share);
  }

  void run() {
    for (int y = rows_.first; y < rows_.last; y += step_.strip)
      run_strip({.first = y, .last = std::min(rows_.last, y + step_.strip)});
  }

  /// Of the filter's input, at most.
  static int rows_below(const MapStep& step, const std::vector<MapValue>& values) {
    const MapStep& filter = *std::ranges::find(step.inner, StepKind::filter, &MapStep::kind);
    return std::min(values[filter.in].shape.height, (step.strip - 1) * filter.stride + filter.kernel);
  }

 private:
  std::ptrdiff_t line() const {
    const MapShape& shape = values_[filter_->in].shape;
    return std::ptrdiff_t{shape.width} * shape.channels;
  }

  void run_strip(Range rows) {
    const MapShape& in = values_[filter_->in].shape;
    const MapShape& out = values_[filter_->out].shape;
    const int top = std::max(0, rows.first * filter_->stride - filter_->padding);
    const int bottom =
        std::min(in.height, (rows.last - 1) * filter_->stride - filter_->padding + filter_->kernel);
    const T* from = made_;
    if (before_ != nullptr) {
      make_rows(top, bottom);
    } else {
      from = numbers_of<const T>(values_[filter_->in], memory_) + top * line();
    }
    const std::ptrdiff_t begin = std::ptrdiff_t{rows.first} * out.width;
    T* const to =
        after_ != nullptr ? filtered_ : numbers_of<T>(values_[filter_->out], memory_) + begin * out.channels;
    filter(filter_rows<T>(*filter_, values_, rows, {.in = from, .top = top, .out = to}));
    if (after_ != nullptr) finish(begin, static_cast<int>((rows.last - rows.first) * out.width));
  }

  /// Those that the strip before has made are moved up.
  void make_rows(int top, int bottom) {
    if (end_ > top) {
      std::memmove(made_, made_ + (top - top_) * line(),
                   sizeof(T) * static_cast<std::size_t>((end_ - top) * line()));
    } else {
      end_ = top;
    }
    top_ = top;
    T* const first = made_ - top * line();  // where row 0 would be
    convolve_rows(*before_, conv_row<T>(*before_, values_, memory_, first), {.first = end_, .last = bottom});
    end_ = bottom;
  }

  /// Pixels `begin` and on of the convolution behind the filter.
  void finish(std::ptrdiff_t begin, int pixels) const {
    T* const out = numbers_of<T>(values_[after_->out], memory_);
    auto row = conv_row<T>(*after_, values_, memory_, out);
    row.in = filtered_;
    row.out += begin * row.out_step;
    if (row.added != nullptr) row.added += begin * row.out_step;
    row.pixels = pixels;
    convolve(row);
  }

  const MapStep& step_;
  const std::vector<MapValue>& values_;
  std::byte* memory_;
  const MapStep* filter_ = nullptr;
  const MapStep* before_ = nullptr;
  const MapStep* after_ = nullptr;
  T* made_ = nullptr;      // rows top_..end_-1 of the filter's input
  T* filtered_ = nullptr;  // rows of its result
  Range rows_{};
  int top_ = 0;
  int end_ = 0;
};

}  // namespace fer
