#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fer/core/files.hpp"
#include "fer/model/face_detectors.hpp"
#include "fer/vision/boxes.hpp"
#include "fer/vision/image.hpp"
#include "support/shared_files.hpp"

// What each detector's own implementation finds, as written by tests/golden/make_face_detections.py.

namespace fer {
namespace {

using test::kShared;

namespace fs = std::filesystem;

const std::string kPhotos = "muxspace-photos.tar";

/// The files in a tar archive whose members have short names, as kPhotos has them.
std::map<std::string, std::string> members(const fs::path& path) {
  constexpr std::size_t kBlock = 512;
  const std::string bytes = read_file(path);
  std::map<std::string, std::string> files;
  for (std::size_t at = 0; at + kBlock <= bytes.size() && bytes[at] != '\0';) {
    const std::string name = bytes.substr(at, 100).c_str();
    const std::size_t size = std::stoul(bytes.substr(at + 124, 12), nullptr, 8);
    files[name] = bytes.substr(at + kBlock, size);
    at += kBlock + (size + kBlock - 1) / kBlock * kBlock;
  }
  return files;
}

std::vector<FaceDetection> upstream_faces(const nlohmann::json& image) {
  std::vector<FaceDetection> faces;
  for (const auto& face : image.at("faces")) {
    const auto& box = face.at("box");
    faces.push_back({.box = {box[0], box[1], box[2], box[3]}, .score = face.at("score")});
    for (const auto& point : face.at("landmarks")) faces.back().landmarks.emplace_back(point[0], point[1]);
  }
  return faces;
}

/// Upstream's may have more landmarks: ears, which nobody needs here.
void expect_same_faces(const std::vector<FaceDetection>& own, const std::vector<FaceDetection>& upstream) {
  EXPECT_EQ(own.size(), upstream.size());
  for (const FaceDetection& expected : upstream) {
    const auto found = std::ranges::max_element(
        own, {}, [&](const FaceDetection& face) { return overlap(face.box, expected.box); });
    ASSERT_NE(found, own.end());
    EXPECT_GE(overlap(found->box, expected.box), 0.98);
    EXPECT_NEAR(found->score, expected.score, 0.01);
    ASSERT_LE(found->landmarks.size(), expected.landmarks.size());
    for (std::size_t i = 0; i < found->landmarks.size(); ++i)
      EXPECT_LE(cv::norm(found->landmarks[i] - expected.landmarks[i]), 1) << i;
  }
}

class FaceGoldens : public testing::TestWithParam<std::string> {
 protected:
  FaceGoldens()
      : images_(nlohmann::json::parse(read_file(FER_SOURCE_DIR "/tests/golden/face_detections.json"))
                    .at("detectors")
                    .at(GetParam())
                    .at("images")) {}

  void SetUp() override {
    if (!fs::exists(kShared / "models")) GTEST_SKIP() << "the detectors' weights are not at hand";
    detector_ = make_face_detector(GetParam(), {.models_folder = kShared / "models", .min_size = 0});
  }

  void expect_golden(const std::string& name, const cv::Mat& image) {
    SCOPED_TRACE(name);
    expect_same_faces(detector_->detect(image), upstream_faces(images_.at(name)));
  }

  nlohmann::json images_;
  std::unique_ptr<FaceDetector> detector_;
};

TEST_P(FaceGoldens, InTheSharedImages) {
  if (!fs::exists(kShared / "images")) GTEST_SKIP() << "the shared images are not at hand";
  for (const auto& entry : fs::directory_iterator(kShared / "images"))
    expect_golden("images/" + entry.path().filename().string(), read_image(entry.path()));
}

TEST_P(FaceGoldens, InPhotosOfADataSet) {
  const fs::path path = kShared / "data" / kPhotos;
  if (!fs::exists(path)) GTEST_SKIP() << kPhotos << " is not at hand";
  std::size_t compared = 0;
  for (const auto& [member, bytes] : members(path)) {
    const std::string key = kPhotos + "/" + member;
    if (!images_.contains(key)) continue;
    expect_golden(key, decode_image(bytes, key));
    ++compared;
  }
  EXPECT_EQ(compared, 40U);
}

TEST_P(FaceGoldens, InABlackImage) {
  expect_golden("black 64x48", cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(0)));
}

INSTANTIATE_TEST_SUITE_P(Detectors, FaceGoldens,
                         testing::Values("yunet", "mtcnn", "blazeface", "blazeface_back"),
                         [](const auto& detector) { return detector.param; });

}  // namespace
}  // namespace fer
