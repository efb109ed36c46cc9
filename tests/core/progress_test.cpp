#include "fer/core/progress.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <sstream>

#include "fer/core/display_text.hpp"

namespace fer {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr char kWipe[] = "\r\x1b[2K";

TEST(ClockTextTest, MinutesAndSecondsThenHours) {
  EXPECT_EQ(clock_text(0), "00:00");
  EXPECT_EQ(clock_text(0.49), "00:00");
  EXPECT_EQ(clock_text(0.5), "00:01");
  EXPECT_EQ(clock_text(425), "07:05");
  EXPECT_EQ(clock_text(3599.4), "59:59");
  EXPECT_EQ(clock_text(3599.6), "1:00:00");
  EXPECT_EQ(clock_text(3723), "1:02:03");
  EXPECT_EQ(clock_text(100 * 3600.0), "100:00:00");
  EXPECT_EQ(clock_text(-3), "00:00");
}

TEST(LeftTextTest, SaysWhetherItIsKnownAndSure) {
  EXPECT_EQ(left_text(425), "<07:05");
  EXPECT_EQ(left_text(425, true), "<07:05+");
  EXPECT_EQ(left_text(std::nullopt, true), "<--:--");
}

TEST(RateTextTest, SlowWorkIsToldInSecondsForEach) {
  EXPECT_EQ(rate_text(4387.8), "4388/s");
  EXPECT_EQ(rate_text(4.57), "4.6/s");
  EXPECT_EQ(rate_text(250, " kB"), "250 kB/s");
  EXPECT_EQ(rate_text(0.047), "21.3 s each");
}

ProgressReading epoch() {
  return {.title = "Epoch 12/50", .done = 96, .total = 110, .seconds = 21, .left = 3, .rate = 4.57};
}

TEST(ProgressLineTest, SaysWhatIsDoneAndWhatIsLeft) {
  EXPECT_EQ(progress_line(epoch(), 120),
            "Epoch 12/50  87%|####################    | 96/110 [00:21<00:03, 4.6/s]");
}

TEST(ProgressLineTest, WhatIsNotKnownYetIsNotMadeUp) {
  EXPECT_EQ(progress_line({.title = "Crops", .total = 8}, 80),
            "Crops   0%|                        | 0/8 [00:00<--:--]");
}

TEST(ProgressLineTest, IsFullOnlyAtTheEnd) {
  EXPECT_THAT(progress_line({.title = "Crops", .done = 999, .total = 1000}, 80),
              HasSubstr(" 99%|####################### |"));
  EXPECT_THAT(progress_line({.title = "Crops", .done = 1000, .total = 1000}, 80),
              HasSubstr("100%|########################|"));
}

TEST(ProgressLineTest, AnUnknownTotalShowsNoBar) {
  EXPECT_EQ(progress_line({.title = "Frames", .done = 90, .seconds = 30, .rate = 3}, 80),
            "Frames 90 [00:30, 3.0/s]");
  EXPECT_EQ(progress_line({.title = "measuring", .seconds = 2}, 80), "measuring …");
}

TEST(ProgressLineTest, MoreThanTheTotalFillsTheBarAndNoMore) {
  EXPECT_THAT(progress_line({.title = "Frames", .done = 12, .total = 10}, 80),
              HasSubstr("100%|########################| 10/10"));
}

TEST(ProgressLineTest, AShareOfItsOwnAndALeastTimeAreShownAsTheyAre) {
  const ProgressReading reading{
      .title = "training", .done = 1, .total = 4, .share = 0.375, .left = 60, .at_least = true};
  EXPECT_EQ(progress_line(reading, 80), "training  37%|#########               | 1/4 [00:00<01:00+]");
}

TEST(ProgressLineTest, UnitsStandBehindNumbersAndTheRate) {
  const ProgressReading reading{.title = "f", .done = 5, .total = 9, .rate = 250, .unit = " kB"};
  EXPECT_THAT(progress_line(reading, 80), EndsWith(" 5/9 kB [00:00<--:--, 250 kB/s]"));
}

TEST(ProgressLineTest, LeavesOutWhatMattersLessUntilItFits) {
  ProgressReading reading = epoch();
  reading.note = "loss 0.412";
  EXPECT_EQ(progress_line(reading, 80),
            "Epoch 12/50  87%|###################   | 96/110 [00:21<00:03, 4.6/s] loss 0.412");
  EXPECT_EQ(progress_line(reading, 62), "Epoch 12/50  87% 96/110 [00:21<00:03, 4.6/s] loss 0.412");
  EXPECT_EQ(progress_line(reading, 54), "Epoch 12/50  87%|###### | 96/110 [00:21<00:03, 4.6/s]");
  EXPECT_EQ(progress_line(reading, 40), "Epoch 12/50  87% 96/110 [00:21<00:03]");
  EXPECT_EQ(progress_line(reading, 26), "Epoch 12/50  87% <00:03");
  EXPECT_EQ(progress_line(reading, 15), " 87% <00:03");
}

TEST(ProgressLineTest, FillsNeverTheWholeLine) {
  ProgressReading reading = epoch();
  reading.title = "Ein Gespräch über 表情.mp4";
  reading.note = "alle 1:03:10<2:12:40";
  for (std::size_t columns = 0; columns < 140; ++columns) {
    EXPECT_LT(display_width(progress_line(reading, columns)), std::max<std::size_t>(columns, 1))
        << columns << " columns: " << progress_line(reading, columns);
  }
}

TEST(ProgressLineTest, ALongNameIsShortenedSoThatTheNumbersStay) {
  ProgressReading reading = epoch();
  reading.title = "an interview with a very long name that nobody shortened-2026-11-26.mp4";
  const std::string line = progress_line(reading, 80);
  EXPECT_THAT(line, EndsWith("…ned-2026-11-26.mp4  87%|##### | 96/110 [00:21<00:03, 4.6/s]"));
  EXPECT_THAT(line, StartsWith("an interview with"));
}

TEST(ProgressLineTest, ANameCannotMoveTheCursor) {
  EXPECT_THAT(progress_line({.title = "a\x1b[2Jb\n.mp4", .done = 1, .total = 2}, 80),
              StartsWith("a?[2Jb?.mp4  50%"));
}

TEST(ProgressOfTest, NamesTheStep) {
  std::string seen;
  const StepsFn steps = [&](std::string_view step, std::size_t done, std::size_t total) {
    seen = std::string(step) + std::to_string(done) + "/" + std::to_string(total);
  };
  progress_of(steps, "looking ")(3, 7);
  EXPECT_EQ(seen, "looking 3/7");
  EXPECT_FALSE(progress_of({}, "looking"));
}

TEST(PartOfTest, CountsOnFromWhatCameBefore) {
  std::size_t seen = 0, of = 0;
  part_of([&](std::size_t done, std::size_t total) { seen = done, of = total; }, 10, 50)(3, 7);
  EXPECT_EQ(seen, 13U);
  EXPECT_EQ(of, 50U);
  EXPECT_FALSE(part_of({}, 1, 2));
}

std::size_t columns() { return 80; }

TEST(ProgressBarTest, DrawsNothingWhereThereIsNoTerminal) {
  std::ostringstream out;
  {
    ProgressBar bar(out, {}, "Epoch");
    bar.update(1, 2, "loss 0.4");
    bar.update(2, 2);
    bar.clear();
  }
  EXPECT_EQ(out.str(), "");
}

TEST(ProgressBarTest, DrawsInPlaceAndWipesItselfAtTheEnd) {
  std::ostringstream out;
  {
    ProgressBar bar(out, columns, "Epoch 1/3");
    bar.update(1, 2, "loss 0.412");
    EXPECT_THAT(out.str(), StartsWith(std::string(kWipe) + "Epoch 1/3  50%|"));
    EXPECT_THAT(out.str(), EndsWith("] loss 0.412"));
  }
  EXPECT_THAT(out.str(), EndsWith(std::string("loss 0.412") + kWipe));
}

TEST(ProgressBarTest, DrawsAtMostTenTimesASecondButAlwaysTheEnd) {
  std::ostringstream out;
  ProgressBar bar(out, columns, "Crops");
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 1; i <= 100000; ++i) bar.update(i, 100000);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  const std::string text = out.str();
  int drawings = 0;
  for (std::size_t at = 0; (at = text.find(kWipe, at)) != std::string::npos; ++at) ++drawings;
  EXPECT_GE(drawings, 2);  // the first and the last
  EXPECT_LE(drawings, 2 + static_cast<int>(taken.count() * 10));
  EXPECT_THAT(text, HasSubstr("100000/100000"));
}

TEST(ProgressBarTest, ClearWipesOnceAndOnlyWhatWasDrawn) {
  std::ostringstream out;
  ProgressBar bar(out, columns, "Crops");
  bar.clear();
  EXPECT_EQ(out.str(), "");
  bar.update(1, 2);
  out.str("");
  bar.clear();
  bar.clear();
  EXPECT_EQ(out.str(), kWipe);
  bar.update(1, 2);  // drawn again at once after a wipe
  EXPECT_THAT(out.str(), HasSubstr("50%"));
}

TEST(ProgressBarTest, AnotherStepBeginsAnew) {
  std::ostringstream out;
  ProgressBar bar(out, columns, "work");
  bar.update_step("cropping", 8, 8);
  bar.update_step("looking", 1, 4);
  EXPECT_THAT(out.str(), HasSubstr("cropping 100%"));
  EXPECT_THAT(out.str(), HasSubstr(std::string(kWipe) + std::string(kWipe) + "looking  25%"));
}

TEST(ProgressBarTest, FollowsTheWidthOfTheTerminal) {
  std::ostringstream out;
  std::size_t width = 80;
  ProgressBar bar(
      out, [&] { return width; }, "Crops");
  bar.update(4, 4);
  EXPECT_THAT(out.str(), HasSubstr("####"));
  out.str("");
  width = 30;
  bar.update(4, 4);
  EXPECT_EQ(out.str(), std::string(kWipe) + "Crops 100% 4/4 [00:00<00:00]");
}

}  // namespace
}  // namespace fer
