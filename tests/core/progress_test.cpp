#include "fer/core/progress.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <sstream>

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

TEST(ProgressLineTest, TheBarFillsInStep) {
  EXPECT_EQ(progress_line("Epoch 12/50", 96, 110, 21),
            "Epoch 12/50  87%|####################    | 96/110 [00:21<00:03, 4.6/s]");
  EXPECT_EQ(progress_line("Crops", 0, 8, 0), "Crops   0%|                        | 0/8 [00:00<--:--, 0.0/s]");
  EXPECT_EQ(progress_line("Crops", 8, 8, 4), "Crops 100%|########################| 8/8 [00:04<00:00, 2.0/s]");
}

TEST(ProgressLineTest, IsFullOnlyAtTheEnd) {
  EXPECT_THAT(progress_line("Crops", 999, 1000, 1), HasSubstr(" 99%|####################### |"));
}

TEST(ProgressLineTest, AnUnknownTotalShowsNoBar) {
  EXPECT_EQ(progress_line("Frames", 90, 0, 30), "Frames 90 [00:30, 3.0/s]");
}

TEST(ProgressLineTest, MoreThanTheTotalFillsTheBarAndNoMore) {
  EXPECT_EQ(progress_line("Frames", 12, 10, 5),
            "Frames 100%|########################| 10/10 [00:05<00:00, 2.4/s]");
}

TEST(ProgressBarTest, DrawsNothingWhenDisabled) {
  std::ostringstream out;
  {
    ProgressBar bar(out, false, "Epoch");
    bar.update(1, 2, "loss 0.4");
    bar.update(2, 2);
    bar.clear();
  }
  EXPECT_EQ(out.str(), "");
}

TEST(ProgressBarTest, DrawsInPlaceAndWipesItselfAtTheEnd) {
  std::ostringstream out;
  {
    ProgressBar bar(out, true, "Epoch 1/3");
    bar.update(1, 2, "loss 0.412");
    EXPECT_THAT(out.str(), StartsWith(std::string(kWipe) + "Epoch 1/3  50%|"));
    EXPECT_THAT(out.str(), EndsWith("/s] loss 0.412"));
  }
  EXPECT_THAT(out.str(), EndsWith(std::string("loss 0.412") + kWipe));
}

TEST(ProgressBarTest, DrawsAtMostTenTimesASecondButAlwaysTheEnd) {
  std::ostringstream out;
  ProgressBar bar(out, true, "Crops");
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
  ProgressBar bar(out, true, "Crops");
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

}  // namespace
}  // namespace fer
