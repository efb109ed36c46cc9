#include "fer/report/error_files.hpp"

#include <gmock/gmock.h>

#include <map>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "fer/report/mistakes_picture.hpp"

namespace fer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

const ClassList kThree({"happy", "very, very sad", "neutral"});

/// 40 happy and 40 sad samples of two lights; in the dark 18 of the happy ones count as neutral.
ScoredSamples dark_and_light() {
  ScoredSamples scored;
  for (int i = 0; i < 80; ++i) {
    const bool wrong = i >= 22 && i < 40;
    const int label = i < 40 || i >= 60 ? 0 : 1;
    std::vector<float> row(3, 0.05F);
    row[static_cast<std::size_t>(wrong ? 2 : label)] = 0.9F;
    scored.paths.push_back("a, \"b\"/" + std::to_string(i) + ".jpg");
    scored.labels.push_back(label);
    scored.probabilities.push_back(row);
    scored.subjects.emplace_back();
    scored.attributes["light"].push_back(i < 40 ? "düster, \"fast\" schwarz" : "hell");
    scored.attributes["few"].push_back(i < 5 ? "yes" : "no");
  }
  scored.probabilities[30] = {0.02F, 0, 0.98F};
  return scored;
}

std::vector<std::map<std::string, std::string>> rows_of(const std::string& csv) {
  const auto lines = parse_csv(csv, "test");
  std::vector<std::map<std::string, std::string>> rows;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i].fields.size(), lines[0].fields.size());
    auto& row = rows.emplace_back();
    for (std::size_t k = 0; k < lines[0].fields.size(); ++k) row[lines[0].fields[k]] = lines[i].fields[k];
  }
  return rows;
}

TEST(GroupsCsv, has_a_row_for_each_group_that_reads_back) {
  const Evaluation evaluation = evaluate_samples(dark_and_light(), kThree);
  const auto rows = rows_of(groups_csv(evaluation.groups, kThree));
  ASSERT_THAT(rows, SizeIs(4));
  const auto& dark = rows[2];
  EXPECT_EQ(dark.at("attribute"), "light");
  EXPECT_EQ(dark.at("value"), "düster, \"fast\" schwarz");
  EXPECT_EQ(dark.at("samples"), "40");
  EXPECT_EQ(dark.at("subjects"), "");
  EXPECT_EQ(dark.at("accuracy"), "0.55");
  EXPECT_EQ(dark.at("interval_by"), "sample");
  EXPECT_EQ(dark.at("neutral_rate"), "0.45");
  EXPECT_EQ(dark.at("favourite"), "neutral");
  EXPECT_EQ(dark.at("confused_label"), "happy");
  EXPECT_EQ(dark.at("confused_as"), "neutral");
  EXPECT_EQ(dark.at("confused_count"), "18");
  EXPECT_EQ(dark.at("others"), "40");
  EXPECT_EQ(std::stod(dark.at("difference")), 0.55 - 1);
  EXPECT_EQ(dark.at("differs"), "yes");
  EXPECT_EQ(std::stod(dark.at("difference_low")), evaluation.groups[2].compared->difference.ci95.low);
  EXPECT_EQ(std::stod(dark.at("same_classes_high")), evaluation.groups[2].compared->same_classes->ci95.high);
  EXPECT_EQ(dark.at("recall_happy"), "0.55");
  EXPECT_EQ(dark.at("recall_very, very sad"), "");
  const auto& light = rows[3];
  EXPECT_EQ(light.at("favourite"), "");
  EXPECT_EQ(light.at("confused_label"), "");
  const auto& few = rows[1];
  EXPECT_EQ(few.at("value"), "yes");
  EXPECT_EQ(few.at("differs"), "too few");
  EXPECT_EQ(few.at("p_holm"), "");
}

TEST(ConfusionsCsv, names_each_pair_and_its_surest_mistake) {
  const ScoredSamples scored = dark_and_light();
  const auto rows =
      rows_of(confusions_csv(confused_pairs(scored.labels, scored.probabilities, 3), scored, kThree));
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].at("label"), "happy");
  EXPECT_EQ(rows[0].at("predicted"), "neutral");
  EXPECT_EQ(rows[0].at("count"), "18");
  EXPECT_EQ(rows[0].at("share"), "0.3");
  EXPECT_EQ(rows[0].at("surest"), "a, \"b\"/30.jpg");
}

TEST(ErrorSummary, says_what_a_researcher_asks_first) {
  const auto lines = error_summary(evaluate_samples(dark_and_light(), kThree), kThree);
  ASSERT_THAT(lines, SizeIs(5));
  EXPECT_EQ(lines[0], "Right: 77.5 % of 80 images; the mean over the classes is 85.0 %.");
  EXPECT_EQ(lines[1], "Taken for another most often: happy as neutral (18 images, 30.0 % of happy).");
  EXPECT_THAT(lines[2], HasSubstr("22.5 % of the images of other expressions were called neutral"));
  EXPECT_THAT(lines[2], HasSubstr("leans to neutral"));
  EXPECT_THAT(lines[3], HasSubstr("2 of 2 differ from the others beyond chance"));
  EXPECT_THAT(lines[3], HasSubstr("light düster, \"fast\" schwarz -45.0 points (-"));
  EXPECT_THAT(lines[4], HasSubstr("light: hell above düster, \"fast\" schwarz by 45.0 points (2"));
}

TEST(ErrorSummary, says_so_when_there_is_nothing_to_tell) {
  ScoredSamples scored;
  scored.labels = {0};
  scored.probabilities = {{1, 0}};
  scored.subjects = {""};
  scored.paths = {"1.jpg"};
  const ClassList two({"happy", "sad"});
  const auto lines = error_summary(evaluate_samples(scored, two), two);
  EXPECT_THAT(lines,
              ElementsAre("Right: 100.0 % of 1 images; the mean over the classes is 100.0 %.",
                          "Nothing was confused.", "Groups: nothing is known to group the images by."));
  scored.attributes["sex"] = {"F"};
  EXPECT_THAT(error_summary(evaluate_samples(scored, two), two).back(), HasSubstr("none is large enough"));
}

TEST(ErrorAnalysis, tells_groups_pairs_and_how_to_read_them) {
  const Evaluation evaluation = evaluate_samples(dark_and_light(), kThree);
  const std::string text = error_analysis_text("Test", evaluation, kThree);
  for (const std::string& line : error_summary(evaluation, kThree)) EXPECT_THAT(text, HasSubstr(line));
  EXPECT_THAT(text, HasSubstr("- light hell: 100.0 % of 40 images right, +45.0 points"));
  EXPECT_THAT(text, HasSubstr("happy -> neutral"));
  EXPECT_THAT(text, HasSubstr("Largest gaps\n"));
  EXPECT_THAT(text, HasSubstr("too few"));
  EXPECT_THAT(text, HasSubstr("as no subject is known"));
  EXPECT_THAT(
      error_analysis_text(
          "Test", {.metrics = evaluation.metrics, .groups = {}, .gaps = {}, .confused = {}, .neutral = {}},
          kThree),
      Not(HasSubstr("All groups")));
}

TEST(MistakesPicture, shows_a_row_for_each_pair_with_the_surest_first) {
  const ScoredSamples scored = dark_and_light();
  std::vector<cv::Mat> crops(80, cv::Mat(12, 12, CV_8UC3, cv::Scalar(0, 0, 255)));
  crops[30] = cv::Mat(12, 12, CV_8UC3, cv::Scalar(255, 0, 0));
  const auto pairs = confused_pairs(scored.labels, scored.probabilities, 3);
  const Mistakes mistakes{.pairs = pairs, .scored = scored, .crops = crops, .classes = kThree};
  const cv::Mat picture = draw_mistakes(mistakes, "title");
  const auto places = [&](const cv::Scalar& colour) {
    cv::Mat mask;
    cv::inRange(picture, colour, colour, mask);
    return cv::Mat(mask);
  };
  EXPECT_EQ(cv::countNonZero(places({255, 0, 0})), 160 * 160);
  EXPECT_EQ(cv::countNonZero(places({0, 0, 255})), 7 * 160 * 160);
  std::vector<cv::Point> first;
  cv::findNonZero(places({255, 0, 0}), first);
  std::vector<cv::Point> rest;
  cv::findNonZero(places({0, 0, 255}), rest);
  EXPECT_LT(first.back().x, rest.front().x);
  EXPECT_EQ(first.front().y, rest.front().y);
}

TEST(MistakesPicture, says_so_when_there_are_none_and_refuses_other_crops) {
  const ScoredSamples scored = dark_and_light();
  const std::vector<cv::Mat> crops(80, cv::Mat(12, 12, CV_8UC3));
  const Mistakes none{.pairs = {}, .scored = scored, .crops = crops, .classes = kThree};
  EXPECT_FALSE(draw_mistakes(none, "title").empty());
  const Mistakes wrong{.pairs = {}, .scored = scored, .crops = std::span(crops).first(3), .classes = kThree};
  EXPECT_THROW(draw_mistakes(wrong, "title"), Error);
}

}  // namespace
}  // namespace fer
