#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/imgproc.hpp>

#include "fer/vision/boxes.hpp"
#include "fer/vision/face_detector.hpp"
#include "fer/vision/image.hpp"
#include "support/error_text.hpp"
#include "support/scoped_variable.hpp"
#include "support/temp_folder.hpp"
#include "yunet_decoding.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const fs::path kShared = FER_SOURCE_DIR "/../shared";

/// What the network gives for an input of 64x32: nothing, until a cell is filled.
class Outputs {
 public:
  Outputs() {
    for (const int stride : {8, 16, 32}) {
      const int cells = 64 / stride * (32 / stride);
      for (const int values : {1, 1, 4, 10}) mats_.push_back(cv::Mat::zeros(cells, values, CV_32F));
    }
  }

  /// `level`: 0, 1, 2 for strides of 8, 16, 32.
  void fill(int level, int cell, float cls, float obj) {
    const auto first = static_cast<std::size_t>(level) * 4;
    mats_[first].at<float>(cell) = cls;
    mats_[first + 1].at<float>(cell) = obj;
    const std::array<float, 4> box = {0.5F, 0.25F, std::log(2.0F), std::log(3.0F)};
    for (int i = 0; i < 4; ++i) mats_[first + 2].at<float>(cell, i) = box[static_cast<std::size_t>(i)];
    for (int i = 0; i < 10; ++i) mats_[first + 3].at<float>(cell, i) = 0.1F * static_cast<float>(i);
  }

  std::vector<FaceDetection> decode(float min_score) const {
    return decode_yunet(mats_, {64, 32}, min_score);
  }

  std::vector<cv::Mat> mats_;
};

TEST(YuNetDecodingTest, BoxesAndPointsAreOffsetsFromTheCellsCornerInStrides) {
  Outputs outputs;
  outputs.fill(1, 5, 0.81F, 0.64F);  // row 1, column 1 of the 4x2 cells of 16 pixels
  const auto faces = outputs.decode(0.5F);
  ASSERT_THAT(faces, SizeIs(1));
  EXPECT_FLOAT_EQ(faces[0].score, 0.72F);  // sqrt(cls * obj)
  EXPECT_FLOAT_EQ(faces[0].box.width, 32);
  EXPECT_FLOAT_EQ(faces[0].box.height, 48);
  EXPECT_FLOAT_EQ(faces[0].box.x, 1.5F * 16 - 16);
  EXPECT_FLOAT_EQ(faces[0].box.y, 1.25F * 16 - 24);
  ASSERT_THAT(faces[0].landmarks, SizeIs(5));
  EXPECT_NEAR(faces[0].landmarks[0].x, 16, 1e-4);
  EXPECT_NEAR(faces[0].landmarks[0].y, 1.1 * 16, 1e-4);
  EXPECT_NEAR(faces[0].landmarks[4].x, 1.8 * 16, 1e-4);
}

TEST(YuNetDecodingTest, EveryStrideCountsAndTheScoreIsALimit) {
  Outputs outputs;
  outputs.fill(0, 31, 0.9F, 0.9F);
  outputs.fill(1, 0, 0.6F, 0.6F);
  outputs.fill(2, 1, 1.5F, 0.49F);  // clamped to 1
  EXPECT_THAT(outputs.decode(0.5F), SizeIs(3));
  EXPECT_THAT(outputs.decode(0.61F), SizeIs(2));
  EXPECT_THAT(outputs.decode(0.71F), SizeIs(1));
  EXPECT_THAT(outputs.decode(0.95F), IsEmpty());
}

TEST(YuNetDecodingTest, AnOutputOfAnotherSizeIsRefusedByName) {
  Outputs outputs;
  outputs.mats_[6] = cv::Mat::zeros(3, 4, CV_32F);
  EXPECT_EQ(test::error_text(ErrorKind::data, [&] { return outputs.decode(0.5F); }),
            "its output bbox_16 does not fit its input");
}

TEST(YuNetDecodingTest, InputsArePaddedToWholeCellsOfTheLargestStride) {
  EXPECT_EQ(yunet_input_size({1, 1}), cv::Size(64, 64));
  EXPECT_EQ(yunet_input_size({640, 20}), cv::Size(640, 64));
  EXPECT_EQ(yunet_input_size({640, 360}), cv::Size(640, 384));
  EXPECT_EQ(yunet_input_size({33, 64}), cv::Size(64, 64));
}

TEST(YuNetDetectorTest, AMissingFileSaysHowToGetItAndWhatWorksWithout) {
  const test::TempFolder folder;
  const test::ScopedVariable models("FER_MODELS", folder.path().string());
  const test::ScopedVariable cache("XDG_CACHE_HOME", folder.path().string());
  EXPECT_THAT(test::error_text(ErrorKind::data, [] { return yunet_detector().make({}); }),
              testing::AllOf(HasSubstr("run 'fer-data fetch yunet'"), HasSubstr("haar needs no model file")));
}

TEST(YuNetDetectorTest, ADamagedFileIsADataErrorThatNamesIt) {
  const test::TempFolder folder;
  for (const std::string content : {"", "no network", "\x08\x07\x12\x07pytorch"}) {
    const fs::path file = folder.write("yunet_n_640_640.onnx", content);
    EXPECT_EQ(test::error_text(ErrorKind::data,
                               [&] { return yunet_detector().make({.models_folder = folder.path()}); }),
              file.string() + ": is no network that OpenCV can load");
  }
}

class YuNet : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(kShared / "models/yunet") || !fs::exists(kShared / "images"))
      GTEST_SKIP() << "YuNet's weights or the shared images are not here";
  }

  static std::vector<FaceDetection> detect(const cv::Mat& rgb, float min_size = 0.1F) {
    return yunet_detector().make({.models_folder = kShared / "models", .min_size = min_size})->detect(rgb);
  }
};

TEST_F(YuNet, AnotherLayoutIsRefused) {
  const test::TempFolder folder;
  fs::copy_file(kShared / "models/yunet/yunet_120x160.onnx", folder.path() / "yunet_n_640_640.onnx");
  EXPECT_THAT(test::error_text(ErrorKind::data,
                               [&] { return yunet_detector().make({.models_folder = folder.path()}); }),
              HasSubstr("is no YuNet of 2023"));
}

TEST_F(YuNet, ShrinkingLosesNoFaceThatIsLargeEnough) {
  cv::Mat large;
  cv::resize(read_image(kShared / "images/five-faces-outdoor.jpg"), large, {}, 3, 3, cv::INTER_CUBIC);
  const auto shrunk = detect(large);
  const auto whole = detect(large, 0);
  ASSERT_THAT(shrunk, SizeIs(5));
  for (const FaceDetection& face : shrunk) {
    const auto same = std::ranges::max_element(
        whole, {}, [&](const FaceDetection& other) { return overlap(face.box, other.box); });
    ASSERT_NE(same, whole.end());
    EXPECT_GT(overlap(face.box, same->box), 0.8F);
  }
}

/// 24 faces of 66 pixels in 1600x300: at 640 pixels wide they would be 26.
TEST_F(YuNet, FindsDozensOfFacesWhereSmallOnesAreWanted) {
  cv::Mat tile;
  cv::resize(read_image(kShared / "images/one-face-128.png"), tile, {200, 200}, 0, 0, cv::INTER_AREA);
  cv::Mat crowd;
  cv::repeat(tile, 3, 8, crowd);
  EXPECT_THAT(detect(crowd, 0.05F), SizeIs(24));
}

TEST_F(YuNet, FindsAFaceThatIsPartlyOutside) {
  const cv::Mat rgb = read_image(kShared / "images/one-face-outdoor.jpg");
  const auto whole = detect(rgb);
  ASSERT_THAT(whole, SizeIs(1));
  const int cut = static_cast<int>(whole[0].box.x + whole[0].box.width * 0.3F);
  const auto part = detect(rgb.colRange(cut, rgb.cols));
  ASSERT_THAT(part, SizeIs(1));
  EXPECT_LT(part[0].box.x, whole[0].box.width * 0.2F);
}

}  // namespace
}  // namespace fer
