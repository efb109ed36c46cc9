#pragma once

#include <cstddef>
#include <vector>

#include "map_steps.hpp"

namespace fer {

template <class T>
T* numbers_of(const MapValue& value, std::byte* memory) {
  return reinterpret_cast<T*>(memory + value.offset);
}

template <class T>
const T* data_of(const at::Tensor& tensor) {
  return static_cast<const T*>(tensor.const_data_ptr());
}

/// Row 0 of a convolution's result, which is to lie at `out`.
template <class T>
ConvRow<T> conv_row(const MapStep& step, const std::vector<MapValue>& values, std::byte* memory, T* out) {
  const MapShape& in = values[step.in].shape;
  const MapShape& shape = values[step.out].shape;
  return {.in = numbers_of<const T>(values[step.in], memory),
          .pixel_step = std::ptrdiff_t{step.stride} * in.channels,
          .row_step = std::ptrdiff_t{in.width} * in.channels,
          .rows = step.kernel,
          .run = step.kernel * in.channels,
          .weight = data_of<T>(step.weight),
          .factors = step.factors.defined() ? data_of<float>(step.factors) : nullptr,
          .bias = data_of<float>(step.bias),
          .added = step.other ? numbers_of<const T>(values[*step.other], memory) : nullptr,
          .added_scale = step.other ? values[*step.other].scale : ByteScale(),
          .out = out,
          .out_step = shape.channels,
          .out_scale = values[step.out].scale,
          .pixels = shape.width,
          .groups = shape.channels / kGroup,
          .activation = step.activation};
}

/// Makes other rows of the result, `row` being row 0.
template <class T>
void convolve_rows(const MapStep& step, const ConvRow<T>& row, Range rows) {
  ConvRow<T> each = row;
  const std::ptrdiff_t line = row.pixels * row.out_step;
  const bool by_pixel = step.kernel == 1 && step.stride == 1;
  if (by_pixel) each.pixels *= rows.last - rows.first;
  for (int y = rows.first; y < (by_pixel ? rows.first + 1 : rows.last); ++y) {
    each.in = row.in + y * step.stride * row.row_step;
    each.out = row.out + y * line;
    if (row.added != nullptr) each.added = row.added + y * line;
    convolve(each);
  }
}

/// Where a filter takes its rows from and puts them.
template <class T>
struct FilterMemory {
  const T* in;
  int top = 0;  ///< the row that `in` begins with
  T* out;       ///< the first row
};

template <class T>
FilterRows<T> filter_rows(const MapStep& step, const std::vector<MapValue>& values, Range rows,
                          const FilterMemory<T>& memory) {
  const MapShape& in = values[step.in].shape;
  const bool packed = step.factors.defined();
  return {.in = memory.in,
          .top = memory.top,
          .height = in.height,
          .width = in.width,
          .channels = in.channels,
          .kernel = step.kernel,
          .stride = step.stride,
          .padding = step.padding,
          .zero = values[step.in].scale.zero,
          .weight = packed ? nullptr : data_of<float>(step.weight),
          .bias = data_of<float>(step.bias),
          .packed = packed ? data_of<Byte>(step.weight) : nullptr,
          .factors = packed ? data_of<float>(step.factors) : nullptr,
          .out = memory.out,
          .out_scale = values[step.out].scale,
          .out_width = values[step.out].shape.width,
          .first = rows.first,
          .last = rows.last,
          .activation = step.activation};
}

}  // namespace fer
