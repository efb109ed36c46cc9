#include "fer/vision/augment.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/images.hpp"

namespace fer {
namespace {

using test::same_pixels;

cv::Mat augmented(const cv::Mat& crop, const AugmentOptions& options, std::uint64_t seed = 1) {
  Rng rng(seed);
  return augment(crop, options, rng);
}

cv::Mat plain(double value, int side = 64) { return {side, side, CV_8UC3, cv::Scalar::all(value)}; }

/// A crop with a bright disc of a tenth of the side: where it goes tells where the picture went.
cv::Mat disc(cv::Point2d at, int side = 100) {
  cv::Mat crop = plain(0, side);
  cv::circle(crop, cv::Point(at), side / 10, cv::Scalar::all(255), cv::FILLED);
  return crop;
}

cv::Point2d centre_of(const cv::Mat& crop) {
  cv::Mat grey;
  cv::cvtColor(crop, grey, cv::COLOR_RGB2GRAY);
  const cv::Moments moments = cv::moments(grey);
  return {moments.m10 / moments.m00, moments.m01 / moments.m00};
}

const std::vector<std::pair<std::string, AugmentOptions>>& each_option() {
  static const std::vector<std::pair<std::string, AugmentOptions>> options = {
      {"flip", {.flip = 0.5}},
      {"shift", {.shift = 0.1}},
      {"scale", {.scale = 0.2}},
      {"rotate", {.rotate = 15}},
      {"brightness", {.brightness = 0.3}},
      {"contrast", {.contrast = 0.3}},
      {"colour", {.colour = 0.3}},
      {"blur", {.blur = 0.5}},
      {"noise", {.noise = 0.5}},
      {"erase", {.erase = 0.5}},
      {"all",
       {.flip = 0.5,
        .shift = 0.1,
        .scale = 0.2,
        .rotate = 15,
        .brightness = 0.3,
        .contrast = 0.3,
        .colour = 0.3,
        .blur = 0.3,
        .noise = 0.3,
        .erase = 0.3}}};
  return options;
}

TEST(AugmentTest, AllZeroChangesNothing) {
  for (const int side : {1, 2, 31, 64, 224}) {
    const cv::Mat crop = test::noise_image({side, side});
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      EXPECT_TRUE(same_pixels(augmented(crop, {}, seed), crop)) << side;
    }
  }
}

TEST(AugmentTest, GivesACopyAndLeavesTheCropAsItIs) {
  const cv::Mat crop = test::noise_image({48, 48});
  const cv::Mat before = crop.clone();
  for (const auto& [name, options] : each_option()) {
    EXPECT_NE(augmented(crop, options).data, crop.data) << name;
    EXPECT_TRUE(same_pixels(crop, before)) << name;
  }
  EXPECT_NE(augmented(crop, {}).data, crop.data);
}

TEST(AugmentTest, TheSameGeneratorStateGivesTheSamePictureAndAnotherOneAnother) {
  const cv::Mat crop = test::noise_image({48, 48});
  for (const auto& [name, options] : each_option()) {
    bool differs = false;
    for (std::uint64_t seed = 0; seed < 16; ++seed) {
      const cv::Mat image = augmented(crop, options, seed);
      EXPECT_TRUE(same_pixels(image, augmented(crop, options, seed))) << name;
      differs = differs || !same_pixels(image, augmented(crop, options, seed + 1));
    }
    EXPECT_TRUE(differs) << name;
  }
}

TEST(AugmentTest, SizeAndTypeStayThoseOfTheCrop) {
  for (const int side : {1, 2, 17, 96}) {
    const cv::Mat crop = test::noise_image({side, side});
    for (const auto& [name, options] : each_option()) {
      for (std::uint64_t seed = 0; seed < 8; ++seed) {
        const cv::Mat image = augmented(crop, options, seed);
        EXPECT_EQ(image.size(), crop.size()) << name;
        EXPECT_EQ(image.type(), CV_8UC3) << name;
        EXPECT_TRUE(image.isContinuous()) << name;
      }
    }
  }
}

TEST(AugmentTest, FlipMirrorsExactly) {
  for (const int side : {2, 31, 64}) {
    const cv::Mat crop = test::noise_image({side, side});
    cv::Mat mirrored;
    cv::flip(crop, mirrored, 1);
    EXPECT_TRUE(same_pixels(augmented(crop, {.flip = 1}), mirrored)) << side;
  }
}

TEST(AugmentTest, FlipHappensAsOftenAsAsked) {
  const cv::Mat crop = test::noise_image({8, 8});
  Rng rng(3);
  int flipped = 0;
  for (int i = 0; i < 2000; ++i) flipped += same_pixels(augment(crop, {.flip = 0.25}, rng), crop) ? 0 : 1;
  EXPECT_NEAR(flipped, 500, 100);
}

TEST(AugmentTest, ShiftStaysWithinItsShareOfTheSideAndUsesItUp) {
  const cv::Mat crop = disc({50, 50});
  const cv::Point2d before = centre_of(crop);
  double largest = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const cv::Point2d moved = centre_of(augmented(crop, {.shift = 0.1}, seed)) - before;
    largest = std::max({largest, std::abs(moved.x), std::abs(moved.y)});
  }
  EXPECT_LE(largest, 10.1);
  EXPECT_GE(largest, 9);
}

TEST(AugmentTest, ScaleChangesTheSizeAboutTheCentre) {
  const cv::Mat crop = disc({49.5, 49.5});
  const double before = cv::sum(crop)[0];
  double smallest = 1;
  double largest = 1;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const cv::Mat image = augmented(crop, {.scale = 0.3}, seed);
    EXPECT_LT(cv::norm(centre_of(image) - centre_of(crop)), 0.5);
    const double factor = std::sqrt(cv::sum(image)[0] / before);
    smallest = std::min(smallest, factor);
    largest = std::max(largest, factor);
  }
  EXPECT_NEAR(smallest, 0.7, 0.03);
  EXPECT_NEAR(largest, 1.3, 0.03);
}

TEST(AugmentTest, RotateTurnsAboutTheCentreByAtMostItsAngle) {
  const cv::Mat crop = disc({80, 50});
  const cv::Point2d middle(49.5, 49.5);
  const cv::Point2d start = centre_of(crop) - middle;
  double least = 0;
  double most = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const cv::Point2d moved = centre_of(augmented(crop, {.rotate = 20}, seed)) - middle;
    EXPECT_NEAR(cv::norm(moved), cv::norm(start), 0.3);
    const double angle = std::atan2(start.cross(moved), start.dot(moved)) * 180 / CV_PI;
    least = std::min(least, angle);
    most = std::max(most, angle);
  }
  EXPECT_NEAR(least, -20, 1);
  EXPECT_NEAR(most, 20, 1);
}

TEST(AugmentTest, OutsideTheCropItsEdgeIsRepeated) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const AugmentOptions options = {.shift = 0.3, .scale = 0.4, .rotate = 45};
    EXPECT_TRUE(same_pixels(augmented(plain(200), options, seed), plain(200)));
  }
}

TEST(AugmentTest, BrightnessScalesWithinItsRange) {
  double darkest = 255;
  double brightest = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const cv::Scalar mean = cv::mean(augmented(plain(100), {.brightness = 0.3}, seed));
    EXPECT_EQ(mean[0], mean[1]);
    EXPECT_EQ(mean[1], mean[2]);
    darkest = std::min(darkest, mean[0]);
    brightest = std::max(brightest, mean[0]);
  }
  EXPECT_GE(darkest, 70);
  EXPECT_LE(darkest, 72);
  EXPECT_GE(brightest, 128);
  EXPECT_LE(brightest, 130);
}

TEST(AugmentTest, BrightnessStopsAtWhite) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const cv::Mat image = augmented(plain(250), {.brightness = 0.9}, seed);
    EXPECT_TRUE(same_pixels(image, plain(image.at<cv::Vec3b>(0, 0)[0])));  // wraps nowhere
    EXPECT_GE(image.at<cv::Vec3b>(0, 0)[0], 25);
  }
}

TEST(AugmentTest, ContrastSpreadsAboutMidGrey) {
  double narrowest = 1;
  double widest = 1;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const double dark = cv::mean(augmented(plain(77.5 - 0.5), {.contrast = 0.4}, seed))[0];
    const double light = cv::mean(augmented(plain(178), {.contrast = 0.4}, seed))[0];
    EXPECT_NEAR((dark + light) / 2, 127.5, 1);
    narrowest = std::min(narrowest, (light - dark) / 101);
    widest = std::max(widest, (light - dark) / 101);
  }
  EXPECT_NEAR(narrowest, 0.6, 0.03);
  EXPECT_NEAR(widest, 1.4, 0.03);
}

TEST(AugmentTest, ColourChangesTheSaturationAndKeepsTheLuma) {
  const cv::Mat crop(16, 16, CV_8UC3, cv::Scalar(160, 110, 90));
  const auto luma = [](const cv::Vec3b& p) { return 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2]; };
  std::set<int> spreads;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto pixel = augmented(crop, {.colour = 0.5}, seed).at<cv::Vec3b>(8, 8);
    EXPECT_NEAR(luma(pixel), luma({160, 110, 90}), 1);
    spreads.insert(pixel[0] - pixel[2]);  // 70 in the crop
  }
  EXPECT_GE(*spreads.begin(), 34);
  EXPECT_LE(*spreads.begin(), 37);
  EXPECT_GE(*spreads.rbegin(), 103);
  EXPECT_LE(*spreads.rbegin(), 106);
  EXPECT_TRUE(same_pixels(augmented(plain(90), {.colour = 0.5}), plain(90)));  // grey has none
}

TEST(AugmentTest, BlurSmoothsAndKeepsTheMean) {
  const cv::Mat crop = test::noise_image({100, 100});
  const cv::Mat image = augmented(crop, {.blur = 1});
  cv::Scalar mean;
  cv::Scalar deviation;
  cv::meanStdDev(image, mean, deviation);
  EXPECT_NEAR(mean[0], cv::mean(crop)[0], 2);
  EXPECT_LT(deviation[0], 60);  // 74 in the crop
  EXPECT_GT(deviation[0], 5);
}

TEST(AugmentTest, NoiseIsAsStrongAsPromisedAndHasNoBias) {
  double weakest = 255;
  double strongest = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    cv::Scalar mean;
    cv::Scalar deviation;
    cv::meanStdDev(augmented(plain(128, 100), {.noise = 1}, seed), mean, deviation);
    EXPECT_NEAR(mean[1], 128, 0.6);
    weakest = std::min(weakest, deviation[1]);
    strongest = std::max(strongest, deviation[1]);
  }
  EXPECT_GE(weakest, 1.9);
  EXPECT_LE(weakest, 3);
  EXPECT_GE(strongest, 11);
  EXPECT_LE(strongest, 12.4);
}

TEST(AugmentTest, NoiseStopsAtBlackAndWhite) {
  cv::Mat crop = plain(0, 60);
  crop.rowRange(30, 60).setTo(cv::Scalar::all(255));
  const cv::Mat image = augmented(crop, {.noise = 1});
  double largest = 0;
  cv::minMaxLoc(image.rowRange(0, 30).clone().reshape(1), nullptr, &largest);
  EXPECT_LT(largest, 80);
  double smallest = 255;
  cv::minMaxLoc(image.rowRange(30, 60).clone().reshape(1), &smallest, nullptr);
  EXPECT_GT(smallest, 175);
}

TEST(AugmentTest, EraseFillsOneRectangleOfThePromisedAreaWithNoise) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    cv::Mat changed;
    cv::absdiff(augmented(plain(0, 100), {.erase = 1}, seed), plain(0, 100), changed);
    cv::Mat any;
    cv::transform(changed, any, cv::Matx13f(1, 1, 1));
    const cv::Rect box = cv::boundingRect(any);
    EXPECT_GE(box.area(), 150) << seed;  // 2 % of the area, less what rounding takes
    EXPECT_LE(box.area(), 1500) << seed;
    EXPECT_GE(cv::countNonZero(any(box)), box.area() - 2) << seed;
    EXPECT_NEAR(cv::mean(changed(box))[0], 127.5, 25) << seed;
  }
}

}  // namespace
}  // namespace fer
