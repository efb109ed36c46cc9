#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>

#include "blazeface_decoding.hpp"
#include "blazeface_network.hpp"
#include "fer/core/files.hpp"
#include "fer/model/face_detectors.hpp"
#include "model/weight_files.hpp"
#include "support/error_text.hpp"

namespace fer {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(BlazeFaceAnchorsTest, AreTheMiddlesOfTheCells) {
  const auto anchors = blazeface_anchors();
  ASSERT_THAT(anchors, SizeIs(kBlazeFaceAnchors));
  EXPECT_EQ(anchors[0], cv::Point2f(1 / 32.0F, 1 / 32.0F));
  EXPECT_EQ(anchors[1], anchors[0]);
  EXPECT_EQ(anchors[2], cv::Point2f(3 / 32.0F, 1 / 32.0F));
  EXPECT_EQ(anchors[32], cv::Point2f(1 / 32.0F, 3 / 32.0F));
  EXPECT_EQ(anchors[512], cv::Point2f(1 / 16.0F, 1 / 16.0F));
  EXPECT_EQ(anchors[895], cv::Point2f(15 / 16.0F, 15 / 16.0F));
}

TEST(BlazeFaceAnchorsTest, AreUpstreams) {
  const auto path = test::shared_model("blazeface/anchors.npy");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not here";
  const std::string file = read_file(path);
  const auto anchors = blazeface_anchors();
  const std::size_t header = file.size() - anchors.size() * 4 * sizeof(double);
  for (std::size_t i = 0; i < anchors.size(); ++i) {
    std::array<double, 4> row{};
    std::memcpy(row.data(), file.data() + header + i * sizeof row, sizeof row);
    ASSERT_NEAR(anchors[i].x, row[0], 1e-6) << i;
    ASSERT_NEAR(anchors[i].y, row[1], 1e-6) << i;
  }
}

/// Outputs without a face but for those that are filled in.
struct BlazeFaceOutputs {
  std::vector<float> values = std::vector<float>(kBlazeFaceAnchors * kBlazeFaceValues);
  std::vector<float> logits = std::vector<float>(kBlazeFaceAnchors, -1000.0F);
};

TEST(BlazeFaceDecodingTest, BoxesAndPointsAreOffsetsFromTheAnchorInPixels) {
  BlazeFaceOutputs outputs;
  const std::size_t anchor = 512;
  outputs.logits[anchor] = 0;
  for (std::size_t i = 0; i < kBlazeFaceValues; ++i)
    outputs.values[anchor * kBlazeFaceValues + i] = static_cast<float>(i + 1);
  const auto faces = decode_blazeface(outputs.values, outputs.logits, 128, 0.5F);
  ASSERT_THAT(faces, SizeIs(1));
  EXPECT_EQ(faces[0].score, 0.5F);
  EXPECT_FLOAT_EQ(faces[0].box.width, 3 / 128.0F);
  EXPECT_FLOAT_EQ(faces[0].box.height, 4 / 128.0F);
  EXPECT_FLOAT_EQ(faces[0].box.x, 1 / 16.0F + (1 - 1.5F) / 128);
  EXPECT_FLOAT_EQ(faces[0].box.y, 1 / 16.0F + (2 - 2.0F) / 128);
  EXPECT_FLOAT_EQ(faces[0].points[0].x, 1 / 16.0F + 5 / 128.0F);
  EXPECT_FLOAT_EQ(faces[0].points[5].y, 1 / 16.0F + 16 / 128.0F);
}

TEST(BlazeFaceDecodingTest, HugeLogitsAreCertainty) {
  BlazeFaceOutputs outputs;
  EXPECT_THAT(decode_blazeface(outputs.values, outputs.logits, 128, 0.1F), IsEmpty());
  outputs.logits[7] = 1e30F;
  const auto faces = decode_blazeface(outputs.values, outputs.logits, 128, 0.9F);
  ASSERT_THAT(faces, SizeIs(1));
  EXPECT_EQ(faces[0].score, 1);
}

TEST(BlendOverlappingTest, FacesThatOverlapBecomeTheirMeanWeightedByScore) {
  BlazeFace sure{.box = {0, 0, 1, 1}, .points = {}, .score = 0.9F};
  BlazeFace unsure{.box = {0.3F, 0, 1, 1}, .points = {}, .score = 0.6F};
  const BlazeFace other{.box = {5, 5, 1, 1}, .points = {}, .score = 0.8F};
  sure.points[2] = {1, 2};
  unsure.points[2] = {4, 2};
  const auto faces = blend_overlapping({unsure, other, sure});
  ASSERT_THAT(faces, SizeIs(2));
  EXPECT_FLOAT_EQ(faces[0].score, 0.75F);
  EXPECT_FLOAT_EQ(faces[0].box.x, 0.6F * 0.3F / 1.5F);
  EXPECT_FLOAT_EQ(faces[0].box.width, 1);
  EXPECT_FLOAT_EQ(faces[0].points[2].x, (0.9F * 1 + 0.6F * 4) / 1.5F);
  EXPECT_EQ(faces[1].box, other.box);
  EXPECT_FLOAT_EQ(faces[1].score, 0.8F);
}

TEST(BlendOverlappingTest, AnEmptyBoxIsAFaceOfItsOwn) {
  const std::vector<BlazeFace> empty(3, {.box = {1, 1, 0, 0}, .points = {}, .score = 0.9F});
  EXPECT_THAT(blend_overlapping(empty), SizeIs(3));
  EXPECT_THAT(blend_overlapping({}), IsEmpty());
}

class BlazeFaceWeights : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(path_)) GTEST_SKIP() << path_ << " is not here";
    weights_ = read_weights(path_);
  }

  std::string error() const {
    return test::error_text(ErrorKind::data,
                            [&] { return BlazeFaceNetwork(BlazeFaceKind::front, weights_, "here"); });
  }

  std::filesystem::path path_ = test::shared_model("blazeface/blazeface.pth");
  TensorMap weights_;
};

TEST_F(BlazeFaceWeights, ThatDoNotFitAreRefusedByName) {
  weights_["surplus"] = at::zeros({1});
  EXPECT_THAT(error(), testing::Eq("here: 1 tensors too many for this network"));
  weights_.erase("surplus");
  weights_["backbone1.4.convs.1.weight"] = at::zeros({32, 28, 3, 3});
  EXPECT_THAT(error(), HasSubstr("backbone1.4.convs.1.weight has shape [32,28,3,3], expected [32,28,1,1]"));
  weights_.erase("backbone1.4.convs.1.weight");
  EXPECT_THAT(error(), testing::Eq("here: lacks backbone1.4.convs.1.weight"));
}

TEST_F(BlazeFaceWeights, OfTheOtherCameraAreRefused) {
  EXPECT_THAT(test::error_text(ErrorKind::data,
                               [&] { return BlazeFaceNetwork(BlazeFaceKind::back, weights_, "here"); }),
              HasSubstr("lacks backbone.0.weight"));
}

}  // namespace
}  // namespace fer
