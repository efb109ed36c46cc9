#include "map_layers.hpp"

#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/full.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/prelu.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>
#include <torch/utils.h>

#include "mtcnn_area.hpp"
#include "support/images.hpp"

namespace fer {
namespace {

/// [1,C,H,W] of the first channels.
at::Tensor tensor_of(const MapView& map, int channels) {
  return at::from_blob(map.values, {1, map.height, map.width, map.channels}, at::kFloat)
      .permute({0, 3, 1, 2})
      .narrow(1, 0, channels)
      .clone();
}

/// A map of random values in that many of its channels; the rest is what a kernel must not look at.
MapView random_map(MapBuffer& buffer, cv::Size size, int channels, int stored) {
  const MapView map = buffer.shaped(size.height, size.width, stored);
  at::Tensor values = at::from_blob(map.values, {map.height, map.width, map.channels}, at::kFloat);
  values.fill_(1e9F);
  values.narrow(2, 0, channels).copy_(at::randn({map.height, map.width, channels}));
  return map;
}

struct RandomLayer {
  at::Tensor weight;
  at::Tensor bias;
  at::Tensor slope;
  ConvLayer layer;
};

RandomLayer random_layer(int in, int out, int kernel) {
  RandomLayer made{.weight = at::randn({out, in, kernel, kernel}),
                   .bias = at::randn({out}),
                   .slope = at::randn({out}),
                   .layer = {.in = in, .out = out, .kernel = kernel}};
  const int stored = stored_channels(out);
  made.layer.bias.resize(static_cast<std::size_t>(stored));
  made.layer.slope.resize(static_cast<std::size_t>(stored));
  for (int group = 0; group < stored / kChannelGroup; ++group) {
    for (int y = 0; y < kernel; ++y) {
      for (int x = 0; x < kernel; ++x) {
        for (int i = 0; i < in; ++i) {
          for (int o = group * kChannelGroup; o < (group + 1) * kChannelGroup; ++o)
            made.layer.weight.push_back(o < out ? made.weight[o][i][y][x].item<float>() : 0);
        }
      }
    }
  }
  std::copy_n(made.bias.const_data_ptr<float>(), out, made.layer.bias.begin());
  std::copy_n(made.slope.const_data_ptr<float>(), out, made.layer.slope.begin());
  return made;
}

struct ConvolutionCase {
  int in;
  int stored;  // channels of the input map
  int out;
  int kernel;
  cv::Size size;
};

TEST(ConvolutionTest, GivesWhatTheOperatorsGive) {
  torch::manual_seed(5);
  std::vector<ConvolutionCase> cases = {{10, 16, 16, 3, {40, 5}},
                                        {28, 32, 48, 3, {11, 11}},
                                        {64, 64, 128, 2, {4, 4}},
                                        {256, 256, 6, 1, {1, 1}}};
  for (int width = 3; width <= 20; ++width) cases.push_back({3, 3, 10, 3, {width, 4}});
  for (const ConvolutionCase& c : cases) {
    MapBuffer from;
    MapBuffer to;
    const RandomLayer random = random_layer(c.in, c.out, c.kernel);
    const MapView in = random_map(from, c.size, c.in, c.stored);
    const MapView out =
        to.shaped(c.size.height - c.kernel + 1, c.size.width - c.kernel + 1, stored_channels(c.out));
    convolve(random.layer, in, out);
    const at::Tensor expected =
        at::prelu(at::conv2d(tensor_of(in, c.in), random.weight, random.bias), random.slope);
    EXPECT_TRUE(at::allclose(tensor_of(out, c.out), expected, 1e-4, 1e-4)) << c.in << " " << c.size;
    EXPECT_EQ(tensor_of(out, out.channels).narrow(1, c.out, out.channels - c.out).abs().sum().item<float>(),
              0);
  }
}

TEST(ConvolutionTest, StridesAndAddsToWhatIsThere) {
  torch::manual_seed(8);
  for (const int kernel : {1, 3, 5}) {
    MapBuffer from;
    MapBuffer to;
    RandomLayer random = random_layer(16, 24, kernel);
    random.layer.stride = 2;
    random.layer.adds = true;
    const MapView in = random_map(from, {17, 9}, 16, 16);
    const MapView out = random_map(to, {(17 - kernel) / 2 + 1, (9 - kernel) / 2 + 1}, 32, 32);
    const at::Tensor before = tensor_of(out, 24);
    convolve(random.layer, in, out);
    const at::Tensor filtered = at::conv2d(tensor_of(in, 16), random.weight, random.bias, {2, 2});
    EXPECT_TRUE(at::allclose(tensor_of(out, 24), at::prelu(filtered + before, random.slope), 1e-4, 1e-4))
        << kernel;
  }
}

/// Stride 2 as TensorFlow pads it: nothing before, one pixel after.
TEST(DepthwiseTest, GivesWhatTheOperatorsGiveInWholeAndInParts) {
  torch::manual_seed(9);
  for (const int stride : {1, 2}) {
    for (const cv::Size size : {cv::Size(2, 2), cv::Size(4, 6), cv::Size(16, 10), cv::Size(22, 4)}) {
      MapBuffer from;
      MapBuffer to;
      const MapView in = random_map(from, size, 32, 32);
      const at::Tensor weight = at::randn({32, 1, 3, 3});
      const at::Tensor bias = at::randn({32});
      DepthwiseLayer layer{.channels = 32, .stride = stride};
      for (int tap = 0; tap < 9; ++tap) {
        for (int c = 0; c < 32; ++c) layer.weight.push_back(weight[c][0][tap / 3][tap % 3].item<float>());
      }
      layer.bias.assign(bias.const_data_ptr<float>(), bias.const_data_ptr<float>() + 32);
      const MapView out = to.shaped(size.height / stride, size.width / stride, 32);
      filter_channels(layer, in, 0, out.rows(0, 1));
      filter_channels(layer, in, 1, out.rows(1, out.height - 1));
      const at::Tensor padded =
          stride == 2 ? at::constant_pad_nd(tensor_of(in, 32), {0, 1, 0, 1}) : tensor_of(in, 32);
      const at::Tensor expected = at::conv2d(padded, weight, bias, {stride, stride},
                                             at::IntArrayRef{2 - stride, 2 - stride}, {1, 1}, 32);
      EXPECT_TRUE(at::allclose(tensor_of(out, 32), expected, 1e-4, 1e-4)) << stride << " " << size;
    }
  }
}

/// The rows lie apart and in any order, as in a buffer that goes round.
TEST(DepthwiseTest, FiltersARowWhoseNeighboursLieElsewhereAndCutsWhatIsNegative) {
  torch::manual_seed(10);
  for (int width = 1; width <= 12; ++width) {
    MapBuffer from;
    MapBuffer to;
    const MapView in = random_map(from, {width, 3}, 48, 48);
    const at::Tensor weight = at::randn({48, 1, 3, 3});
    DepthwiseLayer layer{.channels = 48, .relu = true, .bias = std::vector<float>(48, 0.1F)};
    for (int tap = 0; tap < 9; ++tap) {
      for (int c = 0; c < 48; ++c) layer.weight.push_back(weight[c][0][tap / 3][tap % 3].item<float>());
    }
    const MapView out = to.shaped(1, width, 48);
    const std::array<int, 3> order = {2, 0, 1};
    const at::Tensor rows = tensor_of(in, 48).index_select(2, at::tensor({2, 0, 1}));
    const auto expected =
        at::conv2d(rows, weight, at::full({48}, 0.1), {1, 1}, at::IntArrayRef{1, 1}, {1, 1}, 48).relu();
    RowsBelow below = {in.at(order[0], 0), in.at(order[1], 0), in.at(order[2], 0)};
    filter_row(layer, below, out);
    EXPECT_TRUE(at::allclose(tensor_of(out, 48), expected.narrow(2, 1, 1), 1e-4, 1e-4)) << width;
    filter_row(layer, {nullptr, below[0], below[1]}, out);
    EXPECT_TRUE(at::allclose(tensor_of(out, 48), expected.narrow(2, 0, 1), 1e-4, 1e-4)) << width;
    filter_row(layer, {below[1], below[2], nullptr}, out);
    EXPECT_TRUE(at::allclose(tensor_of(out, 48), expected.narrow(2, 2, 1), 1e-4, 1e-4)) << width;
  }
}

TEST(ConvolutionTest, DoesNotDependOnWhereAPixelLies) {
  torch::manual_seed(6);
  const RandomLayer random = random_layer(16, 32, 3);
  MapBuffer from;
  MapBuffer to;
  MapBuffer part;
  const MapView in = random_map(from, {13, 9}, 16, 16);
  const MapView out = to.shaped(7, 11, 32);
  convolve(random.layer, in, out);
  const MapView rows = part.shaped(3, 11, 32);
  convolve(random.layer, {.values = in.values + 2 * 13 * 16, .height = 5, .width = 13, .channels = 16}, rows);
  EXPECT_TRUE(tensor_of(out, 32).narrow(2, 2, 3).equal(tensor_of(rows, 32)));
}

TEST(MaxPoolTest, LetsTheLastWindowReachOverTheEdge) {
  torch::manual_seed(7);
  for (const Pool& pool : {Pool{.size = 2, .stride = 2}, Pool{.size = 3, .stride = 2}}) {
    for (int length = 4; length <= 9; ++length) {
      MapBuffer from;
      MapBuffer to;
      const MapView in = random_map(from, {length, length + 1}, 32, 32);
      const MapView out = to.shaped(pool.shrunk(in.height), pool.shrunk(in.width), 32);
      max_pool(pool, in, out);
      const at::Tensor expected = at::max_pool2d(tensor_of(in, 32), {pool.size, pool.size},
                                                 {pool.stride, pool.stride}, 0, 1, /*ceil_mode=*/true);
      EXPECT_TRUE(tensor_of(out, 32).equal(expected)) << pool.size << " " << length;
    }
  }
}

at::Tensor resized_tensor(const cv::Mat& rgb, cv::Size size) {
  MapBuffer buffer;
  const MapView map = buffer.shaped(size.height, size.width, 3);
  resize_by_area(rgb, size, 0, map);
  return tensor_of(map, 3);
}

TEST(MtcnnResizeTest, IsAdaptiveAveragePooling) {
  for (const cv::Size from : {cv::Size(1, 1), cv::Size(37, 20), cv::Size(24, 24), cv::Size(301, 203)}) {
    // A part of a larger picture, whose rows do not follow each other in memory.
    const cv::Mat rgb = test::noise_image(from + cv::Size(7, 5))(cv::Rect({3, 2}, from));
    const cv::Mat dense = rgb.clone();
    const at::Tensor pixels = at::from_blob(dense.data, {1, dense.rows, dense.cols, 3}, at::kByte)
                                  .permute({0, 3, 1, 2})
                                  .to(at::kDouble);
    for (const cv::Size to : {cv::Size(24, 24), cv::Size(48, 48), cv::Size(1, 1), cv::Size(19, 31)}) {
      const at::Tensor expected = (at::adaptive_avg_pool2d(pixels, {to.height, to.width}) - 127.5) / 128;
      EXPECT_TRUE(at::allclose(resized_tensor(rgb, to).to(at::kDouble), expected, 0, 1e-6))
          << from << " " << to;
    }
  }
}

TEST(MtcnnResizeTest, GivesTheSameRowsInParts) {
  const cv::Mat rgb = test::noise_image({50, 40});
  const cv::Size size(29, 23);
  MapBuffer buffer;
  const MapView part = buffer.shaped(6, size.width, 3);
  resize_by_area(rgb, size, 11, part);
  EXPECT_TRUE(tensor_of(part, 3).equal(resized_tensor(rgb, size).narrow(2, 11, 6)));
}

}  // namespace
}  // namespace fer
