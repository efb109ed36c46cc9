#include "mtcnn_area.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

namespace fer {
namespace {

constexpr int kColours = 3;

/// A pixel's colours and one float more, wherever they lie in memory.
using Pixel [[gnu::vector_size(16), gnu::aligned(4), gnu::may_alias]] = float;

struct Window {
  int begin;
  int end;

  int size() const { return end - begin; }
};

/// What the i-th of `to` pixels touches of `from`.
Window window(std::int64_t i, std::int64_t from, std::int64_t to) {
  return {.begin = static_cast<int>(i * from / to), .end = static_cast<int>(((i + 1) * from + to - 1) / to)};
}

/// The sums over some rows, per column and colour.
void add_rows(const cv::Mat& rgb, Window rows, float* sums) {
  constexpr int kChunk = 32;  // sums that stay in registers
  const int count = rgb.cols * kColours;
  const auto add = [&](int first, int length) __attribute__((always_inline)) {
    std::int32_t chunk[kChunk] = {};
    for (int y = rows.begin; y < rows.end; ++y) {
      const std::uint8_t* from = rgb.ptr<std::uint8_t>(y) + first;
      for (int i = 0; i < length; ++i) chunk[i] += from[i];
    }
    for (int i = 0; i < length; ++i) sums[first + i] = static_cast<float>(chunk[i]);
  };
  int first = 0;
  for (; first + kChunk <= count; first += kChunk) add(first, kChunk);
  add(first, count - first);
}

}  // namespace

void resize_by_area(const cv::Mat& rgb, cv::Size size, int first_row, const MapView& out) {
  std::vector<Window> columns;
  for (int x = 0; x < size.width; ++x) columns.push_back(window(x, rgb.cols, size.width));
  std::vector<float> sums(static_cast<std::size_t>(rgb.cols) * kColours + 1);
  float* to = out.values;
  for (int y = first_row; y < first_row + out.height; ++y) {
    const Window rows = window(y, rgb.rows, size.height);
    add_rows(rgb, rows, sums.data());
    for (const Window& column : columns) {
      Pixel total = {};
      for (int x = column.begin; x < column.end; ++x)
        total += *reinterpret_cast<const Pixel*>(sums.data() + std::ptrdiff_t{x} * kColours);
      const float count = static_cast<float>(rows.size()) * static_cast<float>(column.size());
      const Pixel value = (total / count - 127.5F) * (1.0F / 128);
      std::memcpy(to, &value, kColours * sizeof(float));
      to += kColours;
    }
  }
}

}  // namespace fer
