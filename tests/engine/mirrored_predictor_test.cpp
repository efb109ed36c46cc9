#include "fer/engine/mirrored_predictor.hpp"

#include <gmock/gmock.h>

namespace fer {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using testing::Pointwise;

/// Its logits are the upper left pixel's colours.
class CornerPredictor final : public LogitPredictor {
 public:
  CornerPredictor() {
    facts_.classes = ClassList({"happy", "sad", "angry"});
    facts_.calibration = {.method = CalibrationMethod::temperature, .temperature = 10};
  }

  const PredictorFacts& facts() const override { return facts_; }
  std::vector<std::vector<float>> logits(std::span<const cv::Mat> crops) override {
    std::vector<std::vector<float>> rows;
    for (const cv::Mat& crop : crops) {
      const auto pixel = crop.at<cv::Vec3b>(0, 0);
      rows.push_back({float(pixel[0]), float(pixel[1]), float(pixel[2])});
    }
    return rows;
  }

 private:
  PredictorFacts facts_;
};

cv::Mat crop_of(const cv::Vec3b& left, const cv::Vec3b& right) {
  cv::Mat crop(1, 2, CV_8UC3);
  crop.at<cv::Vec3b>(0, 0) = left;
  crop.at<cv::Vec3b>(0, 1) = right;
  return crop;
}

TEST(MirroredPredictor, GivesTheMeanOfBothSidesForEachCrop) {
  const auto predictor = mirrored(std::make_unique<CornerPredictor>());
  const std::vector<cv::Mat> crops = {crop_of({0, 10, 20}, {4, 10, 0}), crop_of({2, 2, 2}, {2, 2, 2})};
  EXPECT_THAT(predictor->logits(crops), ElementsAre(ElementsAre(2, 10, 10), ElementsAre(2, 2, 2)));
  const std::vector<float> logits = {2, 10, 10};
  EXPECT_THAT(predictor->predict(crops)[0],
              Pointwise(FloatNear(1e-6F), calibrated(logits, predictor->facts().calibration)));
  EXPECT_THAT(predictor->logits({}), ElementsAre());
}

}  // namespace
}  // namespace fer
