#include "fer/vision/face_detector.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/core/utility.hpp>
#include <opencv2/imgproc.hpp>

#include "fer/core/files.hpp"
#include "fer/vision/image.hpp"
#include "support/error_text.hpp"
#include "support/images.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const fs::path kImages = FER_SOURCE_DIR "/../shared/images";

std::vector<FaceDetection> haar(const cv::Mat& rgb, float min_size = 0.1F) {
  return haar_detector().make({.min_size = min_size})->detect(rgb);
}

std::string cascade_error(const fs::path& model) {
  return test::error_text(ErrorKind::data, [&] { return haar_detector().make({.cascade = model}); });
}

/// Finds the same faces in every image.
class FixedDetector : public FaceDetector {
 public:
  std::string_view name() const override { return "fixed"; }
  std::vector<FaceDetection> detect(const cv::Mat& rgb) override {
    return {{.box = {0, 0, static_cast<float>(rgb.cols), 1}, .score = 1}};
  }
};

TEST(FaceDetectorTest, ABatchIsOneImageAfterTheOther) {
  FixedDetector detector;
  const std::vector<cv::Mat> images = {cv::Mat(2, 3, CV_8UC3), cv::Mat(4, 5, CV_8UC3)};
  const auto faces = detector.detect_batch(images);
  ASSERT_THAT(faces, SizeIs(2));
  EXPECT_EQ(faces[0].at(0).box.width, 3);
  EXPECT_EQ(faces[1].at(0).box.width, 5);
  EXPECT_THAT(detector.detect_batch({}), IsEmpty());
}

TEST(WithoutSmallFacesTest, KeepsThoseLongEnoughLargestFirstAndThenFromTopToBottom) {
  const auto faces = without_small_faces({{.box = {50, 0, 9, 9}},
                                          {.box = {7, 8, 10, 5}},
                                          {.box = {0, 2, 5, 10}},
                                          {.box = {0, 8, 10, 5}},
                                          {.box = {1, 1, 20, 20}}},
                                         {200, 100}, 0.1F);
  std::vector<cv::Rect2f> boxes;
  for (const FaceDetection& face : faces) boxes.push_back(face.box);
  EXPECT_THAT(boxes, ElementsAre(cv::Rect2f(1, 1, 20, 20), cv::Rect2f(0, 2, 5, 10), cv::Rect2f(0, 8, 10, 5),
                                 cv::Rect2f(7, 8, 10, 5)));
}

TEST(HaarDetectorTest, AHigherScoreKeepsTheSurestFaces) {
  const fs::path photo = kImages / "five-faces-outdoor.jpg";
  if (!fs::exists(photo)) GTEST_SKIP() << photo << " is not here";
  const cv::Mat rgb = read_image(photo);
  const auto all = haar(rgb, 0.05F);
  const auto sure = haar_detector().make({.min_size = 0.05F, .min_score = 0.9F})->detect(rgb);
  EXPECT_LT(sure.size(), all.size());
  EXPECT_THAT(sure, testing::Not(IsEmpty()));
  for (const FaceDetection& face : sure) EXPECT_GE(face.score, 0.9F);
}

TEST(WholeImageDetectorTest, TheWholeImageIsTheFace) {
  const auto faces = whole_image_detector().make({})->detect(cv::Mat(3, 5, CV_8UC3));
  ASSERT_THAT(faces, SizeIs(1));
  EXPECT_EQ(faces[0].box, cv::Rect2f(0, 0, 5, 3));
  EXPECT_EQ(faces[0].score, 1);
  EXPECT_THAT(faces[0].landmarks, IsEmpty());
}

TEST(HaarDetectorTest, FindsNothingWhereNothingIs) {
  EXPECT_THAT(haar(cv::Mat(240, 320, CV_8UC3, cv::Scalar(128, 128, 128))), IsEmpty());
  EXPECT_THAT(haar(cv::Mat(240, 320, CV_8UC3, cv::Scalar(0, 0, 0))), IsEmpty());
}

TEST(HaarDetectorTest, TakesAnySize) {
  const std::vector<cv::Size> sizes = {{1, 1},    {1, 500},  {500, 1},   {23, 23},  {24, 24},
                                       {25, 300}, {8000, 1}, {8000, 30}, {3, 8000}, {8000, 600}};
  const auto detector = haar_detector().make({});
  for (const cv::Size& size : sizes) {
    EXPECT_THAT(detector->detect(cv::Mat(size, CV_8UC3, cv::Scalar(90, 90, 90))), IsEmpty()) << size;
  }
}

TEST(HaarDetectorTest, TakesAnySmallestFace) {
  const cv::Mat blank(100, 100, CV_8UC3, cv::Scalar(90, 90, 90));
  for (const float min_size : {0.0F, 0.5F, 1.0F, 3.0F})
    EXPECT_THAT(haar(blank, min_size), IsEmpty()) << min_size;
}

TEST(HaarDetectorTest, FindsTheFacesOfAPhotographLargestFirst) {
  const fs::path photo = kImages / "five-faces-outdoor.jpg";
  if (!fs::exists(photo)) GTEST_SKIP() << photo << " is not here";
  const cv::Mat rgb = read_image(photo);
  const auto faces = haar(rgb, 0.05F);
  EXPECT_GE(faces.size(), 4U);
  EXPECT_LE(faces.size(), 7U);
  for (std::size_t i = 0; i < faces.size(); ++i) {
    if (i > 0) {
      EXPECT_GE(faces[i - 1].box.area(), faces[i].box.area());
    }
    EXPECT_GT(faces[i].score, 0.0F);
    EXPECT_LT(faces[i].score, 1.0F);
    EXPECT_EQ(cv::Rect2f(0, 0, static_cast<float>(rgb.cols), static_cast<float>(rgb.rows)) & faces[i].box,
              faces[i].box)
        << "outside the image";
  }
}

TEST(HaarDetectorTest, FindsTheOneFaceOfAPhotographWhereItIsAtAnySize) {
  const fs::path photo = kImages / "one-face-outdoor.jpg";
  if (!fs::exists(photo)) GTEST_SKIP() << photo << " is not here";
  const cv::Mat rgb = read_image(photo);
  const auto faces = haar(rgb);
  ASSERT_FALSE(faces.empty());
  cv::Mat large;  // beyond the side at which the search shrinks
  cv::resize(rgb, large, {}, 3, 3, cv::INTER_CUBIC);
  const auto found = haar(large);
  ASSERT_FALSE(found.empty());
  const cv::Rect2f small(found[0].box.tl() / 3, cv::Size2f(found[0].box.width / 3, found[0].box.height / 3));
  EXPECT_GT((small & faces[0].box).area(), 0.6F * faces[0].box.area());
}

TEST(HaarDetectorTest, SmallestFaceLeavesOutSmallerOnes) {
  const fs::path photo = kImages / "five-faces-outdoor.jpg";
  if (!fs::exists(photo)) GTEST_SKIP() << photo << " is not here";
  EXPECT_THAT(haar(read_image(photo), 0.9F), IsEmpty());
}

TEST(HaarDetectorTest, FindsNoFaceInALandscape) {
  const fs::path photo = kImages / "no-face-mountains.jpg";
  if (!fs::exists(photo)) GTEST_SKIP() << photo << " is not here";
  EXPECT_THAT(haar(read_image(photo)), IsEmpty());
}

TEST(HaarDetectorTest, GivesFacesOfOneSizeInReadingOrder) {
  const fs::path photo = kImages / "one-face-128.png";
  if (!fs::exists(photo)) GTEST_SKIP() << photo << " is not here";
  cv::Mat tiles;
  cv::repeat(read_image(photo), 2, 3, tiles);
  const auto faces = haar(tiles);
  ASSERT_GE(faces.size(), 4U);
  for (std::size_t i = 1; i < faces.size(); ++i) {
    const cv::Rect2f& before = faces[i - 1].box;
    const cv::Rect2f& box = faces[i].box;
    if (before.area() > box.area()) continue;
    EXPECT_EQ(before.area(), box.area());
    EXPECT_TRUE(before.y < box.y || (before.y == box.y && before.x < box.x)) << before << " before " << box;
  }
}

TEST(HaarDetectorTest, TakesACascadeFileTheUserNames) {
  const std::string own =
      cv::samples::findFile("haarcascades/haarcascade_frontalface_default.xml", false, true);
  ASSERT_FALSE(own.empty());
  const test::TempFolder folder;
  const fs::path copy = folder.write("mine.xml", read_file(own));
  const auto detector = haar_detector().make({.cascade = copy});
  EXPECT_THAT(detector->detect(cv::Mat(100, 100, CV_8UC3, cv::Scalar::all(7))), IsEmpty());
}

TEST(HaarDetectorTest, AMissingOrBrokenCascadeFileIsADataErrorThatNamesIt) {
  const test::TempFolder folder;
  const std::string own =
      cv::samples::findFile("haarcascades/haarcascade_frontalface_default.xml", false, true);
  ASSERT_FALSE(own.empty());
  const std::string whole = read_file(own);
  const std::vector<fs::path> files = {
      folder.path() / "missing.xml",
      folder.path(),
      folder.write("empty.xml", ""),
      folder.write("garbage.xml", "\x7f\x45LF\x02\x01 no cascade"),
      folder.write("half.xml", whole.substr(0, whole.size() / 2)),
      folder.write("other.xml", "<?xml version=\"1.0\"?>\n<opencv_storage><a>1</a></opencv_storage>\n"),
      folder.write("text.txt", "haar")};
  for (const fs::path& file : files) {
    EXPECT_EQ(cascade_error(file), file.string() + ": is no Haar cascade that OpenCV can load");
  }
}

}  // namespace
}  // namespace fer
