#include "fer/model/onnx_export.hpp"

#include <ATen/Context.h>
#include <ATen/ops/randn.h>
#include <gmock/gmock.h>
#include <torch/utils.h>

#include <opencv2/imgproc.hpp>

#include "fer/core/random.hpp"
#include "fer/model/classifier.hpp"
#include "fer/model/image_tensor.hpp"
#include "fer/onnx/answers.hpp"
#include "model/drawn_networks.hpp"

namespace fer::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// One blob an image, as the ONNX model takes them.
std::vector<cv::Mat> blobs_of(const at::Tensor& images) {
  std::vector<cv::Mat> blobs;
  for (std::int64_t i = 0; i < images.size(0); ++i) {
    const at::Tensor image = images[i].contiguous();
    const int side = static_cast<int>(image.size(1));
    blobs.push_back(cv::Mat(std::vector<int>{1, 3, side, side}, CV_32F, image.mutable_data_ptr()).clone());
  }
  return blobs;
}

/// Pixels as floats, a row of the images' bytes each.
std::vector<cv::Mat> pixels_of(const std::vector<cv::Mat>& crops) {
  std::vector<cv::Mat> blobs;
  for (const cv::Mat& crop : crops) {
    cv::Mat blob(std::vector<int>{1, crop.rows, crop.cols, 3}, CV_32F);
    for (std::size_t i = 0; i < blob.total(); ++i) blob.ptr<float>()[i] = crop.data[i];
    blobs.push_back(blob);
  }
  return blobs;
}

double farthest_of(const std::vector<std::vector<float>>& rows, const at::Tensor& expected) {
  double largest = static_cast<std::int64_t>(rows.size()) == expected.size(0) ? 0 : INFINITY;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t c = 0; c < rows[i].size(); ++c) {
      const auto value = expected[static_cast<std::int64_t>(i)][static_cast<std::int64_t>(c)].item<double>();
      largest = std::max(largest, std::abs(value - rows[i][c]));
    }
  }
  return largest;
}

double largest(const at::Tensor& logits) { return logits.abs().max().item<double>(); }

class ExportedBackbone : public testing::TestWithParam<const char*> {};

TEST_P(ExportedBackbone, GivesTheSameLogitsInOpenCv) {
  const CheckpointInfo info = info_of(GetParam());
  const at::Tensor images = crops_to_tensor(drawn_crops(3), info.preprocessing);
  const LayerList layers = settled_layers(GetParam(), images);
  const at::Tensor expected = run_layers(layers, images);
  const auto answers = opencv_answers(onnx_model(layers, info), blobs_of(images));
  EXPECT_LT(farthest_of(answers, expected), 1e-4 * std::max(1.0, largest(expected)));
}

INSTANTIATE_TEST_SUITE_P(All, ExportedBackbone,
                         testing::Values("mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large",
                                         "efficientnet_b0", "efficientnet_lite0", "vit_tiny_patch16",
                                         "resnet18", "resnet50"));

class Exported : public testing::Test {
 protected:
  static std::string model(const OnnxOptions& options = {}) { return onnx_model(layers_, info_, options); }

  inline static const std::vector<cv::Mat> crops_ = drawn_crops(3);
  inline static const CheckpointInfo info_ = info_of("mobilenet_v2");
  inline static const at::Tensor images_ = crops_to_tensor(crops_, info_.preprocessing);
  inline static const LayerList layers_ = settled_layers("mobilenet_v2", images_);
};

TEST_F(Exported, TakesImagesAsBytesAndGreysThemAsOpenCvDoes) {
  CheckpointInfo info = info_;
  info.preprocessing.grey = true;
  cv::Mat noise(kSide, kSide, CV_8UC3);
  cv::RNG(3).fill(noise, cv::RNG::UNIFORM, 0, 256);
  cv::Mat grey;
  cv::cvtColor(noise, grey, cv::COLOR_RGB2GRAY);
  cv::cvtColor(grey, grey, cv::COLOR_GRAY2RGB);
  const at::Tensor expected =
      run_layers(layers_, crops_to_tensor(std::vector<cv::Mat>{grey}, info.preprocessing));
  const std::string onnx = onnx_model(layers_, info, {.images = true});
  EXPECT_LT(farthest_of(opencv_answers(onnx, pixels_of({noise})), expected),
            1e-4 * std::max(1.0, largest(expected)));
}

TEST_F(Exported, GivesCalibratedProbabilities) {
  const at::Tensor logits = run_layers(layers_, images_);
  CheckpointInfo info = info_;
  for (const Calibration& calibration :
       {Calibration{}, Calibration{.method = CalibrationMethod::temperature, .temperature = 1.7},
        Calibration{
            .method = CalibrationMethod::vector, .scale = {0.5, 1.25, 2}, .bias = {0.1, -0.5, 0.25}}}) {
    info.calibration = calibration;
    const std::string onnx = onnx_model(layers_, info, {.probabilities = true, .images = true});
    const auto rows = opencv_answers(onnx, pixels_of(crops_));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const at::Tensor row = logits[static_cast<std::int64_t>(i)].contiguous();
      const auto expected = calibrated({row.const_data_ptr<float>(), rows[i].size()}, calibration);
      for (std::size_t c = 0; c < expected.size(); ++c) EXPECT_NEAR(rows[i][c], expected[c], 1e-5);
    }
  }
}

TEST_F(Exported, SaysInItsMetadataWhatGoesInAndComesOut) {
  EXPECT_THAT(model(), AllOf(HasSubstr("normalised"), HasSubstr(R"(["sad","happy","neutral"])")));
  const std::string all = model({.probabilities = true, .images = true});
  EXPECT_THAT(all, AllOf(HasSubstr("rgb8"), HasSubstr("probabilities"), HasSubstr(R"("detector":"none")")));
  EXPECT_EQ(all, model({.probabilities = true, .images = true}));
}

TEST_F(Exported, KeepsBytesAsTheQuantisedCheckpointHasThem) {
  const QuantisedCheckpoint checkpoint{
      .info = info_,
      .layers = quantise(layers_, [](const auto& look) { look(images_); }),
      .loss = {.images = "3 drawn ones", .count = 3, .accuracy = 1, .int8_accuracy = 1}};
  const std::string onnx = onnx_model(checkpoint);
  EXPECT_THAT(onnx, AllOf(HasSubstr("QuantizeLinear"), HasSubstr("3 drawn ones")));
  EXPECT_LT(onnx.size(), model().size() / 3);
  const std::string spelled = in_floats(onnx);
  EXPECT_THAT(spelled, testing::Not(HasSubstr("QuantizeLinear")));
  const at::Tensor expected = DequantisedLayers(checkpoint.layers).run(images_);
  EXPECT_LT(farthest_of(opencv_answers(onnx, blobs_of(images_)), expected), 0.05 * largest(expected));
}

TEST_F(Exported, IsRefusedInOneLineWhenItIsDamaged) {
  EXPECT_THAT(error_text(ErrorKind::data, [] { return opencv_answers("no model", {}); }),
              HasSubstr("is no ONNX model"));
}

}  // namespace
}  // namespace fer::test
