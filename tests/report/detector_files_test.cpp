#include "fer/report/detector_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace fer {
namespace {

using Faces = std::vector<std::vector<FaceDetection>>;

FaceDetection at(float x) {
  return {.box = {x, 5, 10, 10}, .score = 1, .landmarks = {{x + 3, 8}, {x + 7, 8}}};
}

DetectorComparison two_detectors() {
  DetectorComparison comparison{.detectors = {"haar", "a_long_name"}};
  comparison.begin("group.jpg");
  comparison.add(Faces{{at(0), at(50)}, {at(1)}}, std::vector{0.010, 0.0015});
  comparison.begin("emptyö.jpg");
  comparison.add(Faces{{}, {}}, std::vector{0.030, 0.0025});
  return comparison;
}

TEST(DetectorTableTest, HasARowForEachDetectorAndEachInput) {
  EXPECT_EQ(
      detector_table(two_detectors()),
      "Detector     Images  With a face  Coverage  Faces  ms/image  ms p90  also haar  also a_long_name\n"
      "haar              2            1    50.0 %      2      30.0    30.0          -              50 %\n"
      "a_long_name       2            1    50.0 %      1       2.5     2.5      100 %                 -\n"
      "\n"
      "Images with a face / images (faces)     haar  a_long_name\n"
      "group.jpg                            1/1 (2)      1/1 (1)\n"
      "emptyö.jpg                           0/1 (0)      0/1 (0)\n");
}

TEST(DetectorJsonTest, HoldsTheSameFiguresByName) {
  const auto json = nlohmann::json::parse(detector_json(
      two_detectors(), {.threads = 2, .min_size = 0.125F, .opencv = "4.6.0", .libtorch = "2.13.0"}));
  EXPECT_EQ(json["setting"]["threads"], 2);
  EXPECT_EQ(json["setting"]["min_size"], 0.125);
  EXPECT_EQ(json["overlap"], 0.5);
  ASSERT_EQ(json["detectors"].size(), 2U);
  const auto& haar = json["detectors"][0];
  EXPECT_EQ(haar["name"], "haar");
  EXPECT_EQ(haar["images"], 2);
  EXPECT_EQ(haar["coverage"], 0.5);
  EXPECT_EQ(haar["faces_per_image"], 1);
  EXPECT_NEAR(haar["ms_per_image"], 30, 1e-9);
  EXPECT_EQ(haar["agreement"]["a_long_name"], 0.5);
  EXPECT_EQ(json["inputs"][0]["path"], "group.jpg");
  EXPECT_EQ(json["inputs"][0]["detectors"]["haar"]["faces"], 2);
}

TEST(DetectorPictureTest, ShowsTheImageWithBoxesAboveALegend) {
  const cv::Mat rgb(400, 900, CV_8UC3, cv::Scalar(10, 20, 30));
  const std::vector<std::string> names = {"haar", "yunet"};
  const cv::Mat picture = detector_picture(rgb, names, Faces{{{.box = {100, 100, 80, 80}, .score = 1}}, {}});
  EXPECT_EQ(picture.type(), CV_8UC3);
  EXPECT_EQ(picture.cols, 900);
  EXPECT_GT(picture.rows, 400);
  EXPECT_EQ(picture.at<cv::Vec3b>(140, 140), cv::Vec3b(10, 20, 30)) << "inside the box nothing is drawn";
  EXPECT_NE(picture.at<cv::Vec3b>(100, 140), cv::Vec3b(10, 20, 30)) << "the box's edge is drawn";
  EXPECT_EQ(rgb.at<cv::Vec3b>(100, 140), cv::Vec3b(10, 20, 30)) << "the image itself stays as it was";
}

TEST(DetectorPictureTest, EnlargesSmallImagesWithTheirBoxes) {
  const cv::Mat rgb(60, 100, CV_8UC3, cv::Scalar(10, 20, 30));
  const cv::Mat picture =
      detector_picture(rgb, std::vector<std::string>{"haar"}, Faces{{{.box = {20, 20, 20, 20}}}});
  EXPECT_EQ(picture.cols, 600);
  EXPECT_NE(picture.at<cv::Vec3b>(120, 180), cv::Vec3b(10, 20, 30)) << "the upper edge, six times as far";
  EXPECT_EQ(picture.at<cv::Vec3b>(180, 180), cv::Vec3b(10, 20, 30));
}

TEST(DetectorPictureTest, OfATinyImageIsWideEnoughForItsLegend) {
  const cv::Mat picture = detector_picture(cv::Mat(1, 1, CV_8UC3, cv::Scalar::all(0)),
                                           std::vector<std::string>{"haar"}, Faces{{}});
  EXPECT_GT(picture.cols, 100);
}

}  // namespace
}  // namespace fer
