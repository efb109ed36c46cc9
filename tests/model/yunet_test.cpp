#include "fer/engine/yunet.hpp"

#include <ATen/Parallel.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/upsample_nearest2d.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <opencv2/imgproc.hpp>

#include "fer/model/face_detectors.hpp"
#include "fer/vision/boxes.hpp"
#include "fer/vision/image.hpp"
#include "support/error_text.hpp"
#include "support/images.hpp"
#include "support/scoped_variable.hpp"
#include "support/shared_files.hpp"
#include "support/temp_folder.hpp"
#include "yunet_network.hpp"

namespace fer {
namespace {

using test::kShared;

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// What the network says of 64x32 pixels: nothing, until a cell is filled.
class YuNetOutputs {
 public:
  YuNetOutputs() {
    for (std::size_t k = 0; k < maps_.size(); ++k) {
      const int stride = kYuNetStrides[k];
      maps_[k] = buffers_[k].shaped(32 / stride, 64 / stride, kYuNetValues);
      std::fill_n(maps_[k].values, maps_[k].height * maps_[k].width * kYuNetValues, -20.0F);
    }
  }

  /// `level`: 0, 1, 2 for strides of 8, 16, 32; probabilities.
  void fill(std::size_t level, int cell, float cls, float obj) {
    float* values = maps_[level].at(cell / maps_[level].width, cell % maps_[level].width);
    *values++ = std::log(cls / (1 - cls));
    *values++ = std::log(obj / (1 - obj));
    for (const float value : {0.5F, 0.25F, std::log(2.0F), std::log(3.0F)}) *values++ = value;
    for (int i = 0; i < 10; ++i) *values++ = 0.1F * static_cast<float>(i);
  }

  std::vector<FaceDetection> decode(float min_score) const { return decode_yunet(maps_, min_score); }

 private:
  std::array<MapBuffer, 3> buffers_;
  YuNetOutput maps_;
};

TEST(YuNetDecodingTest, BoxesAndPointsAreOffsetsFromTheCellsCornerInStrides) {
  YuNetOutputs outputs;
  outputs.fill(1, 5, 0.81F, 0.64F);  // row 1, column 1 of the 4x2 cells of 16 pixels
  const auto faces = outputs.decode(0.5F);
  ASSERT_THAT(faces, SizeIs(1));
  EXPECT_FLOAT_EQ(faces[0].score, 0.72F);  // sqrt(cls * obj)
  EXPECT_FLOAT_EQ(faces[0].box.width, 32);
  EXPECT_FLOAT_EQ(faces[0].box.height, 48);
  EXPECT_FLOAT_EQ(faces[0].box.x, 1.5F * 16 - 16);
  EXPECT_FLOAT_EQ(faces[0].box.y, 1.25F * 16 - 24);
  ASSERT_THAT(faces[0].landmarks, SizeIs(5));
  EXPECT_NEAR(faces[0].landmarks[0].x, 16, 1e-4);
  EXPECT_NEAR(faces[0].landmarks[0].y, 1.1 * 16, 1e-4);
  EXPECT_NEAR(faces[0].landmarks[4].x, 1.8 * 16, 1e-4);
}

TEST(YuNetDecodingTest, EveryStrideCountsAndTheScoreIsALimit) {
  YuNetOutputs outputs;
  outputs.fill(0, 31, 0.9F, 0.9F);
  outputs.fill(1, 0, 0.6F, 0.6F);
  outputs.fill(2, 1, 0.9999F, 0.49F);  // sure of one and not of the other
  EXPECT_THAT(outputs.decode(0.5F), SizeIs(3));
  EXPECT_THAT(outputs.decode(0.61F), SizeIs(2));
  EXPECT_THAT(outputs.decode(0.71F), SizeIs(1));
  EXPECT_THAT(outputs.decode(0.95F), IsEmpty());
}

TEST(YuNetDecodingTest, CertaintyReachesTheHighestLimit) {
  YuNetOutputs outputs;
  outputs.fill(0, 3, 0.999999F, 0.999999F);
  EXPECT_THAT(outputs.decode(1), IsEmpty());
  outputs.fill(0, 3, 1, 1);
  EXPECT_THAT(outputs.decode(1), SizeIs(1));
}

/// Of a pointwise layer or the stem.
int out_channels(const std::string& name, int middle) {
  for (const auto& [part, channels] : std::map<std::string, int>{{"model0", 16},
                                                                 {"model1.conv1", 16},
                                                                 {"model1.conv2", middle},
                                                                 {"model2.conv1", middle},
                                                                 {"level_cls", 1},
                                                                 {"level_obj", 1},
                                                                 {"level_bbox", 4},
                                                                 {"level_kps", 10}}) {
    if (name.find(part) != std::string::npos) return channels;
  }
  return 64;
}

/// Random layers whose results are of one size.
TensorMap random_tensors(YuNetKind kind) {
  TensorMap tensors;
  const int middle = kind == YuNetKind::n ? 64 : 32;
  const std::vector<std::string> names = yunet_layers(kind);
  int width = 3;
  for (const std::string& name : names) {
    const bool stem = name == names.front();
    if (!stem && name.ends_with("conv2")) {
      tensors[name + ".weight"] = at::randn({width, 1, 3, 3}) / 3;
      tensors[name + ".bias"] = at::randn({width}) / 4;
      continue;
    }
    const int in = stem ? 3 : name.find("head") == std::string::npos ? width : 64;
    width = out_channels(name, middle);
    const int kernel = stem ? 3 : 1;
    const double scale = stem ? 1.0 / 300 : 1 / std::sqrt(in);
    tensors[name + ".weight"] = at::randn({width, in, kernel, kernel}) * scale;
    tensors[name + ".bias"] = at::randn({width}) / 4;
  }
  return tensors;
}

/// The network of LibTorch's operators.
class YuNetReference {
 public:
  explicit YuNetReference(const TensorMap& tensors) : tensors_(tensors) {}

  /// By stride: [1,16,H,W].
  std::array<at::Tensor, 3> run(const at::Tensor& bgr) const {
    at::Tensor map = layer("backbone.model0.conv1", bgr, 2, 1).relu();
    map = block("backbone.model0.conv2", map).relu();
    std::array<at::Tensor, 3> features;
    for (int stage = 1; stage <= 5; ++stage) {
      if (stage != 2) map = at::max_pool2d(map, {2, 2});
      for (const char* number : {"1", "2"})
        map = block(fmt::format("backbone.model{}.conv{}", stage, number), map).relu();
      if (stage >= 3) features[static_cast<std::size_t>(stage - 3)] = map;
    }
    std::array<at::Tensor, 3> output;
    for (std::size_t i = 3; i-- > 0;) {
      if (i < 2) map = features[i] + at::upsample_nearest2d(map, {2 * map.size(2), 2 * map.size(3)});
      map = block(fmt::format("neck.lateral_convs.{}", i), map).relu();
      at::Tensor shared = map;
      const std::string name = fmt::format("bbox_head.multi_level_share_convs.{}.0", i);
      if (tensors_.contains(name + ".conv1.weight")) shared = block(name, map).relu();
      std::vector<at::Tensor> answers;
      for (const char* answer : {"cls", "obj", "bbox", "kps"})
        answers.push_back(block(fmt::format("bbox_head.multi_level_{}.{}", answer, i), shared));
      output[i] = at::cat(answers, 1);
    }
    return output;
  }

 private:
  at::Tensor layer(const std::string& name, const at::Tensor& in, int stride, int padding) const {
    const at::Tensor& weight = tensors_.at(name + ".weight");
    return at::conv2d(in, weight, tensors_.at(name + ".bias"), {stride, stride}, {padding, padding}, {1, 1},
                      weight.size(1) == 1 ? weight.size(0) : 1);
  }
  at::Tensor block(const std::string& name, const at::Tensor& in) const {
    return layer(name + ".conv2", layer(name + ".conv1", in, 1, 0), 1, 1);
  }

  const TensorMap& tensors_;
};

at::Tensor padded_bgr(const cv::Mat& rgb) {
  const auto up = [](int side) { return (side + 31) / 32 * 32; };
  cv::Mat padded;
  cv::copyMakeBorder(rgb, padded, 0, up(rgb.rows) - rgb.rows, 0, up(rgb.cols) - rgb.cols,
                     cv::BORDER_CONSTANT);
  return at::from_blob(padded.data, {1, padded.rows, padded.cols, 3}, at::kByte)
      .permute({0, 3, 1, 2})
      .flip(1)
      .to(at::kFloat);
}

at::Tensor tensor_of(const MapView& map) {
  return at::from_blob(map.values, {1, map.height, map.width, map.channels}, at::kFloat)
      .permute({0, 3, 1, 2})
      .clone();
}

TEST(YuNetNetworkTest, GivesWhatTheOperatorsGive) {
  torch::manual_seed(11);
  for (const YuNetKind kind : {YuNetKind::n, YuNetKind::s}) {
    const TensorMap tensors = random_tensors(kind);
    YuNetNetwork network(kind, tensors, "here");
    for (const cv::Size size : {cv::Size(1, 1), cv::Size(31, 70), cv::Size(160, 96)}) {
      const cv::Mat rgb = test::noise_image(size);
      const YuNetOutput output = network.run(rgb);
      const auto expected = YuNetReference(tensors).run(padded_bgr(rgb));
      for (std::size_t k = 0; k < output.size(); ++k) {
        ASSERT_EQ(tensor_of(output[k]).sizes(), expected[k].sizes());
        EXPECT_GT(expected[k].std().item<float>(), 0.05) << "the test has nothing to compare";
        EXPECT_TRUE(at::allclose(tensor_of(output[k]), expected[k], 1e-4, 1e-4)) << size << " " << k;
      }
    }
  }
}

TEST(YuNetNetworkTest, GivesTheSameToTheBitOnAnyNumberOfThreads) {
  torch::manual_seed(12);
  const TensorMap tensors = random_tensors(YuNetKind::n);
  YuNetNetwork network(YuNetKind::n, tensors, "here");
  const cv::Mat rgb = test::noise_image({200, 320});
  std::array<at::Tensor, 3> alone;
  for (const int threads : {1, 2, 3}) {
    at::set_num_threads(threads);
    const YuNetOutput output = network.run(rgb);
    for (std::size_t k = 0; k < output.size(); ++k) {
      if (threads == 1) alone[k] = tensor_of(output[k]);
      EXPECT_TRUE(tensor_of(output[k]).equal(alone[k])) << threads << " " << k;
    }
  }
  at::set_num_threads(1);
}

TEST(YuNetNetworkTest, WeightsThatDoNotFitAreRefusedByName) {
  TensorMap tensors = random_tensors(YuNetKind::n);
  const auto error = [&] {
    return test::error_text(ErrorKind::data, [&] { return YuNetNetwork(YuNetKind::n, tensors, "here"); });
  };
  tensors["neck.lateral_convs.1.conv2.weight"] = at::zeros({32, 1, 3, 3});
  EXPECT_EQ(error(), "here: neck.lateral_convs.1.conv2.weight has shape [32,1,3,3], expected [64,1,3,3]");
  tensors.erase("neck.lateral_convs.1.conv2.weight");
  EXPECT_EQ(error(), "here: lacks neck.lateral_convs.1.conv2.weight");
}

TEST(YuNetDetectorTest, AMissingFileSaysHowToGetItAndWhatWorksWithout) {
  const test::TempFolder folder;
  const test::ScopedVariable models("FER_MODELS", folder.path().string());
  const test::ScopedVariable cache("XDG_CACHE_HOME", folder.path().string());
  EXPECT_THAT(test::error_text(ErrorKind::data, [] { return yunet_detector().make({}); }),
              testing::AllOf(HasSubstr("run 'fer-data fetch yunet'"), HasSubstr("haar needs no model file")));
}

TEST(YuNetDetectorTest, ADamagedFileIsADataErrorThatNamesIt) {
  const test::TempFolder folder;
  for (const std::string content : {"", "no network", "\x08\x07\x12\x07pytorch"}) {
    const fs::path file = folder.write("yunet_n_640_640.onnx", content);
    EXPECT_EQ(test::error_text(ErrorKind::data,
                               [&] { return yunet_detector().make({.models_folder = folder.path()}); }),
              file.string() + ": is no network that OpenCV can load");
  }
}

class YuNet : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(kShared / "models/yunet") || !fs::exists(kShared / "images"))
      GTEST_SKIP() << "YuNet's weights or the shared images are not here";
  }

  static std::vector<FaceDetection> detect(const cv::Mat& rgb, float min_size = 0.1F) {
    return yunet_detector().make({.models_folder = kShared / "models", .min_size = min_size})->detect(rgb);
  }
};

TEST_F(YuNet, AnotherLayoutIsRefused) {
  const test::TempFolder folder;
  fs::copy_file(kShared / "models/yunet/yunet_120x160.onnx", folder.path() / "yunet_n_640_640.onnx");
  EXPECT_THAT(test::error_text(ErrorKind::data,
                               [&] { return yunet_detector().make({.models_folder = folder.path()}); }),
              HasSubstr("is no YuNet of 2023"));
}

/// Which of the kinds a file holds is told from the file.
TEST_F(YuNet, TheSmallerKindIsTakenToo) {
  const test::TempFolder folder;
  fs::copy_file(kShared / "models/yunet/yunet_s_640_640.onnx", folder.path() / "yunet_n_640_640.onnx");
  const auto detector = yunet_detector().make({.models_folder = folder.path()});
  EXPECT_THAT(detector->detect(read_image(kShared / "images/five-faces-outdoor.jpg")), SizeIs(5));
}

TEST_F(YuNet, ImagesOfAFewPixelsHaveNoFace) {
  const auto detector = yunet_detector().make({.models_folder = kShared / "models", .min_size = 0});
  for (int height = 1; height <= 31; height += 5) {
    for (int width = 1; width <= 31; width += 5) {
      EXPECT_THAT(detector->detect(test::noise_image({width, height})), IsEmpty());
      EXPECT_THAT(detector->detect(cv::Mat(height, width, CV_8UC3, cv::Scalar::all(255))), IsEmpty());
    }
  }
}

TEST_F(YuNet, ShrinkingLosesNoFaceThatIsLargeEnough) {
  cv::Mat large;
  cv::resize(read_image(kShared / "images/five-faces-outdoor.jpg"), large, {}, 3, 3, cv::INTER_CUBIC);
  const auto shrunk = detect(large);
  const auto whole = detect(large, 0);
  ASSERT_THAT(shrunk, SizeIs(5));
  for (const FaceDetection& face : shrunk) {
    const auto same = std::ranges::max_element(
        whole, {}, [&](const FaceDetection& other) { return overlap(face.box, other.box); });
    ASSERT_NE(same, whole.end());
    EXPECT_GT(overlap(face.box, same->box), 0.8F);
  }
}

/// 24 faces of 66 pixels in 1600x300: at 640 pixels wide they would be 26.
TEST_F(YuNet, FindsDozensOfFacesWhereSmallOnesAreWanted) {
  cv::Mat tile;
  cv::resize(read_image(kShared / "images/one-face-128.png"), tile, {200, 200}, 0, 0, cv::INTER_AREA);
  cv::Mat crowd;
  cv::repeat(tile, 3, 8, crowd);
  EXPECT_THAT(detect(crowd, 0.05F), SizeIs(24));
}

TEST_F(YuNet, FindsAFaceThatIsPartlyOutside) {
  const cv::Mat rgb = read_image(kShared / "images/one-face-outdoor.jpg");
  const auto whole = detect(rgb);
  ASSERT_THAT(whole, SizeIs(1));
  const int cut = static_cast<int>(whole[0].box.x + whole[0].box.width * 0.3F);
  const auto part = detect(rgb.colRange(cut, rgb.cols));
  ASSERT_THAT(part, SizeIs(1));
  EXPECT_LT(part[0].box.x, whole[0].box.width * 0.2F);
}

}  // namespace
}  // namespace fer
