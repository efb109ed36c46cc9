#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/imgproc.hpp>

#include "fer/vision/face_crop.hpp"
#include "support/images.hpp"

namespace fer {
namespace {

/// The ArcFace template at 112 pixels (insightface), left eye, right eye, nose, left and right mouth corner.
const std::vector<cv::Point2f> kTemplate = {{38.2946F, 51.6963F},
                                            {73.5318F, 51.5014F},
                                            {56.0252F, 71.7366F},
                                            {41.5493F, 92.3655F},
                                            {70.7299F, 92.2041F}};

Preprocessing frame(int size, float margin = 0) { return {.align = true, .margin = margin, .size = size}; }

std::vector<cv::Point2f> moved(std::vector<cv::Point2f> points, double degrees, double scale,
                               cv::Point2f shift) {
  const double angle = degrees * CV_PI / 180;
  for (cv::Point2f& point : points) {
    const cv::Point2d p = point;
    point = cv::Point2f(cv::Point2d(scale * (std::cos(angle) * p.x - std::sin(angle) * p.y),
                                    scale * (std::sin(angle) * p.x + std::cos(angle) * p.y))) +
            shift;
  }
  return points;
}

std::vector<cv::Point2f> mapped(const std::vector<cv::Point2f>& points, const cv::Mat& transform) {
  std::vector<cv::Point2f> result;
  cv::transform(points, result, transform);
  return result;
}

void expect_near(const std::vector<cv::Point2f>& a, const std::vector<cv::Point2f>& b, double tolerance) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_LT(cv::norm(a[i] - b[i]), tolerance) << i << a[i] << b[i];
}

TEST(AlignmentTest, BringsATurnedShiftedAndScaledFaceOntoTheTemplate) {
  for (const double degrees : {-170.0, -30.0, 0.0, 12.0, 90.0}) {
    for (const double scale : {0.1, 1.0, 7.0}) {
      const auto face = moved(kTemplate, degrees, scale, {300, -40});
      expect_near(mapped(face, alignment(face, frame(112))), kTemplate, 1e-2);
    }
  }
}

TEST(AlignmentTest, MarginsAreAddedAroundTheTemplatesFrame) {
  // At a margin of 0.5 the frame takes the middle half of the crop.
  std::vector<cv::Point2f> expected = kTemplate;
  for (cv::Point2f& point : expected) point = point * 0.5F + cv::Point2f(28, 28);
  expect_near(mapped(kTemplate, alignment(kTemplate, frame(112, 0.5F))), expected, 1e-2);
}

/// Against numbers made by scikit-image 0.26's SimilarityTransform.estimate on the same points.
TEST(AlignmentTest, IsTheLeastSquaresSimilarityOfScikitImage) {
  const std::vector<cv::Point2f> crooked = {{101, 120}, {160, 110}, {135, 150}, {112, 188}, {158, 179}};
  const cv::Mat transform = alignment(crooked, frame(112));
  const cv::Mat expected =
      (cv::Mat_<double>(2, 3) << 0.5916688, -0.0611684, -13.6455726, 0.0611684, 0.5916688, -24.6421696);
  EXPECT_LT(cv::norm(transform, expected, cv::NORM_INF), 1e-4) << transform;
}

TEST(AlignmentTest, TwoPointsAreTheEyes) {
  const std::vector<cv::Point2f> eyes = {{10, 40}, {50, 40}};
  const auto at = mapped(eyes, alignment(eyes, frame(112)));
  expect_near(at, {kTemplate[0], kTemplate[1]}, 1e-2);
}

TEST(AlignmentTest, AFourthPointIsTheMouthsMiddle) {
  auto four = kTemplate;
  four[3] = (kTemplate[3] + kTemplate[4]) / 2;
  four.pop_back();
  expect_near(mapped(four, alignment(moved(four, 0, 1, {0, 0}), frame(112))), four, 1e-2);
}

TEST(AlignmentTest, WithoutEnoughPointsThereIsNone) {
  EXPECT_TRUE(alignment({}, frame(112)).empty());
  EXPECT_TRUE(alignment(std::vector<cv::Point2f>{{1, 2}}, frame(112)).empty());
  EXPECT_TRUE(alignment(std::vector<cv::Point2f>(5, {3, 4}), frame(112)).empty());
  const float nan = std::nanf("");
  EXPECT_TRUE(alignment(std::vector<cv::Point2f>(5, {nan, nan}), frame(112)).empty());
}

/// A picture with a white disc at each landmark of the template, on black, 6 pixels of radius.
cv::Mat dotted_face() {
  cv::Mat rgb(112, 112, CV_8UC3, cv::Scalar::all(0));
  for (const cv::Point2f& point : kTemplate)
    cv::circle(rgb, cv::Point(point * 16), 6 * 16, cv::Scalar::all(255), cv::FILLED, cv::LINE_AA, 4);
  return rgb;
}

/// The same face drawn turned and scaled into a larger picture, with its landmarks.
FaceDetection turned_face(cv::Mat& picture, double degrees, double scale) {
  const auto landmarks = moved(kTemplate, degrees, scale, {500, 400});
  picture = cv::Mat(1200, 1200, CV_8UC3, cv::Scalar::all(0));
  for (const cv::Point2f& point : landmarks)
    cv::circle(picture, cv::Point(point * 16), static_cast<int>(6 * 16 * scale), cv::Scalar::all(255),
               cv::FILLED, cv::LINE_AA, 4);
  return {.box = cv::boundingRect(landmarks), .score = 1, .landmarks = landmarks};
}

TEST(AlignedCropTest, ShowsTurnedFacesOfAnySizeUpright) {
  for (const double degrees : {-25.0, 0.0, 40.0}) {
    for (const double scale : {0.7, 1.0, 2.0, 5.0}) {
      cv::Mat picture;
      const FaceDetection face = turned_face(picture, degrees, scale);
      const cv::Mat crop = face_crop(picture, face, frame(112));
      EXPECT_EQ(crop.size(), cv::Size(112, 112));
      EXPECT_TRUE(crop.isContinuous());
      const double difference =
          cv::norm(crop, dotted_face(), cv::NORM_L1) / static_cast<double>(crop.total() * 3);
      EXPECT_LT(difference, 6) << degrees << " degrees, scale " << scale;
    }
  }
}

TEST(AlignedCropTest, ShrinkingAveragesOverAreas) {
  cv::Mat stripes(1120, 1120, CV_8UC3);
  for (int x = 0; x < stripes.cols; ++x) stripes.col(x).setTo(cv::Scalar::all(x % 2 == 0 ? 0 : 255));
  const FaceDetection face{.box = {}, .score = 1, .landmarks = moved(kTemplate, 10, 8, {150, 100})};
  cv::Scalar mean;
  cv::Scalar deviation;
  cv::meanStdDev(face_crop(stripes, face, frame(112)), mean, deviation);
  EXPECT_NEAR(mean[0], 127.5, 3);
  EXPECT_LT(deviation[0], 20);  // a warp alone would keep the stripes: about 100
}

TEST(AlignedCropTest, OutsideTheImageItsEdgeIsRepeated) {
  const cv::Mat rgb(50, 50, CV_8UC3, cv::Scalar(10, 20, 30));
  for (const double scale : {0.3, 6.0}) {
    for (const cv::Point2f shift : {cv::Point2f(-500, -500), cv::Point2f(30, -10), cv::Point2f(900, 20)}) {
      const FaceDetection face{.box = {}, .score = 1, .landmarks = moved(kTemplate, 30, scale, shift)};
      const cv::Mat crop = face_crop(rgb, face, frame(64, 0.2F));
      EXPECT_EQ(cv::norm(crop, cv::Mat(64, 64, CV_8UC3, cv::Scalar(10, 20, 30)), cv::NORM_INF), 0) << shift;
    }
  }
}

TEST(AlignedCropTest, WithoutLandmarksTheBoxIsCropped) {
  const cv::Mat rgb = test::noise_image({80, 60});
  const FaceDetection face{.box = {10, 12, 30, 30}, .score = 1};
  EXPECT_TRUE(test::same_pixels(face_crop(rgb, face, frame(30)), rgb(cv::Rect(10, 12, 30, 30))));
  FaceDetection flat = face;
  flat.landmarks.assign(5, {20, 20});
  EXPECT_TRUE(test::same_pixels(face_crop(rgb, flat, frame(30)), rgb(cv::Rect(10, 12, 30, 30))));
}

}  // namespace
}  // namespace fer
