#include "map_steps.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "map_memory.hpp"
#include "map_strips.hpp"

namespace fer {
namespace {

/// The part of `row` that makes these groups of channels.
template <class T>
ConvRow<T> groups_of(ConvRow<T> row, Range groups) {
  const std::ptrdiff_t channel = std::ptrdiff_t{groups.first} * kGroup;
  row.weight += groups.first * group_weights(row);
  row.bias += channel;
  if (row.factors != nullptr) row.factors += channel;
  row.out += channel;
  if (row.added != nullptr) row.added += channel;
  row.groups = groups.last - groups.first;
  return row;
}

/// The part of `row` that makes these pixels.
template <class T>
ConvRow<T> pixels_of(ConvRow<T> row, Range pixels) {
  row.in += pixels.first * row.pixel_step;
  row.out += pixels.first * row.out_step;
  if (row.added != nullptr) row.added += pixels.first * row.out_step;
  row.pixels = pixels.last - pixels.first;
  return row;
}

template <class T>
void convolve_share(const MapStep& step, const std::vector<MapValue>& values, std::byte* memory,
                    Share share) {
  constexpr int kGrain = std::is_same_v<T, float> ? 14 : 32;  // pixels that a kernel takes at once
  constexpr Share kAll{.part = 0, .parts = 1};
  const MapShape& out = values[step.out].shape;
  auto row = conv_row<T>(step, values, memory, numbers_of<T>(values[step.out], memory));
  const bool by_pixel = step.kernel == 1 && step.stride == 1;
  if (by_pixel) row.pixels *= out.height;
  const bool many = by_pixel ? row.pixels >= 4 * kGrain * share.parts : out.height >= 4 * share.parts;
  if (!many) row = groups_of(row, range_of(row.groups, 2, share));
  if (by_pixel) return convolve(pixels_of(row, range_of(row.pixels, kGrain, many ? share : kAll)));
  convolve_rows(step, row, range_of(out.height, 1, many ? share : kAll));
}

template <class T>
void filter_share(const MapStep& step, const std::vector<MapValue>& values, std::byte* memory, Share share) {
  const MapShape& out = values[step.out].shape;
  const Range rows = range_of(out.height, 1, share);
  filter(filter_rows<T>(step, values, rows,
                        {.in = numbers_of<const T>(values[step.in], memory),
                         .out = numbers_of<T>(values[step.out], memory) +
                                std::ptrdiff_t{rows.first} * out.width * out.channels}));
}

/// Rows of the map with what stands for 0 around it.
template <class T>
void frame_share(const MapStep& step, const std::vector<MapValue>& values, std::byte* memory, Share share) {
  const MapShape& in = values[step.in].shape;
  const MapShape& out = values[step.out].shape;
  const std::size_t line =
      sizeof(T) * static_cast<std::size_t>(in.width) * static_cast<std::size_t>(in.channels);
  const Range rows = range_of(out.height, 1, share);
  for (int y = rows.first; y < rows.last; ++y) {
    T* to = numbers_of<T>(values[step.out], memory) + std::ptrdiff_t{y} * out.width * out.channels;
    std::memset(to, values[step.in].scale.zero,
                sizeof(T) * static_cast<std::size_t>(out.width) * static_cast<std::size_t>(out.channels));
    const int from = y - step.padding;
    if (from < 0 || from >= in.height) continue;
    std::memcpy(to + step.padding * out.channels,
                numbers_of<const T>(values[step.in], memory) + std::ptrdiff_t{from} * in.width * in.channels,
                line);
  }
}

/// The pixels of a share.
template <class T>
Pixels<T> pixel_share(const MapValue& value, std::byte* memory, Share share) {
  const MapShape& shape = value.shape;
  const Range range = range_of(shape.height * shape.width, 1, share);
  return {.values = numbers_of<T>(value, memory) + std::ptrdiff_t{range.first} * shape.channels,
          .count = range.last - range.first,
          .channels = shape.channels,
          .scale = value.scale};
}

template <class T>
void mean_share(const MapStep& step, const std::vector<MapValue>& values, std::byte* memory, Share share) {
  const auto pixels = pixel_share<const T>(values[step.in], memory, {.part = 0, .parts = 1});
  const Range channels = range_of(pixels.channels, kGroup, share);
  mean(pixels, channels.first, channels.last, numbers_of<float>(values[step.out], memory));
}

template <class T>
void multiply_share(const MapStep& step, const std::vector<MapValue>& values, std::byte* memory,
                    Share share) {
  multiply(pixel_share<const T>(values[step.in], memory, share),
           numbers_of<const float>(values[*step.other], memory),
           pixel_share<T>(values[step.out], memory, share));
}

template <class T>
void add_share(const MapStep& step, const std::vector<MapValue>& values, std::byte* memory, Share share) {
  const auto other =
      step.other ? pixel_share<const T>(values[*step.other], memory, share) : Pixels<const T>();
  add(pixel_share<const T>(values[step.in], memory, share), other, step.activation,
      pixel_share<T>(values[step.out], memory, share));
}

/// The greatest number below a kernel, edges apart.
template <class T>
void pool_share(const MapStep& step, const std::vector<MapValue>& values, std::byte* memory, Share share) {
  const MapShape& in = values[step.in].shape;
  const MapShape& out = values[step.out].shape;
  const Range rows = range_of(out.height, 1, share);
  for (int y = rows.first; y < rows.last; ++y) {
    for (int x = 0; x < out.width; ++x) {
      const auto bounds = [&](int position, int length) {
        const int begin = position * step.stride - step.padding;
        return Range{.first = std::max(0, begin), .last = std::min(length, begin + step.kernel)};
      };
      const Range down = bounds(y, in.height), across = bounds(x, in.width);
      T* to = numbers_of<T>(values[step.out], memory) + (std::ptrdiff_t{y} * out.width + x) * out.channels;
      for (int row = down.first; row < down.last; ++row) {
        const T* from = numbers_of<const T>(values[step.in], memory) +
                        (std::ptrdiff_t{row} * in.width + across.first) * in.channels;
        const bool first = row == down.first;
        greatest(
            Pixels<const T>{.values = from, .count = across.last - across.first, .channels = in.channels},
            first, to);
      }
    }
  }
}

/// A step of a kind that does the same with floats and with T.
template <class T>
void run_typed(const MapStep& step, const std::vector<MapValue>& values, std::byte* memory, Share share) {
  switch (step.kind) {
    case StepKind::frame:
      return frame_share<T>(step, values, memory, share);
    case StepKind::filter:
      return filter_share<T>(step, values, memory, share);
    case StepKind::strips:
      return StripRun<T>(step, values, memory, share).run();
    case StepKind::pool:
      return pool_share<T>(step, values, memory, share);
    case StepKind::mean:
      return mean_share<T>(step, values, memory, share);
    case StepKind::multiply:
      return multiply_share<T>(step, values, memory, share);
    case StepKind::add:
      return add_share<T>(step, values, memory, share);
    case StepKind::convolve:
      return convolve_share<T>(step, values, memory, share);
  }
}

}  // namespace

Range range_of(int count, int grain, Share share) {
  const auto bound = [&](int part) {
    const std::int64_t pieces = (count + grain - 1) / grain;
    return static_cast<int>(std::min<std::int64_t>(count, pieces * part / share.parts * grain));
  };
  return {.first = bound(share.part), .last = bound(share.part + 1)};
}

template <class T>
void run_step(const MapStep& step, const std::vector<MapValue>& values, std::byte* memory, Share share) {
  const bool from_floats = values[step.in].floats && step.kind != StepKind::strips;
  from_floats ? run_typed<float>(step, values, memory, share) : run_typed<T>(step, values, memory, share);
}

template void run_step<float>(const MapStep&, const std::vector<MapValue>&, std::byte*, Share);
template void run_step<Bf16>(const MapStep&, const std::vector<MapValue>&, std::byte*, Share);
template void run_step<Byte>(const MapStep&, const std::vector<MapValue>&, std::byte*, Share);

}  // namespace fer
