#include "fer/train/describe_samples.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "fer/vision/image_quality.hpp"

namespace fer {
namespace {

using testing::ElementsAre;

FaceCrops three_faces() {
  FaceCrops faces;
  for (int i = 0; i < 3; ++i) {
    Sample sample;
    sample.path = std::to_string(i) + ".jpg";
    sample.label = i;
    sample.subject = i == 2 ? "" : "anna";
    faces.dataset.samples.push_back(sample);
    cv::Mat crop(8, 8, CV_8UC3, cv::Scalar::all(40 * (i + 1)));
    crop.rowRange(0, 4).setTo(cv::Scalar::all(20));
    faces.crops.push_back(crop);
  }
  faces.dataset.samples[0].attributes["sex"] = "F";
  faces.faces = {FoundFace{.size = 60, .score = 0.75F}, std::nullopt,
                 FoundFace{.size = 90.5F, .score = 0.5F}};
  return faces;
}

TEST(DescribeSamples, says_what_the_data_set_knows_of_them) {
  const ScoredSamples scored = describe_samples(three_faces(), std::vector<std::size_t>{2, 0});
  EXPECT_THAT(scored.paths, ElementsAre("2.jpg", "0.jpg"));
  EXPECT_THAT(scored.labels, ElementsAre(2, 0));
  EXPECT_THAT(scored.subjects, ElementsAre("", "anna"));
  EXPECT_THAT(scored.attributes.at("sex"), ElementsAre("", "F"));
  EXPECT_TRUE(scored.probabilities.empty());
}

TEST(DescribeSamples, measures_their_crops_and_faces) {
  const FaceCrops faces = three_faces();
  const ScoredSamples scored = describe_samples(faces, std::vector<std::size_t>{1, 2});
  EXPECT_THAT(scored.measures.at("brightness"), ElementsAre(50, 70));
  EXPECT_THAT(scored.measures.at("contrast"), ElementsAre(30, 50));
  const double sharpness = image_quality(faces.crops[1]).sharpness;
  EXPECT_GT(sharpness, 0);
  EXPECT_EQ(scored.measures.at("sharpness")[0], sharpness);
  EXPECT_THAT(scored.attributes.at("face"), ElementsAre("none", "found"));
  EXPECT_TRUE(std::isnan(scored.measures.at("face_size_px")[0]));
  EXPECT_TRUE(std::isnan(scored.measures.at("detector_score")[0]));
  EXPECT_EQ(scored.measures.at("face_size_px")[1], 90.5);
  EXPECT_EQ(scored.measures.at("detector_score")[1], 0.5);
}

TEST(DescribeSamples, leaves_a_data_sets_own_attribute_of_the_same_name) {
  FaceCrops faces = three_faces();
  for (Sample& sample : faces.dataset.samples) sample.attributes["face"] = "masked";
  const ScoredSamples scored = describe_samples(faces, std::vector<std::size_t>{0, 1});
  EXPECT_THAT(scored.attributes.at("face"), ElementsAre("masked", "masked"));
}

}  // namespace
}  // namespace fer
