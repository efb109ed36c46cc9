#include "fer/report/suspect_files.hpp"

#include <gmock/gmock.h>

#include "fer/core/error.hpp"

namespace fer {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// Ten happy images, two of which look sad, ten sad ones, one of which is a copy of a happy one, and no
/// neutral.
SuspectReport made_suspects() {
  SuspectReport report;
  report.classes = ClassList({"happy", "sad", "neutral"});
  report.samples = 20;
  report.provenance = "not trained on";
  report.noise.confident = {{7, 1, 0}, {0, 9, 0}, {0, 0, 1}};
  report.noise.estimated = {{8, 2, 0}, {0, 10, 0}, {0, 0, 0}};
  report.rows = {{.path = "a/1.png",
                  .subject = "F01",
                  .label = 0,
                  .suggested = 1,
                  .p_label = 0.125,
                  .p_suggested = 0.75,
                  .why = "confident"},
                 {.path = "a, \"b\"/2.png",
                  .label = 0,
                  .suggested = 1,
                  .p_label = 0.25,
                  .p_suggested = 0.5,
                  .why = "estimate"},
                 {.path = "a/3.png",
                  .label = 1,
                  .suggested = 0,
                  .p_label = 0.5,
                  .p_suggested = 0.25,
                  .why = "contradicts"}};
  return report;
}

TEST(SuspectsCsv, HasARowForEachSuspectTheMostSuspiciousFirst) {
  EXPECT_EQ(suspects_csv(made_suspects()),
            "path,subject,label,suggested,p_label,p_suggested,rank,why\n"
            "a/1.png,F01,happy,sad,0.125,0.75,1,confident\n"
            "\"a, \"\"b\"\"/2.png\",,happy,sad,0.25,0.5,2,estimate\n"
            "a/3.png,,sad,happy,0.5,0.25,3,contradicts\n");
}

TEST(LabelNoiseCsv, HasARowForEachTwoClassesOfWhichTheFirstHasSamples) {
  EXPECT_EQ(label_noise_csv(made_suspects()),
            "label,looks_like,confident,estimated,share,listed\n"
            "happy,sad,1,2,0.2,2\n"
            "happy,neutral,0,0,0,0\n"
            "sad,happy,0,0,0,1\n"
            "sad,neutral,0,0,0,0\n");
}

TEST(SuspectsText, SaysHowMuchNoiseThereIsAndHowTheListErrs) {
  EXPECT_THAT(
      suspects_text(made_suspects()),
      AllOf(HasSubstr("20 images; not trained on\n\n"
                      "label  looks like  estimated  % of label  listed\n"
                      "happy         sad          2        20.0       2\n"
                      "sad         happy          0         0.0       1\n"),
            HasSubstr("2 of 20 labels are estimated to be wrong (10.0 %); 3 are listed, of 1 of which"),
            HasSubstr("; 1 contradict a copy of theirs\n"), HasSubstr("Look before you drop.\n")));
  SuspectReport without = made_suspects();
  without.rows.pop_back();
  EXPECT_THAT(suspects_text(without), Not(HasSubstr("contradict")));
}

TEST(SuspectsPicture, ShowsEachPictureWholeInItsPlace) {
  const cv::Mat red(10, 40, CV_8UC3, cv::Scalar(200, 0, 0));
  const cv::Mat green(48, 48, CV_8UC3, cv::Scalar(0, 200, 0));
  const cv::Mat sheet = draw_suspects(made_suspects(), std::vector{red, green, cv::Mat()}, "title");
  const auto at = [&](int place, int x, int y) {
    return sheet.at<cv::Vec3b>((46 + y) * 2, (16 + place * 88 + x) * 2);
  };
  EXPECT_EQ(at(0, 40, 40), cv::Vec3b(200, 0, 0));
  EXPECT_EQ(at(0, 2, 40), cv::Vec3b(200, 0, 0));
  EXPECT_EQ(at(0, 40, 10), cv::Vec3b(255, 255, 255)) << "a wide picture is not cut";
  EXPECT_EQ(at(1, 2, 2), cv::Vec3b(0, 200, 0));
  EXPECT_EQ(at(2, 40, 40), cv::Vec3b(238, 240, 243)) << "one that could not be read";
  EXPECT_FALSE(draw_suspects(made_suspects(), {}, "title").empty());
  EXPECT_THROW(draw_suspects(made_suspects(), std::vector<cv::Mat>(4), "title"), Error);
}

}  // namespace
}  // namespace fer
