#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "fer/core/error.hpp"
#include "fer/report/confusion_figure.hpp"
#include "fer/report/curves_figure.hpp"
#include "fer/report/reliability_figure.hpp"
#include "printed_figure.hpp"

namespace fer {
namespace {

using test::faults_of;
using test::parts_of;
using test::texts_of;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

std::vector<std::string> made_names(int count, const std::string& stem) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.push_back(fmt::format("{} {}", stem, i + 1));
  return names;
}

Confusion even_counts(std::size_t classes, std::int64_t count) {
  return Confusion(classes, std::vector<std::int64_t>(classes, count));
}

TEST(ConfusionFigure, FitsAPageWhateverItsClasses) {
  const std::vector<std::vector<std::string>> lists = {
      {"no", "yes"},
      canonical_classes(),
      made_names(20, "class"),
      made_names(60, "class"),
      made_names(8, "engaged with the task and thoroughly enjoying it, condition"),
      {"злость", "отвращение", "страх", "радость", "高兴的样子", "τρομερά", "größere Überraschung"}};
  for (const auto& names : lists) {
    for (const std::int64_t count : {0LL, 7LL, 1234LL, 98765LL, 12'345'678LL}) {
      const Figure figure =
          confusion_figure(even_counts(names.size(), count), ClassList(names), "Validation");
      EXPECT_THAT(faults_of(figure), IsEmpty()) << names.size() << " classes, counts of " << count;
      EXPECT_LT(figure.size().height, 260 / 25.4 * 72 * (names.size() > 30 ? 2.2 : 1));
    }
  }
}

TEST(ConfusionFigure, TakesOneColumnForSevenEmotionsAndTwoForWhatNeedsThem) {
  EXPECT_EQ(confusion_figure(even_counts(7, 99), ClassList(), "t").size().width, kOneColumn);
  EXPECT_EQ(confusion_figure(even_counts(7, 123456), ClassList(), "t").size().width, kTwoColumns);
  EXPECT_EQ(confusion_figure(even_counts(20, 99), ClassList(made_names(20, "class")), "t").size().width,
            kTwoColumns);
}

TEST(ConfusionFigure, SaysCountsAndSharesOfTheRow) {
  const Figure figure = confusion_figure({{3, 1}, {0, 0}}, ClassList({"happy", "sad"}), "Test");
  EXPECT_THAT(texts_of(figure), IsSupersetOf({"Test", "3", "75.0", "1", "25.0", "n = 4", "n = 0", "–",
                                              "happy", "sad", "predicted", "label"}));
  EXPECT_THAT(texts_of(confusion_figure(even_counts(20, 31'415), ClassList(made_names(20, "class")), "Test")),
              IsSupersetOf({"31k", "5", "n = 628300"}));
}

TEST(ConfusionFigure, DarkensCellsByTheirShareSoThatTheirFiguresStayReadable) {
  Confusion counts = even_counts(7, 0);
  for (std::size_t row = 0; row < 7; ++row) {
    for (std::size_t column = 0; column < 7; ++column)
      counts[row][column] = static_cast<std::int64_t>(row * column);
  }
  const Figure figure = confusion_figure(counts, ClassList(), "title");
  const auto boxes = parts_of<FigureBox>(figure);
  ASSERT_EQ(boxes.size(), 49U);
  for (std::size_t column = 1; column < 7; ++column) {
    const FigureBox& lighter = boxes[42 + column - 1];
    const FigureBox& darker = boxes[42 + column];
    EXPECT_GT(darker.area.x, lighter.area.x);
    EXPECT_LT(test::contrast(lighter.fill, kWhite), test::contrast(darker.fill, kWhite));
  }
  for (const FigureText& text : parts_of<FigureText>(figure)) {
    for (const FigureBox& box : boxes) {
      if (!box.area.contains(text.at)) continue;
      EXPECT_GT(test::contrast(text.type.colour, box.fill), 4) << text.words;
    }
  }
  EXPECT_EQ(boxes[0].fill, boxes[6].fill);  // of a row without samples
}

TEST(ConfusionFigure, RefusesOtherClassesThanWereCounted) {
  EXPECT_THROW(confusion_figure({{1, 0}, {0, 1}}, ClassList(), "title"), Error);
}

/// Bins whose predictions are all about 90 % sure and right with a share of `accuracy`.
Evaluation sure_evaluation(double accuracy) {
  Evaluation evaluation;
  for (int k = 0; k < kReliabilityBins; ++k)
    evaluation.reliability.push_back({.low = k / 15.0, .high = (k + 1) / 15.0});
  ReliabilityBin& bin = evaluation.reliability[13];
  bin.samples = 100;
  bin.confidence = 0.9;
  bin.accuracy = accuracy;
  bin.accuracy_ci95 = {accuracy - 0.05, accuracy + 0.05};
  return evaluation;
}

/// The bars of a panel that stand for samples: accuracy, distance, count.
std::vector<FigureBox> bars_of(const Figure& figure) {
  auto bars = parts_of<FigureBox>(figure);
  bars.erase(bars.end() - 2, bars.end());  // the legend's
  return bars;
}

TEST(ReliabilityFigure, ShowsHowFarAccuracyIsFromConfidence) {
  const auto bars = bars_of(reliability_figure(sure_evaluation(0.3), {}, "title"));
  ASSERT_EQ(bars.size(), 3U);                                       // nothing for bins without samples
  EXPECT_NEAR(bars[1].area.height, 2 * bars[0].area.height, 1e-9);  // 90 - 30 and 30 %
  EXPECT_NEAR(bars[1].area.br().y, bars[0].area.y, 1e-9);
  EXPECT_NEAR(bars_of(reliability_figure(sure_evaluation(0.9), {}, "title"))[1].area.height, 0, 1e-9);
  EXPECT_GT(test::contrast(bars[0].fill, bars[1].fill), 3);
}

TEST(ReliabilityFigure, HasASecondPanelWhereItIsKnownWhatWasBefore) {
  Evaluation evaluation = sure_evaluation(0.5);
  const Figure after = reliability_figure(evaluation, {}, "Validation");
  EXPECT_EQ(after.size().width, kOneColumn);
  EXPECT_THAT(texts_of(after), Contains("Without calibration"));
  evaluation.uncalibrated.emplace().reliability = sure_evaluation(0.2).reliability;
  const Figure both = reliability_figure(
      evaluation, {.method = CalibrationMethod::temperature, .temperature = 1.234}, "Validation");
  EXPECT_EQ(both.size().width, kTwoColumns);
  EXPECT_THAT(texts_of(both), IsSupersetOf({"Before calibration", "After temperature scaling (T = 1.23)",
                                            "samples (of 100)", "accuracy = confidence"}));
  const auto bars = bars_of(both);
  ASSERT_EQ(bars.size(), 6U);
  EXPECT_GT(bars[1].area.height, 1.5 * bars[4].area.height);
  EXPECT_LT(bars[1].area.br().x, kTwoColumns / 2);
  EXPECT_GT(bars[4].area.x, kTwoColumns / 2);
}

TEST(ReliabilityFigure, FitsAPage) {
  Evaluation evaluation = sure_evaluation(0.5);
  evaluation.reliability[13].samples = 12'345'678;
  evaluation.metrics.nll = 123.4567;
  for (const CalibrationMethod method : {CalibrationMethod::none, CalibrationMethod::vector})
    EXPECT_THAT(faults_of(reliability_figure(evaluation, {.method = method}, std::string(200, 'w'))),
                IsEmpty());
  evaluation.uncalibrated.emplace().reliability = sure_evaluation(0).reliability;
  EXPECT_THAT(faults_of(reliability_figure(evaluation, {}, "Validation")), IsEmpty());
  for (ReliabilityBin& bin : evaluation.reliability) bin.samples = 0;
  EXPECT_THAT(faults_of(reliability_figure(evaluation, {}, "Validation")), IsEmpty());
}

TEST(ReliabilityFigure, RefusesAnEvaluationWithoutBins) {
  EXPECT_THROW(reliability_figure({}, {}, "title"), Error);
}

std::vector<EpochResult> epochs_of_nothing(int count) {
  std::vector<EpochResult> points;
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

/// The lines drawn as validation's in the legend, which is last.
std::vector<FigureLine> val_curves(const Figure& figure) {
  auto lines = parts_of<FigureLine>(figure);
  const Rgb colour = lines.back().pen.colour;
  lines.pop_back();
  std::erase_if(lines, [&](const FigureLine& line) { return line.pen.colour != colour; });
  return lines;
}

TEST(CurvesFigure, PutsHigherAccuracyHigherInTheLeftPlot) {
  auto points = epochs_of_nothing(20);
  for (EpochResult& point : points) point.val_accuracy = point.epoch / 20.0;
  const auto curves = val_curves(curves_figure(points, "title"));
  ASSERT_EQ(curves.size(), 1U);
  ASSERT_EQ(curves[0].points.size(), 20U);
  const cv::Point2d first = curves[0].points.front(), last = curves[0].points.back();
  EXPECT_LT(last.x, kTwoColumns / 2);
  EXPECT_GT(last.x - first.x, kTwoColumns / 3);
  for (std::size_t i = 0; i < 20; ++i) {  // a rising diagonal
    const double share = static_cast<double>(i) / 19;
    EXPECT_NEAR(curves[0].points[i].x, std::lerp(first.x, last.x, share), 1e-9);
    EXPECT_NEAR(curves[0].points[i].y, std::lerp(first.y, last.y, share), 1e-9);
  }
  EXPECT_LT(last.y, first.y - 100);
}

TEST(CurvesFigure, PutsTheLossInTheRightPlotOnAnAxisOfItsSize) {
  auto points = epochs_of_nothing(20);
  for (EpochResult& point : points) point.val_loss = 3e-4 * point.epoch;
  const auto small = val_curves(curves_figure(points, "title"));
  ASSERT_EQ(small.size(), 1U);
  EXPECT_GT(small[0].points.front().x, kTwoColumns / 2);
  EXPECT_GT(small[0].points.front().y - small[0].points.back().y, 80);
  for (EpochResult& point : points) point.val_loss *= 1e6;
  const auto large = val_curves(curves_figure(points, "title"));
  for (std::size_t i = 0; i < 20; ++i)
    EXPECT_NEAR(cv::norm(large[0].points[i] - small[0].points[i]), 0, 1e-6);
}

TEST(CurvesFigure, LeavesAGapWhereAValueIsMissing) {
  auto points = epochs_of_nothing(101);
  for (EpochResult& point : points) point.val_accuracy = 0.5;
  for (std::size_t i = 40; i < 61; ++i) points[i].val_accuracy = std::numeric_limits<double>::infinity();
  const auto curves = val_curves(curves_figure(points, "title"));
  ASSERT_EQ(curves.size(), 2U);
  EXPECT_EQ(curves[0].points.size(), 40U);
  EXPECT_EQ(curves[1].points.size(), 40U);
  EXPECT_GT(curves[1].points.front().x, curves[0].points.back().x + 30);
}

TEST(CurvesFigure, MarksWhereAStageBegins) {
  auto points = epochs_of_nothing(101);
  for (EpochResult& point : points) point.val_accuracy = 0.5;
  EXPECT_THAT(texts_of(curves_figure(points, "title")), Not(Contains(HasSubstr("stage"))));
  for (EpochResult& point : points) point.stage = point.epoch < 51 ? 1 : 2;
  const Figure figure = curves_figure(points, "title");
  const auto curve = val_curves(figure).at(0).points;
  std::vector<double> marks;
  for (const FigureText& text : parts_of<FigureText>(figure))
    if (text.words == "stage 2") marks.push_back(text.at.x);
  ASSERT_EQ(marks.size(), 2U);  // over both plots
  EXPECT_NEAR(marks[0], (curve.front().x + curve.back().x) / 2, 1e-6);
}

TEST(CurvesFigure, ShowsASingleEpochAsADot) {
  auto points = epochs_of_nothing(1);
  points[0].val_accuracy = 0.5;
  const Figure figure = curves_figure(points, "title");
  EXPECT_EQ(parts_of<FigureDot>(figure).size(), 1U);
  EXPECT_THAT(faults_of(figure), IsEmpty());
}

TEST(CurvesFigure, FitsAPageWithManyEpochsAndStages) {
  auto points = epochs_of_nothing(245);
  for (EpochResult& point : points) {
    point.stage = point.epoch < 5 ? point.epoch : point.epoch < 12 ? 5 : point.epoch < 244 ? 6 : 7;
    point.train_accuracy = point.val_accuracy = 1;
    point.train_loss = 12'345;
    point.val_loss = 0;
  }
  EXPECT_THAT(faults_of(curves_figure(points, "kdef-10fold-mobilenet_v2 " + std::string(150, 'w'))),
              IsEmpty());
  for (EpochResult& point : points) point.train_loss = 1.2345e-5;
  EXPECT_THAT(faults_of(curves_figure(points, "title")), IsEmpty());
}

TEST(CurvesFigure, RefusesEpochsThatAreNoneOrOutOfOrder) {
  EXPECT_THROW(curves_figure({}, "title"), Error);
  auto points = epochs_of_nothing(3);
  points[2].epoch = 2;
  EXPECT_THROW(curves_figure(points, "title"), Error);
}

}  // namespace
}  // namespace fer
