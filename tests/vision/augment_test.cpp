#include "fer/vision/augment.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "support/error_text.hpp"
#include "support/images.hpp"
#include "vision/augmented.hpp"

namespace fer::test {
namespace {

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

/// A crop of 200 whose red is x and whose green is y: each pixel tells where it came from.
cv::Mat map_crop() {
  cv::Mat crop = plain(0, 200);
  for (int y = 0; y < 200; ++y) {
    for (int x = 0; x < 200; ++x) crop.at<cv::Vec3b>(y, x) = cv::Vec3b(cv::Vec3i(x, y, 0));
  }
  return crop;
}

cv::Point source_of(const cv::Mat& image, int x, int y) {
  const auto pixel = image.at<cv::Vec3b>(y, x);
  return {pixel[0], pixel[1]};
}

/// One change of the options: a probability alone, or with an amount.
struct Kind {
  std::string name;
  double AugmentOptions::*chance = nullptr;
  Change AugmentOptions::*change = nullptr;
  double max = 0;

  void set(AugmentOptions& options, double p) const {
    if (chance) options.*chance = p;
    if (change) options.*change = {.p = p, .max = max};
  }
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {.name = "flip", .chance = &AugmentOptions::flip},
      {.name = "shift", .change = &AugmentOptions::shift, .max = 0.3},
      {.name = "scale", .change = &AugmentOptions::scale, .max = 0.3},
      {.name = "rotate", .change = &AugmentOptions::rotate, .max = 30},
      {.name = "crop_jitter", .change = &AugmentOptions::crop_jitter, .max = 0.2},
      {.name = "perspective", .change = &AugmentOptions::perspective, .max = 0.2},
      {.name = "brightness", .change = &AugmentOptions::brightness, .max = 0.5},
      {.name = "contrast", .change = &AugmentOptions::contrast, .max = 0.5},
      {.name = "colour", .change = &AugmentOptions::colour, .max = 0.5},
      {.name = "light", .change = &AugmentOptions::light, .max = 1},
      {.name = "grey", .chance = &AugmentOptions::grey},
      {.name = "blur", .change = &AugmentOptions::blur, .max = 10},
      {.name = "noise", .change = &AugmentOptions::noise, .max = 20},
      {.name = "low_resolution", .change = &AugmentOptions::low_resolution, .max = 0.9},
      {.name = "jpeg", .change = &AugmentOptions::jpeg, .max = 90},
      {.name = "erase", .change = &AugmentOptions::erase, .max = 0.5},
  };
  return all;
}

AugmentOptions only(const Kind& kind, double p) {
  AugmentOptions options;
  kind.set(options, p);
  return options;
}

AugmentOptions all_of_them(double p) {
  AugmentOptions options;
  for (const Kind& kind : kinds()) kind.set(options, p);
  return options;
}

TEST(AugmentTest, NothingSetGivesACopyOfTheCrop) {
  for (const int side : {1, 2, 31, 64, 224}) {
    const cv::Mat crop = noise_image({side, side});
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      const cv::Mat image = augmented(crop, {}, seed);
      EXPECT_TRUE(same_pixels(image, crop)) << side;
      EXPECT_NE(image.data, crop.data) << side;
    }
  }
}

TEST(AugmentTest, EachChangeHappensAsOftenAsAsked) {
  const cv::Mat crop = noise_image({48, 48});
  const auto changed = [&](const AugmentOptions& options) {
    Rng rng(3);
    int count = 0;
    for (int i = 0; i < 400; ++i) count += same_pixels(augment(crop, options, rng), crop) ? 0 : 1;
    return count;
  };
  for (const Kind& kind : kinds()) {
    EXPECT_EQ(changed(only(kind, 0)), 0) << kind.name;
    EXPECT_GE(changed(only(kind, 1)), 360) << kind.name;  // a hair's breadth may not move a pixel
    EXPECT_NEAR(changed(only(kind, 0.5)), 195, 35) << kind.name;
    EXPECT_NEAR(changed(only(kind, 0.1)), 39, 20) << kind.name;
  }
  EXPECT_EQ(changed(all_of_them(0)), 0);
}

TEST(AugmentTest, ChangesOfAtMostNothingChangeNothing) {
  const cv::Mat crop = noise_image({48, 48});
  AugmentOptions options;
  for (const Kind& kind : kinds()) {
    if (kind.change) options.*kind.change = {.p = 1, .max = 0};
  }
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    EXPECT_TRUE(same_pixels(augmented(crop, options, seed), crop));
}

TEST(AugmentTest, LeavesTheCropAsItIs) {
  const cv::Mat crop = noise_image({48, 48});
  const cv::Mat before = crop.clone();
  for (const Kind& kind : kinds()) {
    EXPECT_NE(augmented(crop, only(kind, 1)).data, crop.data) << kind.name;
    EXPECT_TRUE(same_pixels(crop, before)) << kind.name;
  }
}

TEST(AugmentTest, TheSameGeneratorStateGivesTheSamePictureAndAnotherOneAnother) {
  const cv::Mat crop = noise_image({48, 48});
  const auto check = [&](const std::string& name, const AugmentOptions& options) {
    bool differs = false;
    for (std::uint64_t seed = 0; seed < 16; ++seed) {
      const cv::Mat image = augmented(crop, options, seed);
      EXPECT_TRUE(same_pixels(image, augmented(crop, options, seed))) << name;
      differs = differs || !same_pixels(image, augmented(crop, options, seed + 1));
    }
    EXPECT_TRUE(differs) << name;
  };
  for (const Kind& kind : kinds()) check(kind.name, only(kind, kind.chance ? 0.5 : 1));
  check("all", all_of_them(0.5));
}

TEST(AugmentTest, WhetherAChangeHappensMovesNoOther) {
  const auto state_after = [](const AugmentOptions& options, std::uint64_t seed) {
    Rng rng(seed);
    augment(noise_image({32, 32}), options, rng);
    return rng.next();
  };
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto expected = state_after({}, seed);
    for (const double p : {0.0, 0.5, 1.0}) EXPECT_EQ(state_after(all_of_them(p), seed), expected) << p;
  }
}

TEST(AugmentTest, SizeAndTypeStayThoseOfTheCrop) {
  for (const int side : {1, 2, 17, 32, 96, 1024}) {
    const cv::Mat crop = noise_image({side, side});
    const auto check = [&](const std::string& name, const AugmentOptions& options) {
      for (std::uint64_t seed = 0; seed < (side > 96 ? 1 : 8); ++seed) {
        const cv::Mat image = augmented(crop, options, seed);
        EXPECT_EQ(image.size(), crop.size()) << name;
        EXPECT_EQ(image.type(), CV_8UC3) << name;
        EXPECT_TRUE(image.isContinuous()) << name;
      }
    };
    for (const Kind& kind : kinds()) check(kind.name, only(kind, 1));
    check("all", all_of_them(1));
  }
}

TEST(AugmentTest, APartOfALargerPictureIsAsGoodAsACrop) {
  const cv::Mat part = noise_image({96, 96})(cv::Rect(20, 30, 40, 40));
  EXPECT_TRUE(same_pixels(augmented(part, {}), part));
  EXPECT_TRUE(augmented(part, {}).isContinuous());
  for (const Kind& kind : kinds()) {
    EXPECT_TRUE(same_pixels(augmented(part, only(kind, 1)), augmented(part.clone(), only(kind, 1))))
        << kind.name;
  }
}

TEST(AugmentTest, WhatIsNoCropIsAFailure) {
  const auto text = [](const cv::Mat& crop) {
    return error_text(ErrorKind::failure, [&] { return augmented(crop, {}); });
  };
  EXPECT_EQ(text(cv::Mat()), "a crop to augment must be an RGB square of 8 bits, got 0 x 0");
  EXPECT_EQ(text(noise_image({20, 10})), "a crop to augment must be an RGB square of 8 bits, got 20 x 10");
  EXPECT_EQ(text(cv::Mat(8, 8, CV_32FC3, cv::Scalar())),
            "a crop to augment must be an RGB square of 8 bits, got 8 x 8");
}

TEST(AugmentTest, APlainCropStaysPlainWhereNoNoiseComesIn) {
  const std::vector<std::string> exact = {"flip",        "shift",       "scale", "rotate",
                                          "crop_jitter", "perspective", "blur",  "low_resolution"};
  for (const cv::Scalar& colour : {cv::Scalar::all(0), cv::Scalar::all(255), cv::Scalar(200, 120, 40)}) {
    const cv::Mat crop(64, 64, CV_8UC3, colour);
    for (const Kind& kind : kinds()) {
      if (kind.name == "noise" || kind.name == "erase" || kind.name == "light") continue;
      const bool same = std::ranges::find(exact, kind.name) != exact.end();
      for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const cv::Mat image = augmented(crop, only(kind, 1), seed);
        EXPECT_TRUE(same_pixels(image, cv::Mat(64, 64, CV_8UC3, cv::Scalar(image.at<cv::Vec3b>(9, 5)))))
            << kind.name;
        EXPECT_TRUE(!same || same_pixels(image, crop)) << kind.name;
      }
    }
  }
}

TEST(AugmentTest, FlipMirrorsExactly) {
  for (const int side : {2, 31, 64}) {
    const cv::Mat crop = noise_image({side, side});
    cv::Mat mirrored;
    cv::flip(crop, mirrored, 1);
    EXPECT_TRUE(same_pixels(augmented(crop, with(&AugmentOptions::flip)), mirrored)) << side;
  }
}

TEST(AugmentTest, ShiftStaysWithinItsShareOfTheSideAndUsesItUp) {
  const cv::Mat crop = disc({50, 50});
  Range x;
  Range y;
  Range between;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const cv::Point2d moved =
        centre_of(augmented(crop, with(&AugmentOptions::shift, 0.1), seed)) - centre_of(crop);
    x.add(moved.x);
    y.add(moved.y);
    between.add(moved.x - moved.y);
  }
  EXPECT_GT(between.most, 12);  // each axis on its own
  for (const Range& range : {x, y}) {
    EXPECT_NEAR(range.least, -9.6, 0.5);
    EXPECT_NEAR(range.most, 9.6, 0.5);
  }
}

TEST(AugmentTest, ScaleChangesTheSizeAboutTheCentre) {
  const cv::Mat crop = disc({49.5, 49.5});
  Range factor;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const cv::Mat image = augmented(crop, with(&AugmentOptions::scale, 0.3), seed);
    EXPECT_LT(cv::norm(centre_of(image) - centre_of(crop)), 0.5);
    factor.add(std::sqrt(cv::sum(image)[0] / cv::sum(crop)[0]));
  }
  EXPECT_NEAR(factor.least, 0.7, 0.03);
  EXPECT_NEAR(factor.most, 1.3, 0.03);
}

TEST(AugmentTest, RotateTurnsAboutTheCentreByAtMostItsAngle) {
  const cv::Mat crop = disc({80, 50});
  const cv::Point2d middle(49.5, 49.5);
  const cv::Point2d start = centre_of(crop) - middle;
  Range angle;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const cv::Point2d moved = centre_of(augmented(crop, with(&AugmentOptions::rotate, 20), seed)) - middle;
    EXPECT_NEAR(cv::norm(moved), cv::norm(start), 0.3);
    angle.add(std::atan2(start.cross(moved), start.dot(moved)) * 180 / CV_PI);
  }
  EXPECT_NEAR(angle.least, -20, 1);
  EXPECT_NEAR(angle.most, 20, 1);
}

TEST(AugmentTest, CropJitterMovesEachEdgeOnItsOwnByAtMostItsShare) {
  std::array<Range, 4> edges;  // left, right, top, bottom
  Range width_over_height;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const cv::Mat image = augmented(map_crop(), with(&AugmentOptions::crop_jitter, 0.1), seed);
    const cv::Point2d from = source_of(image, 30, 30);
    const cv::Point2d slope = cv::Point2d(source_of(image, 170, 170)) - from;
    EXPECT_EQ(source_of(image, 30, 170).x, from.x);  // upright
    EXPECT_EQ(source_of(image, 170, 30).y, from.y);
    edges[0].add((from.x - 30.5 / 140 * slope.x + 0.5) / 200);
    edges[1].add((from.x + 169.5 / 140 * slope.x - 199.5) / 200);
    edges[2].add((from.y - 30.5 / 140 * slope.y + 0.5) / 200);
    edges[3].add((from.y + 169.5 / 140 * slope.y - 199.5) / 200);
    width_over_height.add(slope.x / slope.y);
  }
  for (const Range& edge : edges) {
    EXPECT_NEAR(edge.least, -0.1, 0.008);
    EXPECT_NEAR(edge.most, 0.1, 0.008);
  }
  EXPECT_LT(width_over_height.least, 0.85);
  EXPECT_GT(width_over_height.most, 1.15);
}

TEST(AugmentTest, PerspectiveMovesEachCornerOnItsOwnByAtMostItsShare) {
  const std::vector<cv::Point2f> places = {{60, 60}, {140, 60}, {140, 140}, {60, 140}};
  const std::vector<cv::Point2f> corners = {{0, 0}, {199, 0}, {199, 199}, {0, 199}};
  std::array<Range, 8> moves;
  Range skewness;  // 0 where the change is an affine one
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const cv::Mat image = augmented(map_crop(), with(&AugmentOptions::perspective, 0.1), seed);
    std::vector<cv::Point2f> sources;
    for (const auto& at : places) sources.push_back(source_of(image, cvRound(at.x), cvRound(at.y)));
    std::vector<cv::Point2f> moved;
    cv::perspectiveTransform(corners, moved, cv::getPerspectiveTransform(sources, places));
    for (std::size_t i = 0; i < 4; ++i) {
      moved[i] -= corners[i];
      moves[2 * i].add(moved[i].x / 200);
      moves[2 * i + 1].add(moved[i].y / 200);
    }
    skewness.add(std::abs(moved[0].x - moved[1].x + moved[2].x - moved[3].x) / 200);
  }
  for (const Range& move : moves) {  // seen through pixels of 8 bits
    EXPECT_NEAR(move.least, -0.1, 0.02);
    EXPECT_NEAR(move.most, 0.1, 0.02);
  }
  EXPECT_GT(skewness.most, 0.2);
}

TEST(AugmentTest, TheStrongestPerspectiveFoldsNothing) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const cv::Mat image = augmented(map_crop(), with(&AugmentOptions::perspective, 0.4), seed);
    int shown = 0;
    for (int y = 5; y < 195; y += 5) {
      for (int x = 5; x < 195; x += 5) {
        if (!cv::Rect(3, 3, 194, 194).contains(source_of(image, x, y))) continue;
        ++shown;
        const cv::Point right = source_of(image, x + 4, y) - source_of(image, x - 4, y);
        const cv::Point down = source_of(image, x, y + 4) - source_of(image, x, y - 4);
        EXPECT_GE(right.cross(down), -8) << seed;  // never mirrored, but for what 8 bits round
      }
    }
    EXPECT_GT(shown, 400) << seed;  // of 1444
  }
}

TEST(AugmentTest, GeometryIsResampledOnce) {
  // Changes that undo each other would blur if each were made on its own.
  const cv::Mat crop = noise_image({64, 64});
  AugmentOptions options = with(&AugmentOptions::flip);
  options.rotate = options.perspective = {1, 1e-9};
  cv::Mat mirrored;
  cv::flip(crop, mirrored, 1);
  EXPECT_TRUE(same_pixels(augmented(crop, options), mirrored));
}

}  // namespace
}  // namespace fer::test
