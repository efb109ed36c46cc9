#include <ATen/Parallel.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "fer/model/face_detectors.hpp"
#include "fer/vision/boxes.hpp"
#include "mtcnn_weights.hpp"
#include "support/error_text.hpp"
#include "support/images.hpp"
#include "support/scoped_variable.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

/// A detector of bright places: the way from the picture to the boxes is MTCNN's, the networks are made up.
class MtcnnDetectorTest : public testing::Test {
 protected:
  MtcnnDetectorTest() {
    for (const auto& [part, name] :
         {std::pair{MtcnnPart::pnet, "pnet.pt"}, {MtcnnPart::rnet, "rnet.pt"}, {MtcnnPart::onet, "onet.pt"}})
      save(name, test::brightness_weights(part));
  }

  void save(const std::string& name, const TensorMap& weights) const {
    write_safetensors(folder_ / name, {.tensors = weights, .metadata = {}});
  }

  std::unique_ptr<FaceDetector> detector(FaceDetectorOptions options = {}) const {
    options.models_folder = folder_.path();
    return mtcnn_detector().make(options);
  }

  std::string error() const {
    return test::error_text(ErrorKind::data, [&] { return detector(); });
  }

  test::TempFolder folder_;
};

/// Shifts that make a window, of 11/12 of the smallest face, larger than that.
const std::vector<float> kOutwards = {-0.1F, -0.1F, 0.1F, 0.1F};

cv::Mat dark_with_bright(cv::Size size, const cv::Rect& bright) {
  cv::Mat image(size, CV_8UC3, cv::Scalar::all(20));
  image(bright).setTo(cv::Scalar::all(255));
  return image;
}

void expect_same_detections(const std::vector<FaceDetection>& a, const std::vector<FaceDetection>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].box, b[i].box);
    EXPECT_EQ(a[i].score, b[i].score);
    EXPECT_EQ(a[i].landmarks, b[i].landmarks);
  }
}

TEST_F(MtcnnDetectorTest, FindsWhatItsNetworksTakeForAFaceWhereItIs) {
  const cv::Rect2f bright(90, 50, 70, 70);
  const auto faces = detector()->detect(dark_with_bright({220, 160}, bright));
  ASSERT_THAT(faces, Not(IsEmpty()));
  for (const FaceDetection& face : faces) {
    EXPECT_GT(overlap_of_smaller(face.box, bright), 0.6F) << face.box;
    EXPECT_GT(face.score, 0.7F);
  }
}

TEST_F(MtcnnDetectorTest, PlacesLandmarksInTheBoxAndMovesItsSides) {
  const std::vector<float> landmarks = {0.3F, 0.7F, 0.5F, 0.35F, 0.65F, 0.4F, 0.45F, 0.6F, 0.8F, 0.85F};
  save("onet.pt", test::brightness_weights(MtcnnPart::onet, {0.1F, 0, -0.2F, 0.25F}, landmarks));
  const auto faces = detector()->detect(dark_with_bright({220, 160}, {90, 50, 70, 70}));
  ASSERT_THAT(faces, Not(IsEmpty()));
  for (const FaceDetection& face : faces) {
    // R-Net's box is a square of `side`; a share of its size is one of side + 1.
    const float side = (face.box.width + 0.3F) / 0.7F;
    EXPECT_NEAR(face.box.height, side + 0.25F * (side + 1), 1e-3);
    const float left = face.box.x - 0.1F * (side + 1);
    ASSERT_EQ(face.landmarks.size(), 5U);
    for (std::size_t i = 0; i < 5; ++i) {
      EXPECT_NEAR(face.landmarks[i].x, left - 1 + landmarks[i] * (side + 1), 1e-3);
      EXPECT_NEAR(face.landmarks[i].y, face.box.y - 1 + landmarks[i + 5] * (side + 1), 1e-3);
    }
  }
}

TEST_F(MtcnnDetectorTest, FindsNothingInADarkImageAndManyBoxesInABrightOne) {
  EXPECT_THAT(detector()->detect(cv::Mat(120, 90, CV_8UC3, cv::Scalar::all(0))), IsEmpty());
  const auto faces = detector()->detect(cv::Mat(120, 90, CV_8UC3, cv::Scalar::all(255)));
  EXPECT_GT(faces.size(), 3U);
  for (std::size_t i = 0; i < faces.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) EXPECT_LE(overlap(faces[i].box, faces[j].box), 0.7F);
  }
}

TEST_F(MtcnnDetectorTest, FindsNothingInAnImageSmallerThanAFace) {
  for (const cv::Size size : {cv::Size(1, 1), cv::Size(19, 19), cv::Size(900, 11), cv::Size(3, 400)})
    EXPECT_THAT(detector()->detect(cv::Mat(size, CV_8UC3, cv::Scalar::all(255))), IsEmpty()) << size;
  EXPECT_THAT(detector()->detect(cv::Mat(20, 20, CV_8UC3, cv::Scalar::all(255))), Not(IsEmpty()));
}

TEST_F(MtcnnDetectorTest, TakesAnImageOfAnyShape) {
  save("onet.pt", test::brightness_weights(MtcnnPart::onet, kOutwards));
  const auto large = detector({.min_size = 0.3F});
  EXPECT_THAT(large->detect(dark_with_bright({3000, 2000}, {250, 350, 1500, 1500})), Not(IsEmpty()));
  EXPECT_THAT(detector()->detect(cv::Mat(24, 5000, CV_8UC3, cv::Scalar::all(255))), Not(IsEmpty()));
}

TEST_F(MtcnnDetectorTest, LeavesOutSmallFaces) {
  const cv::Mat image(120, 120, CV_8UC3, cv::Scalar::all(255));
  const auto longest = [](const FaceDetection& face) { return std::max(face.box.width, face.box.height); };
  EXPECT_LT(longest(detector({.min_size = 0.1F})->detect(image).back()), 40);
  save("onet.pt", test::brightness_weights(MtcnnPart::onet, kOutwards));
  const auto large = detector({.min_size = 0.5F})->detect(image);
  EXPECT_THAT(large, Not(IsEmpty()));
  for (const FaceDetection& face : large) EXPECT_GE(longest(face), 60);
}

TEST_F(MtcnnDetectorTest, AsksForAnotherScoreWhereTheOptionsDo) {
  const cv::Mat grey(60, 60, CV_8UC3, cv::Scalar::all(234));  // 0.832: a logit of 0.64
  const float score = 1 / (1 + std::exp(-20 * ((234 - 127.5F) / 128 - 0.8F)));
  ASSERT_LT(score, 0.7F);
  EXPECT_THAT(detector({.min_score = score - 0.01F})->detect(grey), IsEmpty());  // R-Net's threshold stands
  TensorMap sure = test::brightness_weights(MtcnnPart::rnet);
  sure.at("dense5_1.bias")[1] = 0;
  save("rnet.pt", sure);
  EXPECT_THAT(detector()->detect(grey), IsEmpty());
  EXPECT_THAT(detector({.min_score = score - 0.01F})->detect(grey), Not(IsEmpty()));
  EXPECT_THAT(detector({.min_score = score + 0.01F})->detect(grey), IsEmpty());
}

TEST_F(MtcnnDetectorTest, GivesTheSameForABatchAndForAnyNumberOfThreads) {
  const std::vector<cv::Mat> images = {
      dark_with_bright({110, 80}, {45, 25, 35, 35}), dark_with_bright({110, 80}, {5, 10, 65, 50}),
      cv::Mat(1, 1, CV_8UC3, cv::Scalar::all(255)), test::noise_image({110, 80}),
      dark_with_bright({51, 166}, {20, 70, 30, 45})};
  const auto own = detector();
  const auto together = own->detect_batch(images);
  ASSERT_EQ(together.size(), images.size());
  EXPECT_THAT(together[1], Not(IsEmpty()));
  EXPECT_THAT(together[2], IsEmpty());
  for (std::size_t i = 0; i < images.size(); ++i) expect_same_detections(together[i], own->detect(images[i]));
  const int threads = at::get_num_threads();
  at::set_num_threads(threads + 2);
  const auto threaded = own->detect_batch(images);
  at::set_num_threads(threads);
  for (std::size_t i = 0; i < images.size(); ++i) expect_same_detections(together[i], threaded[i]);
  EXPECT_THAT(own->detect_batch({}), IsEmpty());
}

TEST_F(MtcnnDetectorTest, BearsBoxesBeyondAllBounds) {
  save("pnet.pt", test::brightness_weights(MtcnnPart::pnet, {-1e38F, 3e38F, 1e38F, 3e38F}));
  EXPECT_THAT(detector()->detect(cv::Mat(60, 60, CV_8UC3, cv::Scalar::all(255))), IsEmpty());
}

TEST_F(MtcnnDetectorTest, NamesTheFileThatIsMissingOrDamaged) {
  save("onet.pt", test::brightness_weights(MtcnnPart::rnet));
  const std::string path = (folder_ / "onet.pt").string();
  EXPECT_THAT(error(), StartsWith(path + ": conv1.weight has shape [28,3,3,3]"));
  folder_.write("onet.pt", "no weights");
  EXPECT_THAT(error(), StartsWith(path + ": "));
  std::filesystem::remove(path);
  const test::ScopedVariable models("FER_MODELS", std::nullopt);
  const test::ScopedVariable cache("XDG_CACHE_HOME", folder_.path().string());
  EXPECT_THAT(error(), HasSubstr("mtcnn/onet"));
}

TEST(MtcnnFactsTest, AreThoseOfTheDetector) {
  const FaceDetectorFacts& facts = mtcnn_detector().facts;
  EXPECT_EQ(facts.name, "mtcnn");
  EXPECT_EQ(facts.landmarks, 5);
  EXPECT_TRUE(facts.wants_colour);
  EXPECT_EQ(facts.model_files, "mtcnn");
  EXPECT_FLOAT_EQ(facts.default_min_score, 0.7F);
}

}  // namespace
}  // namespace fer
