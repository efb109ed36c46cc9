#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/golden_onnx.hpp"
#include "fer/core/model_files.hpp"
#include "fer/engine/yunet.hpp"
#include "fer/vision/boxes.hpp"
#include "fer/vision/image.hpp"
#include "support/error_text.hpp"
#include "support/shared_files.hpp"
#include "support/temp_folder.hpp"

namespace fer::test {
namespace {

using test::kShared;

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

std::string detector_refusal(const std::string& content) {
  const TempFolder folder;
  for (const ModelFile& file : files_of_model("yunet")) folder.write(file.file_names.back(), content);
  return error_text(ErrorKind::data,
                    [&] { return opencv_yunet_detector().make({.models_folder = folder.path()}); });
}

TEST(OpencvYuNet, RefusesAFileThatIsNoYuNet) {
  EXPECT_THAT(detector_refusal("no network"), HasSubstr("is no ONNX file"));
  EXPECT_THAT(detector_refusal(read_file(kOnnxFiles / "small.onnx")), HasSubstr("no YuNet of 2023"));
}

TEST(OpencvYuNet, FindsTheFacesThatItsOriginalFinds) {
  if (!fs::exists(kShared / "models") || !fs::exists(kShared / "images"))
    GTEST_SKIP() << "the files are not at hand";
  const auto detector = opencv_yunet_detector().make({.models_folder = kShared / "models", .min_size = 0});
  const auto images = golden_json("face_detections.json", "detectors").at("yunet").at("images");
  for (const auto& entry : fs::directory_iterator(kShared / "images")) {
    const auto expected = images.at("images/" + entry.path().filename().string()).at("faces");
    const std::vector<FaceDetection> faces = detector->detect(read_image(entry.path()));
    EXPECT_EQ(faces.size(), expected.size()) << entry.path();
    for (const auto& face : expected) {
      const auto& box = face.at("box");
      const auto found = std::ranges::max_element(faces, {}, [&](const FaceDetection& own) {
        return overlap(own.box, {box[0], box[1], box[2], box[3]});
      });
      ASSERT_NE(found, faces.end());
      EXPECT_GE(overlap(found->box, {box[0], box[1], box[2], box[3]}), 0.98);
      EXPECT_NEAR(found->score, face.at("score").get<float>(), 0.01);
    }
  }
}

TEST(OpencvYuNet, TakesPicturesOfAnySizeAndFindsNothingInBlackOnes) {
  if (!fs::exists(kShared / "models")) GTEST_SKIP() << "the model's file is not at hand";
  const auto detector = opencv_yunet_detector().make({.models_folder = kShared / "models"});
  for (const cv::Size size : {cv::Size(1, 1), cv::Size(700, 1), cv::Size(31, 33), cv::Size(640, 360)})
    EXPECT_THAT(detector->detect(cv::Mat::zeros(size, CV_8UC3)), IsEmpty()) << size;
}

}  // namespace
}  // namespace fer::test
