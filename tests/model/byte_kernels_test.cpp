#include "byte_kernels.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "fer/core/random.hpp"
#include "tile_kernels.hpp"

namespace fer::test {
namespace {

/// A convolution of rows of random bytes, and room for what it gives.
struct Work {
  Work(int kernel, int channels, int groups, int pixels)
      : run(kernel * channels),
        in(static_cast<std::size_t>((pixels + 40) * channels * kernel + 128)),
        out(static_cast<std::size_t>(pixels * groups * kGroup)),
        added(out.size()) {
    Rng rng(static_cast<std::uint64_t>(run * 100 + pixels));
    for (auto* bytes : {&in, &added}) {
      for (Byte& byte : *bytes) byte = static_cast<Byte>(rng.uniform(0, 256));
    }
    const auto all = static_cast<std::size_t>(groups * kGroup);
    for (std::size_t c = 0; c < all; ++c) {
      factors.push_back(1e-4F * static_cast<float>(rng.uniform(1, 3)));
      bias.push_back(static_cast<float>(rng.uniform(-1, 1)));
    }
    plain.resize(static_cast<std::size_t>(kernel * run) * all);
    for (int& weight : plain) weight = static_cast<int>(rng.uniform(-127, 128));
    pack(kernel, groups);
    row = {.in = in.data(),
           .pixel_step = channels,
           .row_step = (pixels + kernel) * channels,
           .rows = kernel,
           .run = run,
           .weight = packed.data(),
           .factors = factors.data(),
           .bias = bias.data(),
           .added = added.data(),
           .added_scale = {.step = 0.02F, .zero = 100},
           .out = out.data(),
           .out_step = groups * kGroup,
           .out_scale = {.step = 0.03F, .zero = 7},
           .pixels = pixels,
           .groups = groups,
           .activation = Activation::relu6};
  }

  int weight(int group, int r, int i, int c) const {
    const int rows = row.rows == 0 ? 1 : row.rows;
    return plain[static_cast<std::size_t>(((group * rows + r) * run + i) * kGroup + c)];
  }

  void pack(int kernel, int groups) {
    row.rows = kernel;
    const int filled = packed_run<Byte>(run);
    packed.assign(static_cast<std::size_t>(groups * kernel * filled * kGroup), Byte{});
    for (int group = 0; group < groups; ++group) {
      for (int r = 0; r < kernel; ++r) {
        for (int i = 0; i < run; ++i) {
          for (int c = 0; c < kGroup; ++c) {
            const int at = (((group * kernel + r) * (filled / 4) + i / 4) * kGroup + c) * 4 + i % 4;
            packed[static_cast<std::size_t>(at)] = static_cast<Byte>(weight(group, r, i, c));
          }
        }
      }
    }
  }

  /// By the definition, in double.
  double expected(int pixel, int channel) const {
    long sum = 0;
    for (int r = 0; r < row.rows; ++r) {
      for (int i = 0; i < run; ++i) {
        const auto value = static_cast<int>(row.in[pixel * row.pixel_step + r * row.row_step + i]);
        sum += value * weight(channel / kGroup, r, i, channel % kGroup);
      }
    }
    const auto c = static_cast<std::size_t>(channel);
    const double beside = (static_cast<int>(row.added[pixel * row.out_step + channel]) - 100) * 0.02;
    const double activated = std::clamp(static_cast<double>(sum) * factors[c] + bias[c] + beside, 0.0, 6.0);
    return std::clamp(activated / 0.03 + 7, 0.0, 255.0);
  }

  int run;
  std::vector<Byte> in;
  std::vector<Byte> out;
  std::vector<Byte> added;
  std::vector<Byte> packed;
  std::vector<int> plain;  // [groups][rows][run][kGroup]
  std::vector<float> factors;
  std::vector<float> bias;
  ConvRow<Byte> row;
};

void expect_right(void (*convolve)(const ConvRow<Byte>&)) {
  struct Case {
    int kernel, channels, groups, pixels;
  };
  for (const auto& [kernel, channels, groups, pixels] :
       std::vector<Case>{{1, 32, 2, 1}, {1, 96, 4, 17}, {1, 160, 2, 300}, {3, 32, 2, 14}, {3, 64, 4, 33}}) {
    Work work(kernel, channels, groups, pixels);
    convolve(work.row);
    for (int pixel = 0; pixel < pixels; ++pixel) {
      for (int channel = 0; channel < groups * kGroup; ++channel) {
        const auto found =
            static_cast<int>(work.out[static_cast<std::size_t>(pixel * groups * kGroup + channel)]);
        ASSERT_NEAR(found, work.expected(pixel, channel), 0.501) << kernel << " " << pixel << " " << channel;
      }
    }
  }
}

TEST(ByteKernels, ConvolveInTilesByTheDefinition) {
  if (!has_tiles()) GTEST_SKIP() << "this processor has no tiles";
  expect_right(convolve_in_tiles);
}

TEST(ByteKernels, ConvolveByDotsByTheDefinition) {
  if (!has_byte_kernels()) GTEST_SKIP() << "this processor lacks the instructions";
  expect_right(convolve_by_dots);
}

}  // namespace
}  // namespace fer::test
