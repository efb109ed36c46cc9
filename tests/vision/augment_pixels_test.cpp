// What augmentation does to the values of pixels; augment_test.cpp has what it does to their places.
#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <set>
#include <utility>
#include <vector>

#include "fer/vision/augment.hpp"
#include "support/images.hpp"
#include "vision/augmented.hpp"

namespace fer::test {
namespace {

cv::Mat as_jpeg(const cv::Mat& crop, int quality) {
  cv::Mat image;
  cv::cvtColor(crop, image, cv::COLOR_RGB2BGR);
  std::vector<std::uint8_t> bytes;
  cv::imencode(".jpg", image, bytes, {cv::IMWRITE_JPEG_QUALITY, quality});
  cv::cvtColor(cv::imdecode(bytes, cv::IMREAD_COLOR), image, cv::COLOR_BGR2RGB);
  return image;
}

cv::Mat as_small(const cv::Mat& crop, int side) {
  cv::Mat small;
  cv::resize(crop, small, {side, side}, 0, 0, cv::INTER_AREA);
  cv::resize(small, small, crop.size(), 0, 0, cv::INTER_LINEAR);
  return small;
}

double deviation_of(const cv::Mat& image) {
  cv::Scalar mean;
  cv::Scalar deviation;
  cv::meanStdDev(image, mean, deviation);
  return deviation[1];
}

TEST(AugmentTest, BrightnessScalesWithinItsRange) {
  Range level;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const cv::Scalar mean = cv::mean(augmented(plain(100), with(&AugmentOptions::brightness, 0.3), seed));
    EXPECT_EQ(mean[0], mean[1]);
    EXPECT_EQ(mean[1], mean[2]);
    level.add(mean[0]);
  }
  EXPECT_NEAR(level.least, 71, 1);
  EXPECT_NEAR(level.most, 129, 1);
}

TEST(AugmentTest, BrightnessStopsAtWhite) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const cv::Mat image = augmented(plain(250), with(&AugmentOptions::brightness, 0.9), seed);
    EXPECT_TRUE(same_pixels(image, plain(image.at<cv::Vec3b>(0, 0)[0])));  // wraps nowhere
    EXPECT_GE(image.at<cv::Vec3b>(0, 0)[0], 25);
  }
}

TEST(AugmentTest, ContrastSpreadsAboutMidGrey) {
  Range spread;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const double dark = cv::mean(augmented(plain(77), with(&AugmentOptions::contrast, 0.4), seed))[0];
    const double light = cv::mean(augmented(plain(178), with(&AugmentOptions::contrast, 0.4), seed))[0];
    EXPECT_NEAR((dark + light) / 2, 127.5, 1);
    spread.add((light - dark) / 101);
  }
  EXPECT_NEAR(spread.least, 0.6, 0.03);
  EXPECT_NEAR(spread.most, 1.4, 0.03);
}

double luma(const cv::Vec3b& p) { return 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2]; }

TEST(AugmentTest, ColourChangesTheSaturationAndKeepsTheLuma) {
  const cv::Mat crop(16, 16, CV_8UC3, cv::Scalar(160, 110, 90));
  Range spread;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto pixel = augmented(crop, with(&AugmentOptions::colour, 0.5), seed).at<cv::Vec3b>(8, 8);
    EXPECT_NEAR(luma(pixel), luma({160, 110, 90}), 1);
    spread.add(pixel[0] - pixel[2]);  // 70 in the crop
  }
  EXPECT_NEAR(spread.least, 35.5, 1.5);
  EXPECT_NEAR(spread.most, 104.5, 1.5);
  EXPECT_TRUE(
      same_pixels(augmented(plain(90), with(&AugmentOptions::colour, 0.5)), plain(90)));  // grey has none
}

TEST(AugmentTest, GreyTakesAllColourAndKeepsTheLuma) {
  const cv::Mat crop = noise_image({40, 40});
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const cv::Mat image = augmented(crop, with(&AugmentOptions::grey), seed);
    for (int i = 0; i < 1600; ++i) {
      const auto pixel = image.at<cv::Vec3b>(i / 40, i % 40);
      EXPECT_NEAR(pixel[1], luma(crop.at<cv::Vec3b>(i / 40, i % 40)), 1.1);
    }
    AugmentOptions more = with(&AugmentOptions::grey);
    more.rotate = {1, 10};
    more.brightness = more.contrast = more.colour = more.light = {1, 0.9};
    more.blur = {1, 3};
    more.low_resolution = {1, 0.5};
    more.jpeg = {1, 90};
    std::vector<cv::Mat> channels;
    cv::split(augmented(crop, more, seed), channels);
    EXPECT_TRUE(same_pixels(channels[0], channels[1]));
    EXPECT_TRUE(same_pixels(channels[1], channels[2]));
  }
}

TEST(AugmentTest, LightGrowsEvenlyFromOneSideToTheOther) {
  Range amount;
  std::set<std::pair<bool, bool>> quadrants;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const cv::Mat image = augmented(plain(100, 101), with(&AugmentOptions::light, 0.6), seed);
    const auto at = [&](int x, int y) { return static_cast<double>(image.at<cv::Vec3b>(y, x)[1]); };
    EXPECT_NEAR(at(50, 50), 100, 0.5);
    for (const auto& [x, y] : {cv::Point(0, 0), {100, 0}, {37, 81}, {50, 0}}) {
      EXPECT_NEAR(at(x, y) + at(100 - x, 100 - y), 200, 1.01);
      EXPECT_NEAR(at((x + 50) / 2, (y + 50) / 2), (at(x, y) + 100) / 2, 1.6);
    }
    const double right = at(100, 50) - at(0, 50);
    const double down = at(50, 100) - at(50, 0);
    if (std::min(std::abs(right), std::abs(down)) > 2) quadrants.emplace(right > 0, down > 0);
    double least = 0;
    double most = 0;
    cv::minMaxLoc(image.reshape(1), &least, &most);
    EXPECT_NEAR(most - least, std::abs(right) + std::abs(down), 2.01);
    amount.add((most - least) / 100);
  }
  EXPECT_EQ(quadrants.size(), 4U);
  EXPECT_LE(amount.least, 0.02);
  EXPECT_NEAR(amount.most, 0.59, 0.015);
}

TEST(AugmentTest, LightStopsAtWhiteAndLeavesBlackBlack) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    double least = 0;
    cv::minMaxLoc(augmented(plain(250), with(&AugmentOptions::light, 1), seed).reshape(1), &least, nullptr);
    EXPECT_GE(least, 124);
    EXPECT_TRUE(same_pixels(augmented(plain(0), with(&AugmentOptions::light, 1), seed), plain(0)));
  }
}

TEST(AugmentTest, BlurSmoothsByAtMostItsSigmaAndKeepsTheMean) {
  const cv::Mat crop = noise_image({100, 100});
  cv::Mat strongest;
  cv::GaussianBlur(crop, strongest, {}, 3);
  Range deviation;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const cv::Mat image = augmented(crop, with(&AugmentOptions::blur, 3), seed);
    EXPECT_NEAR(cv::mean(image)[0], cv::mean(crop)[0], 2);
    deviation.add(deviation_of(image));
  }
  EXPECT_GE(deviation.least, deviation_of(strongest) - 1e-9);
  EXPECT_LE(deviation.least, deviation_of(strongest) * 1.1);
  EXPECT_GT(deviation.most, 0.9 * deviation_of(crop));
}

TEST(AugmentTest, NoiseIsAtMostAsStrongAsAskedAndHasNoBias) {
  Range sigma;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const cv::Mat image = augmented(plain(128, 100), with(&AugmentOptions::noise, 12), seed);
    EXPECT_NEAR(cv::mean(image)[1], 128, 0.6);
    sigma.add(deviation_of(image));
  }
  EXPECT_LE(sigma.least, 0.6);
  EXPECT_GE(sigma.most, 11);
  EXPECT_LE(sigma.most, 12.4);
}

TEST(AugmentTest, NoiseStopsAtBlackAndWhite) {
  cv::Mat crop = plain(0, 60);
  crop.rowRange(30, 60).setTo(cv::Scalar::all(255));
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const cv::Mat image = augmented(crop, with(&AugmentOptions::noise, 12), seed);
    double largest = 0;
    cv::minMaxLoc(image.rowRange(0, 30).clone().reshape(1), nullptr, &largest);
    EXPECT_LT(largest, 80);
    double smallest = 255;
    cv::minMaxLoc(image.rowRange(30, 60).clone().reshape(1), &smallest, nullptr);
    EXPECT_GT(smallest, 175);
  }
}

TEST(AugmentTest, LowResolutionTakesDetailButLeavesTheShareItMust) {
  const cv::Mat crop = noise_image({128, 128});
  const double floor = deviation_of(as_small(crop, 32));
  Range deviation;
  for (std::uint64_t seed = 0; seed < 100; ++seed)
    deviation.add(deviation_of(augmented(crop, with(&AugmentOptions::low_resolution, 0.75), seed)));
  EXPECT_GE(deviation.least, 0.95 * floor);
  EXPECT_LE(deviation.least, 1.3 * floor);
  EXPECT_GT(deviation.most, 0.6 * deviation_of(crop));
}

TEST(AugmentTest, JpegHarmsNoiseAtMostAsItsQualityDoesAndHardlyWhatIsFlat) {
  const cv::Mat crop = noise_image({96, 96});
  const double worst = cv::norm(as_jpeg(crop, 20), crop);
  Range harm;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    harm.add(cv::norm(augmented(crop, with(&AugmentOptions::jpeg, 80), seed), crop));
    const cv::Mat skin(96, 96, CV_8UC3, cv::Scalar(200, 150, 120));  // its red stays its red
    EXPECT_LE(cv::norm(augmented(skin, with(&AugmentOptions::jpeg, 80), seed), skin, cv::NORM_INF), 10);
    EXPECT_LE(cv::norm(augmented(plain(90), with(&AugmentOptions::jpeg, 80), seed), plain(90), cv::NORM_INF),
              3);
  }
  EXPECT_LE(harm.most, 1.001 * worst);
  EXPECT_GE(harm.most, 0.95 * worst);
  EXPECT_LT(harm.least, 0.85 * worst);
}

TEST(AugmentTest, EraseFillsOneRectangleOfAtMostItsAreaWithNoise) {
  Range share;
  Range aspect;
  Range left;
  Range top;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    cv::Mat any;
    const cv::Mat image = augmented(plain(0, 100), with(&AugmentOptions::erase, 0.15), seed);
    cv::transform(image, any, cv::Matx13f(1, 1, 1));
    const cv::Rect box = cv::boundingRect(any);
    share.add(box.area() / 1e4);
    left.add(box.x);
    top.add(box.y);
    if (box.area() < 100) continue;
    aspect.add(static_cast<double>(box.width) / box.height);
    EXPECT_GE(cv::countNonZero(any(box)), box.area() - 2) << seed;
    EXPECT_NEAR(cv::mean(image(box))[0], 127.5, 25) << seed;
  }
  for (const Range& at : {left, top}) {
    EXPECT_LE(at.least, 3);
    EXPECT_GE(at.most, 85);
  }
  EXPECT_LE(share.least, 0.002);
  EXPECT_LE(share.most, 0.15);
  EXPECT_GE(share.most, 0.14);
  EXPECT_NEAR(aspect.least, 0.3, 0.06);
  EXPECT_NEAR(aspect.most, 3.3, 0.6);
}

TEST(AugmentTest, EvenTheLargestRectangleFitsInTheCrop) {
  Range share;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const cv::Mat image = augmented(plain(0, 100), with(&AugmentOptions::erase, 0.9), seed);
    cv::Mat any;
    cv::transform(image, any, cv::Matx13f(1, 1, 1));
    share.add(cv::countNonZero(any) / 1e4);
  }
  EXPECT_LE(share.most, 0.9);
  EXPECT_GE(share.most, 0.87);
}

}  // namespace
}  // namespace fer::test
