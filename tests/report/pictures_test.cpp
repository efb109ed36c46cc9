#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <span>
#include <vector>

#include "fer/core/error.hpp"
#include "fer/report/confusion_picture.hpp"
#include "fer/report/curves_picture.hpp"
#include "fer/report/reliability_picture.hpp"

namespace fer {
namespace {

/// The places of the pixels of exactly this RGB colour, from a row downwards.
std::vector<cv::Point> places(const cv::Mat& picture, const cv::Scalar& colour, int from = 0) {
  cv::Mat mask;
  cv::inRange(picture, colour, colour, mask);
  mask.rowRange(0, from) = 0;
  std::vector<cv::Point> found;
  cv::findNonZero(mask, found);
  return found;
}

const cv::Scalar kFullRow(10, 45, 105);

/// The places of a validation curve; the legend, of the same colour, lies above.
std::vector<cv::Point> curve(std::span<const EpochResult> points) {
  constexpr int kLegendEnds = 190;
  return places(draw_curves(points, "title"), {0, 84, 159}, kLegendEnds);
}

TEST(ConfusionPicture, colours_the_cells_by_their_share_of_the_row) {
  const ClassList classes({"happy", "sad"});
  // Labels down, predictions across: the upper row lies in the left column, the lower one in the right.
  const auto right = places(draw_confusion({{3, 0}, {0, 900}}, classes, "all right"), kFullRow);
  const auto wrong = places(draw_confusion({{0, 3}, {900, 0}}, classes, "all wrong"), kFullRow);
  ASSERT_GT(right.size(), 10000U);
  ASSERT_GT(wrong.size(), 10000U);
  const cv::Rect box = cv::boundingRect(right);
  const cv::Point centre = (box.tl() + box.br()) / 2;
  const auto diagonal = [&](const cv::Point& place) { return (place.x < centre.x) == (place.y < centre.y); };
  EXPECT_TRUE(std::ranges::all_of(right, diagonal));
  EXPECT_TRUE(std::ranges::none_of(wrong, diagonal));
}

TEST(ConfusionPicture, has_no_dark_cell_in_a_row_without_samples) {
  const cv::Mat picture = draw_confusion({{0, 0}, {0, 0}}, ClassList({"happy", "sad"}), "none");
  EXPECT_TRUE(places(picture, kFullRow).empty());
}

TEST(ConfusionPicture, is_rgb_and_grows_with_the_classes) {
  const auto draw = [](std::vector<std::string> names) {
    const Confusion counts(names.size(), std::vector<std::int64_t>(names.size(), 1));
    return draw_confusion(counts, ClassList(std::move(names)), "title");
  };
  const cv::Mat two = draw({"happy", "sad"});
  const cv::Mat three = draw({"happy", "sad", "angry"});
  const cv::Mat long_names = draw({"engaged with the task", "bored"});
  EXPECT_EQ(two.type(), CV_8UC3);
  EXPECT_GT(three.cols, two.cols);
  EXPECT_GT(three.rows, two.rows);
  EXPECT_GT(long_names.cols, two.cols);
}

TEST(ConfusionPicture, refuses_other_classes_than_were_counted) {
  EXPECT_THROW(draw_confusion({{1, 0}, {0, 1}}, ClassList(), "title"), Error);
}

/// Bins whose predictions are all about 90 % sure and right with a share of `accuracy`.
Evaluation sure_evaluation(double accuracy) {
  Evaluation evaluation;
  for (int k = 0; k < kReliabilityBins; ++k) {
    evaluation.reliability.push_back({.low = k / 15.0, .high = (k + 1) / 15.0});
  }
  ReliabilityBin& bin = evaluation.reliability[13];
  bin.samples = 100;
  bin.confidence = 0.9;
  bin.accuracy = accuracy;
  bin.accuracy_ci95 = {accuracy, accuracy};
  return evaluation;
}

const cv::Scalar kDistance(196, 78, 20);

/// The height of what is that colour above the key, in points.
double distance_drawn(double accuracy) {
  const cv::Mat picture = draw_reliability(sure_evaluation(accuracy), {}, "title");
  const auto found = places(picture(cv::Rect(0, 0, picture.cols, 900)), kDistance);
  return found.empty() ? 0 : cv::boundingRect(found).height / 2.0;
}

TEST(ReliabilityPicture, shows_how_far_accuracy_is_from_confidence) {
  EXPECT_NEAR(distance_drawn(0.3), 0.6 * 300, 3);
  EXPECT_NEAR(distance_drawn(0.6), 0.3 * 300, 3);
  EXPECT_EQ(distance_drawn(0.9), 0);
}

TEST(ReliabilityPicture, has_a_second_panel_where_it_is_known_what_was_before) {
  Evaluation evaluation = sure_evaluation(0.5);
  const cv::Mat after = draw_reliability(evaluation, {}, "title");
  evaluation.uncalibrated.emplace().reliability = sure_evaluation(0.2).reliability;
  const cv::Mat both = draw_reliability(evaluation, {}, "title");
  EXPECT_EQ(after.type(), CV_8UC3);
  EXPECT_EQ(both.rows, after.rows);
  EXPECT_GT(both.cols, 1.7 * after.cols);
  const int middle = both.cols / 2;
  const auto height = [&](const cv::Rect& half) {
    return cv::boundingRect(places(both(half), kDistance)).height;
  };
  EXPECT_GT(height({0, 0, middle, 900}), 1.5 * height({middle, 0, both.cols - middle, 900}));
}

TEST(ReliabilityPicture, refuses_an_evaluation_without_bins) {
  EXPECT_THROW(draw_reliability({}, {}, "title"), Error);
}

std::vector<EpochResult> epochs(int count) {
  std::vector<EpochResult> points;
  constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
  for (int epoch = 1; epoch <= count; ++epoch) {
    points.push_back({.epoch = epoch,
                      .stage = 1,
                      .train_loss = kNothing,
                      .train_accuracy = kNothing,
                      .val_loss = kNothing,
                      .val_accuracy = kNothing});
  }
  return points;
}

TEST(CurvesPicture, puts_higher_accuracy_higher_in_the_left_plot) {
  auto points = epochs(20);
  for (EpochResult& point : points) point.val_accuracy = point.epoch / 20.0;
  const auto blue = curve(points);
  ASSERT_GT(blue.size(), 500U);
  const cv::Rect box = cv::boundingRect(blue);
  EXPECT_LT(box.br().x, draw_curves(points, "title").cols / 2);
  for (const cv::Point& place : blue) {  // a rising diagonal
    const double across = static_cast<double>(place.x - box.x) / box.width;
    const double up = static_cast<double>(box.br().y - place.y) / box.height;
    EXPECT_NEAR(across, up, 0.05);
  }
}

TEST(CurvesPicture, puts_the_loss_in_the_right_plot_on_an_axis_of_its_size) {
  auto points = epochs(20);
  for (EpochResult& point : points) point.val_loss = 3e-4 * point.epoch;
  const cv::Mat picture = draw_curves(points, "title");
  const cv::Rect small = cv::boundingRect(curve(points));
  EXPECT_GT(small.x, picture.cols / 2);
  EXPECT_GT(small.height, picture.rows / 3);
  for (EpochResult& point : points) point.val_loss *= 1e6;
  EXPECT_EQ(cv::boundingRect(curve(points)), small);
}

TEST(CurvesPicture, leaves_a_gap_where_a_value_is_missing) {
  auto points = epochs(101);
  for (EpochResult& point : points) point.val_accuracy = 0.5;
  const auto whole = curve(points);
  for (int i = 40; i < 61; ++i)
    points[static_cast<std::size_t>(i)].val_accuracy = std::numeric_limits<double>::infinity();
  const auto broken = curve(points);
  const cv::Rect box = cv::boundingRect(whole);
  const int middle = box.x + box.width / 2;
  const auto in_the_middle = [&](const cv::Point& place) {
    return std::abs(place.x - middle) < box.width / 12;
  };
  EXPECT_GT(std::ranges::count_if(whole, in_the_middle), 0);
  EXPECT_EQ(std::ranges::count_if(broken, in_the_middle), 0);
  EXPECT_EQ(cv::boundingRect(broken), box);
}

TEST(CurvesPicture, marks_where_a_stage_begins) {
  auto points = epochs(101);
  for (EpochResult& point : points) point.val_accuracy = 0.5;
  const cv::Mat one_stage = draw_curves(points, "title");
  for (EpochResult& point : points) point.stage = point.epoch < 51 ? 1 : 2;
  const cv::Mat two_stages = draw_curves(points, "title");

  cv::Mat changed;
  cv::absdiff(one_stage, two_stages, changed);
  changed = changed.reshape(1, changed.rows * changed.cols);
  cv::reduce(changed, changed, 1, cv::REDUCE_MAX);
  changed = changed.reshape(1, one_stage.rows).colRange(0, one_stage.cols / 2);
  const cv::Rect mark = cv::boundingRect(changed > 0);
  const cv::Rect line = cv::boundingRect(curve(points));
  EXPECT_NEAR(mark.x + mark.width / 2, line.x + line.width / 2, 4);
  EXPECT_GT(mark.height, one_stage.rows / 2);
}

TEST(CurvesPicture, shows_a_single_epoch_as_a_dot) {
  auto points = epochs(1);
  points[0].val_accuracy = 0.5;
  EXPECT_GT(curve(points).size(), 10U);
}

TEST(CurvesPicture, refuses_epochs_that_are_none_or_out_of_order) {
  EXPECT_THROW(draw_curves({}, "title"), Error);
  auto points = epochs(3);
  points[2].epoch = 2;
  EXPECT_THROW(draw_curves(points, "title"), Error);
}

}  // namespace
}  // namespace fer
