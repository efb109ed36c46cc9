#include "fer/vision/face_crop.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <vector>

#include "support/error_text.hpp"
#include "support/images.hpp"

namespace fer {
namespace {

using ::testing::ElementsAre;

Preprocessing exact(int size) {
  Preprocessing preprocessing;
  preprocessing.margin = 0;
  preprocessing.size = size;
  return preprocessing;
}

cv::Mat crop_box(const cv::Mat& rgb, const cv::Rect2f& box, const Preprocessing& preprocessing) {
  return face_crop(rgb, {.box = box}, preprocessing);
}

void expect_network_input(const cv::Mat& crop, int size) {
  EXPECT_EQ(crop.size(), cv::Size(size, size));
  EXPECT_EQ(crop.type(), CV_8UC3);
  EXPECT_TRUE(crop.isContinuous());
}

Preprocessing with_margin(float margin, bool square = true) { return {.square = square, .margin = margin}; }

TEST(CropRectangleTest, IsASquareAsWideAsTheLongerSideAroundTheSameCentre) {
  EXPECT_EQ(crop_rectangle({10, 20, 30, 50}, with_margin(0)), cv::Rect2f(0, 20, 50, 50));
  EXPECT_EQ(crop_rectangle({10, 20, 50, 30}, with_margin(0)), cv::Rect2f(10, 10, 50, 50));
}

TEST(CropRectangleTest, TheMarginIsAddedOnEachSide) {
  const cv::Rect2f square = crop_rectangle({100, 100, 50, 50}, with_margin(0.2F));
  EXPECT_FLOAT_EQ(square.x, 90);
  EXPECT_FLOAT_EQ(square.y, 90);
  EXPECT_FLOAT_EQ(square.width, 70);
  EXPECT_FLOAT_EQ(square.height, 70);
}

TEST(CropRectangleTest, ATightOneKeepsTheBoxsShape) {
  EXPECT_EQ(crop_rectangle({10, 20, 30, 50}, with_margin(0, false)), cv::Rect2f(10, 20, 30, 50));
  EXPECT_EQ(crop_rectangle({10, 20, 40, 80}, with_margin(0.25F, false)), cv::Rect2f(0, 0, 60, 120));
}

TEST(CropRectangleTest, AnEmptyBoxIsAPixel) {
  EXPECT_EQ(crop_rectangle({7, 9, 0, 0}, with_margin(0)), cv::Rect2f(6.5F, 8.5F, 1, 1));
}

TEST(FaceCropTest, ABoxThatFitsExactlyIsCopiedPixelForPixel) {
  const cv::Mat rgb = test::noise_image({64, 64});
  EXPECT_TRUE(test::same_pixels(crop_box(rgb, {0, 0, 64, 64}, exact(64)), rgb));
  EXPECT_TRUE(test::same_pixels(crop_box(rgb, {8, 16, 32, 32}, exact(32)), rgb(cv::Rect(8, 16, 32, 32))));
}

TEST(FaceCropTest, TheMarginShowsWhatIsAroundTheBox) {
  const cv::Mat rgb = test::noise_image({64, 64});
  Preprocessing preprocessing = exact(32);
  preprocessing.margin = 0.5F;
  EXPECT_TRUE(
      test::same_pixels(crop_box(rgb, {16, 20, 16, 16}, preprocessing), rgb(cv::Rect(8, 12, 32, 32))));
}

TEST(FaceCropTest, OutsideTheImageItsEdgeIsRepeated) {
  const cv::Mat rgb = test::noise_image({40, 30});
  for (const cv::Point corner :
       {cv::Point(-5, -7), cv::Point(25, 16), cv::Point(-3, 20), cv::Point(30, -9)}) {
    const cv::Mat crop = crop_box(rgb, {cv::Point2f(corner), cv::Size2f(20, 20)}, exact(20));
    expect_network_input(crop, 20);
    for (int y = 0; y < 20; ++y) {
      for (int x = 0; x < 20; ++x) {
        const cv::Point nearest(std::clamp(corner.x + x, 0, 39), std::clamp(corner.y + y, 0, 29));
        ASSERT_EQ(crop.at<cv::Vec3b>(y, x), rgb.at<cv::Vec3b>(nearest)) << corner << " " << x << " " << y;
      }
    }
  }
}

TEST(FaceCropTest, ABoxLargerThanTheImageIsPaddedAllAround) {
  const cv::Mat rgb = test::noise_image({10, 6});
  const cv::Mat crop = crop_box(rgb, {-5, -7, 20, 20}, exact(20));
  expect_network_input(crop, 20);
  EXPECT_TRUE(test::same_pixels(crop(cv::Rect(5, 7, 10, 6)), rgb));
  EXPECT_EQ(crop.at<cv::Vec3b>(0, 0), rgb.at<cv::Vec3b>(0, 0));
  EXPECT_EQ(crop.at<cv::Vec3b>(19, 19), rgb.at<cv::Vec3b>(5, 9));
}

TEST(FaceCropTest, ABoxWhollyOutsideGivesTheNearestEdge) {
  const cv::Mat rgb = test::noise_image({40, 30});
  const cv::Mat below_right = crop_box(rgb, {500, 400, 20, 20}, exact(16));
  expect_network_input(below_right, 16);
  EXPECT_TRUE(
      test::same_pixels(below_right, cv::Mat(16, 16, CV_8UC3, cv::Scalar(rgb.at<cv::Vec3b>(29, 39)))));
  const cv::Mat above_left = crop_box(rgb, {-500, -400, 20, 20}, exact(16));
  EXPECT_TRUE(test::same_pixels(above_left, cv::Mat(16, 16, CV_8UC3, cv::Scalar(rgb.at<cv::Vec3b>(0, 0)))));
}

TEST(FaceCropTest, ABoxWithoutAreaGivesThePixelItLiesOn) {
  const cv::Mat rgb = test::noise_image({40, 30});
  const cv::Mat crop = crop_box(rgb, {12.5F, 7.5F, 0, 0}, exact(8));
  EXPECT_TRUE(test::same_pixels(crop, cv::Mat(8, 8, CV_8UC3, cv::Scalar(rgb.at<cv::Vec3b>(7, 12)))));
}

TEST(FaceCropTest, AnImageOfOnePixelFillsTheCrop) {
  const cv::Mat rgb(1, 1, CV_8UC3, cv::Scalar(1, 2, 3));
  const cv::Mat crop = crop_box(rgb, {0, 0, 1, 1}, Preprocessing{});
  EXPECT_TRUE(test::same_pixels(crop, cv::Mat(224, 224, CV_8UC3, cv::Scalar(1, 2, 3))));
}

TEST(FaceCropTest, FractionsOfAPixelAreRoundedAway) {
  const cv::Mat rgb = test::noise_image({64, 64});
  EXPECT_TRUE(
      test::same_pixels(crop_box(rgb, {8.4F, 15.6F, 32.3F, 32.3F}, exact(32)), rgb(cv::Rect(8, 16, 32, 32))));
}

TEST(FaceCropTest, ShrinkingAveragesOverAreas) {
  const cv::Mat rgb = test::noise_image({64, 64});
  const cv::Mat crop = crop_box(rgb, {0, 0, 64, 64}, exact(16));
  for (int y = 0; y < 16; ++y) {
    for (int x = 0; x < 16; ++x) {
      const cv::Scalar mean = cv::mean(rgb(cv::Rect(4 * x, 4 * y, 4, 4)));
      for (int c = 0; c < 3; ++c) ASSERT_NEAR(crop.at<cv::Vec3b>(y, x)[c], mean[c], 0.51);
    }
  }
}

TEST(FaceCropTest, EnlargingInterpolatesLinearly) {
  cv::Mat rgb(2, 2, CV_8UC3, cv::Scalar::all(0));
  rgb.col(1).setTo(cv::Scalar::all(200));
  const cv::Mat crop = crop_box(rgb, {0, 0, 2, 2}, exact(8));
  // A pixel's value holds at its centre: the left one's is at x = 1.5 of the enlarged image, the right one's
  // at 5.5.
  const std::vector<int> expected = {0, 0, 25, 75, 125, 175, 200, 200};
  for (int x = 0; x < 8; ++x)
    EXPECT_NEAR(crop.at<cv::Vec3b>(3, x)[0], expected[static_cast<std::size_t>(x)], 1);
}

TEST(FaceCropTest, IsAlwaysTheSizeAskedFor) {
  const cv::Mat rgb = test::noise_image({50, 37});
  for (const int size : {1, 2, 31, 224}) {
    for (const cv::Rect2f& box :
         {cv::Rect2f(0, 0, 50, 37), {10, 10, 5, 20}, {-60, 3, 20, 20}, {45, 35, 100, 3}}) {
      Preprocessing preprocessing;
      preprocessing.size = size;
      expect_network_input(crop_box(rgb, box, preprocessing), size);
    }
  }
}

TEST(FaceCropTest, SharesNoMemoryWithTheImage) {
  cv::Mat rgb = test::noise_image({32, 32});
  const cv::Mat whole = crop_box(rgb, {0, 0, 32, 32}, exact(32));
  const cv::Mat before = whole.clone();
  rgb.setTo(cv::Scalar::all(0));
  EXPECT_TRUE(test::same_pixels(whole, before));
}

TEST(FaceCropTest, LeavesTheImageAsItIsAndTakesViews) {
  const cv::Mat rgb = test::noise_image({64, 48});
  const cv::Mat before = rgb.clone();
  const cv::Mat view = rgb(cv::Rect(16, 8, 40, 30));
  // A view of a larger image ends where the view ends: nothing from beyond it comes in.
  EXPECT_TRUE(test::same_pixels(crop_box(view, {-4, -4, 20, 20}, exact(20)),
                                crop_box(view.clone(), {-4, -4, 20, 20}, exact(20))));
  Preprocessing grey;
  grey.grey = true;
  crop_box(rgb, {0, 0, 64, 48}, grey);
  EXPECT_TRUE(test::same_pixels(rgb, before));
}

TEST(FaceCropTest, GreyGivesThreeEqualChannelsOfTheLuma) {
  Preprocessing preprocessing = exact(24);
  preprocessing.grey = true;
  const cv::Mat rgb = test::noise_image({24, 24});
  const cv::Mat crop = crop_box(rgb, {0, 0, 24, 24}, preprocessing);
  expect_network_input(crop, 24);
  for (int y = 0; y < 24; ++y) {
    for (int x = 0; x < 24; ++x) {
      const auto& grey = crop.at<cv::Vec3b>(y, x);
      const auto& colour = rgb.at<cv::Vec3b>(y, x);
      ASSERT_EQ(grey[0], grey[1]);
      ASSERT_EQ(grey[1], grey[2]);
      ASSERT_NEAR(grey[0], 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2], 1);
    }
  }
}

TEST(FaceCropTest, ATightCropIsTheBoxStretchedToTheSquare) {
  cv::Mat rgb(60, 40, CV_8UC3, cv::Scalar::all(0));
  rgb(cv::Rect(10, 20, 12, 24)).setTo(cv::Scalar::all(200));
  Preprocessing tight = exact(24);
  tight.square = false;
  const cv::Mat crop = crop_box(rgb, {10, 20, 12, 24}, tight);
  expect_network_input(crop, 24);
  EXPECT_EQ(cv::mean(crop), cv::Scalar(200, 200, 200, 0));
}

const std::vector<FaceDetection> kThreeFaces = {{.box = {0, 0, 10, 10}, .score = 0.9F},
                                                {.box = {5, 5, 20, 10}, .score = 0.2F},
                                                {.box = {9, 9, 10, 20}, .score = 0.3F}};

TEST(ChooseFacesTest, TheLargestIsTheFirstOfEquals) {
  EXPECT_THAT(choose_faces(kThreeFaces, {40, 40}, FaceTarget::largest), ElementsAre(1U));
}

TEST(ChooseFacesTest, TheCentralOneIsNearestToTheMiddleWhateverItsSize) {
  EXPECT_THAT(choose_faces(kThreeFaces, {10, 10}, FaceTarget::center), ElementsAre(0U));
  EXPECT_THAT(choose_faces(kThreeFaces, {30, 40}, FaceTarget::center), ElementsAre(2U));
}

TEST(ChooseFacesTest, AllAreAllInTheirOrderAndNoneIsNone) {
  EXPECT_THAT(choose_faces(kThreeFaces, {40, 40}, FaceTarget::all), ElementsAre(0U, 1U, 2U));
  for (const FaceTarget target : {FaceTarget::largest, FaceTarget::center, FaceTarget::all})
    EXPECT_TRUE(choose_faces({}, {40, 40}, target).empty());
}

TEST(FaceTargetTest, HasNamesThatAreReadBack) {
  for (const FaceTarget target : {FaceTarget::largest, FaceTarget::center, FaceTarget::all})
    EXPECT_EQ(face_target(name_of(target)), target);
  EXPECT_EQ(test::error_text(ErrorKind::usage, [] { face_target("centre"); }),
            "no face target is called 'centre', did you mean 'center'? (known: largest, center, all)");
}

}  // namespace
}  // namespace fer
