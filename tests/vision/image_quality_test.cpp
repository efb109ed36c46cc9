#include "fer/vision/image_quality.hpp"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "support/images.hpp"

namespace fer {
namespace {

/// Noise with the fall-off of photographs: much of it coarse, some of it fine.
cv::Mat textured(int side) {
  cv::Mat coarse;
  cv::resize(test::noise_image({8, 8}), coarse, {side, side}, 0, 0, cv::INTER_CUBIC);
  cv::Mat fine;
  cv::resize(test::noise_image({20, 20}, 2), fine, {side, side}, 0, 0, cv::INTER_LINEAR);
  return 0.7 * coarse + 0.3 * fine;
}

cv::Mat blurred(const cv::Mat& image, double share_of_side) {
  cv::Mat soft;
  cv::GaussianBlur(image, soft, {}, share_of_side * image.cols);
  return soft;
}

TEST(ImageQuality, knows_brightness_and_contrast_of_a_picture_in_two_halves) {
  cv::Mat halves(40, 40, CV_8UC3, cv::Scalar::all(50));
  halves.colRange(0, 20).setTo(cv::Scalar::all(150));
  EXPECT_DOUBLE_EQ(image_quality(halves).brightness, 100);
  EXPECT_DOUBLE_EQ(image_quality(halves).contrast, 50);
}

TEST(ImageQuality, weighs_colours_as_the_eye_does) {
  EXPECT_NEAR(image_quality(cv::Mat(4, 4, CV_8UC3, cv::Scalar(255, 0, 0))).brightness, 76, 0.5);
  EXPECT_NEAR(image_quality(cv::Mat(4, 4, CV_8UC3, cv::Scalar(0, 255, 0))).brightness, 150, 0.5);
  EXPECT_NEAR(image_quality(cv::Mat(4, 4, CV_8UC3, cv::Scalar(0, 0, 255))).brightness, 29, 0.5);
}

TEST(ImageQuality, measures_sharpness_as_the_laplacians_share_of_the_contrast) {
  // A chequerboard of single pixels: -4 times the deviation everywhere, so 16 times the variance... twice.
  cv::Mat board(32, 32, CV_8UC3, cv::Scalar::all(100));
  for (int y = 0; y < 32; ++y)
    for (int x = y % 2; x < 32; x += 2) board.at<cv::Vec3b>(y, x) = {120, 120, 120};
  EXPECT_NEAR(image_quality(board).sharpness, 64, 1e-3);
}

TEST(ImageQuality, falls_in_sharpness_with_every_blur) {
  for (const int side : {48, 64, 96, 224}) {
    const cv::Mat image = textured(side);
    double before = image_quality(image).sharpness;
    for (const double share : {0.01, 0.02, 0.04}) {
      const double after = image_quality(blurred(image, share)).sharpness;
      EXPECT_LT(after, 0.8 * before) << side << " pixels, blurred by " << share;
      before = after;
    }
  }
}

TEST(ImageQuality, sees_the_same_sharpness_at_other_contrasts_and_sizes_of_the_crop) {
  const double sharpness = image_quality(textured(64)).sharpness;
  EXPECT_NEAR(image_quality(textured(64) * 0.5).sharpness / sharpness, 1, 0.2);
  EXPECT_NEAR(image_quality(textured(128)).sharpness / sharpness, 1, 0.3);
  EXPECT_NEAR(image_quality(textured(224)).sharpness / sharpness, 1, 0.3);
}

TEST(ImageQuality, takes_pictures_without_contrast_and_of_one_pixel) {
  const ImageQuality one = image_quality(cv::Mat(1, 1, CV_8UC3, cv::Scalar::all(7)));
  EXPECT_EQ(one.brightness, 7);
  EXPECT_EQ(one.contrast, 0);
  EXPECT_EQ(one.sharpness, 0);
  EXPECT_EQ(image_quality(cv::Mat(300, 200, CV_8UC3, cv::Scalar::all(9))).sharpness, 0);
}

}  // namespace
}  // namespace fer
