#include "fer/model/face_detectors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>
#include <set>

#include "fer/core/files.hpp"
#include "fer/core/model_files.hpp"
#include "fer/vision/image.hpp"
#include "support/error_text.hpp"
#include "support/images.hpp"
#include "support/scoped_variable.hpp"
#include "support/shared_files.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using test::kShared;

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(FaceDetectorsTest, TheTableNamesEachOnceAndSaysWhatThereIsToKnow) {
  std::vector<std::string> names;
  for (const auto& [facts, make] : face_detectors()) {
    names.push_back(facts.name);
    EXPECT_FALSE(facts.summary.empty()) << facts.name;
    EXPECT_THAT(facts.landmarks, testing::AnyOf(0, 4, 5)) << facts.name;
    EXPECT_GE(facts.default_min_score, 0) << facts.name;
    EXPECT_LT(facts.default_min_score, 1) << facts.name;
    EXPECT_TRUE(make) << facts.name;
    EXPECT_EQ(&face_detector_kind(facts.name).facts, &facts);
    if (!facts.model_files.empty()) {
      EXPECT_FALSE(files_of_model(facts.model_files).empty());
    }
  }
  EXPECT_THAT(names, ElementsAre("haar", "yunet", "mtcnn", "blazeface", "blazeface_back", "none"));
}

TEST(FaceDetectorsTest, AnUnknownNameIsAUsageErrorWithTheNearest) {
  const auto text = [](const std::string& name) {
    return test::error_text(ErrorKind::usage, [&] { return make_face_detector(name); });
  };
  const std::string known = "(known: haar, yunet, mtcnn, blazeface, blazeface_back, none)";
  EXPECT_EQ(text("haer"), "no face detector is called 'haer', did you mean 'haar'? " + known);
  EXPECT_EQ(text("retinaface"), "no face detector is called 'retinaface' " + known);
}

TEST(FaceDetectorsTest, WithoutItsFilesEachSaysHowToGetThem) {
  const test::TempFolder folder;
  const test::ScopedVariable models("FER_MODELS", folder.path().string());
  const test::ScopedVariable cache("XDG_CACHE_HOME", folder.path().string());
  for (const FaceDetectorKind& kind : face_detectors()) {
    if (kind.facts.model_files.empty()) {
      EXPECT_EQ(kind.make({})->name(), kind.facts.name);
      continue;
    }
    EXPECT_THAT(test::error_text(ErrorKind::data, [&] { return kind.make({}); }),
                AllOf(HasSubstr("run 'fer-data fetch " + kind.facts.model_files + "'"),
                      HasSubstr("haar needs no model file")));
  }
}

TEST(FaceDetectorsTest, DamagedFilesAreDataErrorsThatNameThem) {
  const test::TempFolder folder;
  for (const FaceDetectorKind& kind : face_detectors()) {
    if (kind.facts.model_files.empty()) continue;
    for (const ModelFile& file : files_of_model(kind.facts.model_files))
      folder.write(file.file_names[0], "damaged");
    EXPECT_THAT(
        test::error_text(ErrorKind::data, [&] { return kind.make({.models_folder = folder.path()}); }),
        testing::StartsWith(folder.path().string()))
        << kind.facts.name;
  }
}

/// The detectors that have their files here, on images of every kind.
class AnyImage : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!face_detector_kind(GetParam()).facts.model_files.empty() && !fs::exists(kShared / "models"))
      GTEST_SKIP() << "the detectors' weights are not here";
    detector_ = make(0.1F);
  }

  static std::unique_ptr<FaceDetector> make(float min_size, float min_score = 0) {
    return make_face_detector(
        GetParam(), {.models_folder = kShared / "models", .min_size = min_size, .min_score = min_score});
  }

  static cv::Mat photo(const std::string& name) {
    const fs::path path = kShared / "images" / name;
    return fs::exists(path) ? read_image(path) : cv::Mat();
  }

  static void expect_same(const std::vector<FaceDetection>& a, const std::vector<FaceDetection>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(a[i].box, b[i].box);
      EXPECT_EQ(a[i].score, b[i].score);
      EXPECT_EQ(a[i].landmarks, b[i].landmarks);
    }
  }

  std::unique_ptr<FaceDetector> detector_;
};

TEST_P(AnyImage, WithoutAFaceHasNone) {
  for (const cv::Size size : {cv::Size(1, 1), cv::Size(1, 700), cv::Size(700, 1), cv::Size(31, 33),
                              cv::Size(640, 360), cv::Size(8000, 60), cv::Size(3, 8000)}) {
    for (const int level : {0, 128, 255})
      EXPECT_THAT(detector_->detect(cv::Mat(size, CV_8UC3, cv::Scalar::all(level))), IsEmpty()) << size;
  }
}

TEST_P(AnyImage, OfAnySizeShowsItsFaceInTheSamePlace) {
  const cv::Mat rgb = photo("one-face-outdoor.jpg");
  if (rgb.empty()) GTEST_SKIP() << "the shared images are not here";
  const auto faces = detector_->detect(rgb);
  ASSERT_THAT(faces, testing::Not(IsEmpty()));
  EXPECT_EQ(detector_->name(), GetParam());
  EXPECT_THAT(faces[0].landmarks,
              SizeIs(static_cast<std::size_t>(face_detector_kind(GetParam()).facts.landmarks)));
  for (const double scale : {0.4, 3.0, 8000.0 / rgb.cols}) {
    cv::Mat scaled;
    cv::resize(rgb, scaled, {}, scale, scale, cv::INTER_AREA);
    const auto found = detector_->detect(scaled);
    ASSERT_THAT(found, testing::Not(IsEmpty())) << scale;
    const float back = 1 / static_cast<float>(scale);
    const cv::Rect2f box(found[0].box.tl() * back,
                         cv::Size2f(found[0].box.width * back, found[0].box.height * back));
    EXPECT_GT((box & faces[0].box).area(), 0.55F * faces[0].box.area()) << scale;
  }
}

/// Landmarks are the right way round: mirrored in the image, mirrored in the answer.
TEST_P(AnyImage, MirroredHasMirroredLandmarks) {
  const cv::Mat rgb = photo("one-face-justin.jpg");
  if (rgb.empty()) GTEST_SKIP() << "the shared images are not here";
  if (face_detector_kind(GetParam()).facts.landmarks == 0) GTEST_SKIP() << "it gives no landmarks";
  cv::Mat mirrored;
  cv::flip(rgb, mirrored, 1);
  for (const cv::Mat& image : {rgb, mirrored}) {
    const auto faces = detector_->detect(image);
    ASSERT_THAT(faces, SizeIs(1));
    const auto& points = faces[0].landmarks;
    EXPECT_LT(points[0].x, points[1].x) << "the left eye is left of the right one";
    for (const int eye : {0, 1}) EXPECT_LT(points[static_cast<std::size_t>(eye)].y, points[2].y);
    EXPECT_LT(points[2].y, points[3].y) << "the mouth is below the nose";
    EXPECT_LT(points[3].x, points.back().x + (points.size() == 5 ? 0 : 1));
    for (const cv::Point2f& point : points) EXPECT_TRUE(faces[0].box.contains(point)) << point;
  }
}

TEST_P(AnyImage, InABatchIsSeenAsAlone) {
  const cv::Mat one = photo("one-face-outdoor.jpg");
  const cv::Mat five = photo("five-faces-outdoor.jpg");
  if (one.empty()) GTEST_SKIP() << "the shared images are not here";
  cv::Mat mirrored;
  cv::flip(five, mirrored, 1);
  const std::vector<cv::Mat> images = {five, one, cv::Mat(1, 1, CV_8UC3, cv::Scalar::all(9)), mirrored};
  const auto together = detector_->detect_batch(images);
  ASSERT_THAT(together, SizeIs(images.size()));
  for (std::size_t i = 0; i < images.size(); ++i) expect_same(together[i], detector_->detect(images[i]));
  EXPECT_THAT(detector_->detect_batch({}), IsEmpty());
}

TEST_P(AnyImage, ThatIsAViewIntoAnotherIsSeenAsACopy) {
  const cv::Mat rgb = photo("five-faces-outdoor.jpg");
  if (rgb.empty()) GTEST_SKIP() << "the shared images are not here";
  const cv::Mat view = rgb(cv::Rect(150, 20, 560, 470));
  expect_same(detector_->detect(view), detector_->detect(view.clone()));
}

TEST_P(AnyImage, HasFewerFacesWithHigherLimits) {
  const cv::Mat rgb = photo("five-faces-outdoor.jpg");
  if (rgb.empty()) GTEST_SKIP() << "the shared images are not here";
  const auto all = make(0.05F)->detect(rgb);
  ASSERT_GT(all.size(), 1U);
  for (std::size_t i = 1; i < all.size(); ++i) EXPECT_GE(all[i - 1].box.area(), all[i].box.area());
  EXPECT_THAT(make(1.0F)->detect(rgb), IsEmpty());
  const float longest = std::max(all[0].box.width, all[0].box.height);
  for (const FaceDetection& face : make(0.9F * longest / 667)->detect(rgb))
    EXPECT_GE(std::max(face.box.width, face.box.height), 0.85F * longest);
  float best = 0;
  for (const FaceDetection& face : all) best = std::max(best, face.score);
  for (const FaceDetection& face : make(0.05F, 0.999F * best)->detect(rgb))
    EXPECT_GE(face.score, 0.998F * best);
}

INSTANTIATE_TEST_SUITE_P(Detectors, AnyImage,
                         testing::Values("haar", "yunet", "mtcnn", "blazeface", "blazeface_back"),
                         [](const auto& detector) { return detector.param; });

}  // namespace
}  // namespace fer
