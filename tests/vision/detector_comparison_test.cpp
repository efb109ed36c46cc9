#include "fer/vision/detector_comparison.hpp"

#include <gtest/gtest.h>

namespace fer {
namespace {

FaceDetection at(float x) { return {.box = {x, 0, 10, 10}, .score = 1}; }

/// Two images in one input, one in another: `sharp` finds three faces, `blunt` one of them and one elsewhere.
DetectorComparison three_images() {
  DetectorComparison comparison{.detectors = {"sharp", "blunt"}};
  using Faces = std::vector<std::vector<FaceDetection>>;
  comparison.begin("a.mp4");
  comparison.add(Faces{{at(0), at(50)}, {at(1)}}, std::vector{0.010, 0.001});
  comparison.add(Faces{{}, {}}, std::vector{0.030, 0.002});
  comparison.begin("b.jpg");
  comparison.add(Faces{{at(0)}, {at(90)}}, std::vector{0.020, 0.003});
  return comparison;
}

TEST(DetectorComparisonTest, CountsImagesFacesAndTimesOfEachInputAndOfAll) {
  const DetectorComparison comparison = three_images();
  ASSERT_EQ(comparison.inputs.size(), 2U);
  EXPECT_EQ(comparison.inputs[0].path, "a.mp4");
  EXPECT_EQ(comparison.inputs[0].counts[0].images, 2);
  EXPECT_EQ(comparison.inputs[0].counts[0].images_with_face, 1);
  EXPECT_EQ(comparison.inputs[0].counts[0].faces, 2);
  const DetectorCounts total = comparison.total(0);
  EXPECT_EQ(total.images, 3);
  EXPECT_DOUBLE_EQ(total.coverage(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(total.faces_per_image(), 1);
  EXPECT_DOUBLE_EQ(total.milliseconds(0.5), 20);
  EXPECT_DOUBLE_EQ(total.milliseconds(0), 10);
  EXPECT_DOUBLE_EQ(total.milliseconds(1), 30);
}

TEST(DetectorComparisonTest, AgreementIsTheShareOfFacesTheOtherFoundToo) {
  const DetectorComparison comparison = three_images();
  EXPECT_DOUBLE_EQ(comparison.agreement(0, 1), 1.0 / 3);
  EXPECT_DOUBLE_EQ(comparison.agreement(1, 0), 1.0 / 2);
  EXPECT_DOUBLE_EQ(comparison.agreement(0, 0), 1);
}

TEST(DetectorComparisonTest, WithoutFacesOrImagesThereAreNoSurprises) {
  DetectorComparison comparison{.detectors = {"one"}};
  EXPECT_EQ(comparison.total(0).coverage(), 0);
  EXPECT_EQ(comparison.total(0).milliseconds(0.5), 0);
  comparison.begin("x");
  comparison.add(std::vector<std::vector<FaceDetection>>(1), std::vector{0.5});
  EXPECT_EQ(comparison.agreement(0, 0), 1);
}

}  // namespace
}  // namespace fer
