#include "fer/engine/opencv_predictor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "engine/golden_onnx.hpp"
#include "support/error_text.hpp"
#include "support/images.hpp"
#include "support/temp_folder.hpp"

namespace fer::test {
namespace {

using testing::AllOf;
using testing::FloatNear;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pointwise;

std::string predictor_refusal(const std::filesystem::path& path) {
  return error_text(ErrorKind::data, [&] { return load_opencv_predictor(path); });
}

/// A protobuf field: output is "probabilities".
const std::string kSaysProbabilities =
    "\x72\x17\x0a\x06"
    "output"
    "\x12\x0d"
    "probabilities";

std::vector<cv::Mat> noise_crops(int count) {
  std::vector<cv::Mat> crops;
  for (int i = 0; i < count; ++i) crops.push_back(noise_image({16, 16}, static_cast<std::uint64_t>(i) + 1));
  return crops;
}

TEST(OpencvPredictor, SaysWhatOnnxsReferenceEvaluatorSays) {
  const auto predictor = load_opencv_predictor(kOnnxFiles / "small.onnx");
  const cv::Mat picture = golden_picture();
  const auto rows = predictor->logits({&picture, 1});
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_THAT(rows[0],
              Pointwise(FloatNear(1e-4F), golden_json("onnx.json", "logits").get<std::vector<float>>()));
}

TEST(OpencvPredictor, LeavesToTheNetworkWhatItsFileSaysItDoes) {
  const auto predictor = load_opencv_predictor(kOnnxFiles / "whole.onnx");
  const cv::Mat picture = golden_picture();
  const auto expected = golden_json("onnx.json", "probabilities").get<std::vector<float>>();
  EXPECT_THAT(predictor->predict({&picture, 1})[0], Pointwise(FloatNear(1e-5F), expected));
  const auto logits = predictor->logits({&picture, 1});
  EXPECT_EQ(predictor->facts().calibration, Calibration());
  EXPECT_THAT(softmax(logits[0]), Pointwise(FloatNear(1e-5F), expected));
  const auto apart = load_opencv_predictor(kOnnxFiles / "small.onnx");
  EXPECT_THAT(apart->predict({&picture, 1})[0], Pointwise(FloatNear(1e-5F), expected));
}

TEST(OpencvPredictor, LooksAtMirrorImagesToo) {
  const auto predictor = load_opencv_predictor(kOnnxFiles / "small.onnx", {.mirror = true});
  const auto crops = noise_crops(1);
  std::vector<cv::Mat> mirrored(1);
  cv::flip(crops[0], mirrored[0], 1);
  const auto rows = predictor->logits(crops);
  EXPECT_THAT(predictor->logits(mirrored)[0], Pointwise(FloatNear(1e-5F), rows[0]));
  EXPECT_NE(rows, load_opencv_predictor(kOnnxFiles / "small.onnx")->logits(crops));
}

TEST(OpencvPredictor, CalibratesAsTheFileSays) {
  const auto predictor = load_opencv_predictor(kOnnxFiles / "small.onnx");
  EXPECT_EQ(predictor->facts().calibration.temperature, 2);
  EXPECT_EQ(predictor->facts().class_prior, (std::vector<double>{0.25, 0.5, 0.25}));
  const auto crops = noise_crops(3);
  const auto logits = predictor->logits(crops);
  const auto rows = predictor->predict(crops);
  ASSERT_EQ(rows.size(), 3U);
  for (std::size_t i = 0; i < rows.size(); ++i)
    EXPECT_EQ(rows[i], calibrated(logits[i], predictor->facts().calibration));
  EXPECT_THAT(predictor->predict({}), IsEmpty());
}

TEST(OpencvPredictor, ThreadsThatPredictAtTheSameTimeGetTheBitsOfOne) {
  const auto predictor = load_opencv_predictor(kOnnxFiles / "small.onnx");
  const auto crops = noise_crops(40);
  const auto alone = predictor->predict(crops);
  std::vector<std::future<std::vector<std::vector<float>>>> threads;
  for (int i = 0; i < 4; ++i)
    threads.push_back(std::async(std::launch::async, [&] { return predictor->predict(crops); }));
  for (auto& thread : threads) EXPECT_EQ(thread.get(), alone);
}

TEST(OpencvPredictor, RefusesFilesThatDoNotSayOrDoWhatItNeeds) {
  const TempFolder folder;
  const std::string whole = read_file(kOnnxFiles / "small.onnx");
  EXPECT_THAT(predictor_refusal(kOnnxFiles / "foreign.onnx"),
              AllOf(HasSubstr("foreign.onnx"), HasSubstr("fer-export")));
  EXPECT_THAT(predictor_refusal(kOnnxFiles / "four_answers.onnx"),
              HasSubstr("gives 4 numbers for 3 classes"));
  EXPECT_THAT(predictor_refusal(
                  folder.write("scores.onnx", read_file(kOnnxFiles / "small.onnx") + kSaysProbabilities)),
              HasSubstr("not probabilities"));
  EXPECT_THAT(predictor_refusal(folder.write("cut.onnx", whole.substr(0, 700))),
              AllOf(HasSubstr("cut.onnx"), HasSubstr("truncated")));
  EXPECT_THAT(predictor_refusal(folder.write("empty.onnx", "")), HasSubstr("fer-export"));
  std::string damaged = whole;
  damaged.replace(damaged.find("GlobalAveragePool"), 6, "Glxbal");
  EXPECT_THAT(predictor_refusal(folder.write("damaged.onnx", damaged)),
              HasSubstr("no network that OpenCV can load"));
  EXPECT_THAT(predictor_refusal(folder / "missing.onnx"), HasSubstr("missing.onnx"));
}

TEST(OpencvPredictor, SaysWhatToDoWithAQuantisedFileThatAnOldOpencvDoesNotKnow) {
  if (CV_VERSION_MAJOR > 4 || CV_VERSION_MINOR > 6) GTEST_SKIP() << "this OpenCV knows it";
  EXPECT_THAT(predictor_refusal(kOnnxFiles / "int8.onnx"),
              AllOf(HasSubstr("int8.onnx"), HasSubstr("quantised"), HasSubstr("in float")));
}

TEST(OpencvPredictor, RefusesCropsOfAnotherSize) {
  const auto predictor = load_opencv_predictor(kOnnxFiles / "small.onnx");
  const cv::Mat crop(32, 16, CV_8UC3);
  EXPECT_THAT(error_text(ErrorKind::failure,
                         [&] {
                           return predictor->predict({&crop, 1});
                         }),
              HasSubstr("takes 16x16 RGB crops"));
}

TEST(OpencvPredictor, RefusesWhatOpencvDoesNotDo) {
  const auto refused = [](const PredictorOptions& options) {
    return error_text(ErrorKind::usage,
                      [&] { return load_opencv_predictor(kOnnxFiles / "small.onnx", options); });
  };
  EXPECT_THAT(refused({.device = "cuda"}), HasSubstr("'cuda'"));
  EXPECT_THAT(refused({.precision = "bf16"}), HasSubstr("'bf16'"));
}

}  // namespace
}  // namespace fer::test
