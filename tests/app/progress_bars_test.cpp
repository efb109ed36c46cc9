#include <gmock/gmock.h>

#include <algorithm>

#include "app/drawn_training.hpp"
#include "evaluation_folder.hpp"
#include "fer/core/display_text.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"

namespace fer {
namespace {

using test::DrawnTraining;
using test::Outcome;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::size_t wide() { return 120; }
std::size_t narrow() { return 40; }

constexpr std::string_view kWipe = "\x1b[2K";

/// The lines that a bar drew, one after the other.
std::vector<std::string> drawn_lines(const std::string& err) {
  std::vector<std::string> lines;
  for (const std::string& part : split(err, '\r')) {
    if (!part.starts_with(kWipe)) continue;
    const std::string line = part.substr(kWipe.size(), part.find('\n') - kWipe.size());
    if (line.find("\x1b") == std::string::npos && line.find('[') != std::string::npos) lines.push_back(line);
  }
  return lines;
}

class ProgressBars : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { drawn_ = std::make_unique<DrawnTraining>(); }
  static void TearDownTestSuite() { drawn_.reset(); }

  static Outcome check(std::vector<std::string> more, std::size_t (*columns)()) {
    std::vector<std::string> arguments = {"check", drawn_->faces().string(), "--detectors", "none"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return test::run(data_tool, arguments, columns);
  }

  inline static std::unique_ptr<DrawnTraining> drawn_;
};

TEST_F(ProgressBars, AreDrawnOnATerminalAloneAndWipedInTheEnd) {
  const Outcome shown = check({}, wide);
  ASSERT_EQ(shown.code, kOk) << shown.err;
  EXPECT_THAT(drawn_lines(shown.err), Contains(HasSubstr("looking at images ")));
  EXPECT_THAT(drawn_lines(shown.err), Contains(HasSubstr("looking for copies ")));
  EXPECT_THAT(shown.out, Not(HasSubstr("\r")));
  EXPECT_EQ(shown.err.substr(shown.err.size() - kWipe.size()), kWipe);

  const Outcome elsewhere = check({}, nullptr);
  EXPECT_THAT(elsewhere.err, Not(HasSubstr("\r")));
  EXPECT_EQ(elsewhere.out, shown.out);
}

TEST_F(ProgressBars, AreHiddenByQuiet) {
  EXPECT_EQ(check({"-q"}, wide).err, "");
  const Outcome synth =
      test::run(data_tool, {"synth", "-q", "-o", drawn_->path("more").string(), "--subjects", "2"}, wide);
  ASSERT_EQ(synth.code, kOk) << synth.err;
  EXPECT_EQ(synth.err, "");
}

TEST_F(ProgressBars, TellOfEveryStepOfATraining) {
  const Outcome run = drawn_->train({"--name", "wide", "--folds", "2", "--set", "data.split.val=0.3"}, wide);
  ASSERT_EQ(run.code, kOk) << run.err;
  const auto lines = drawn_lines(run.err);
  // Of a quick step only the beginning is certain to be drawn.
  for (const char* step : {"cropping faces ", "looking at crops ", "comparing parts ", "fold 1/2 ",
                           "fold 2/2 ", "epoch 1", "fold 2/2 resampling "})
    EXPECT_THAT(lines, Contains(HasSubstr(step)));
  for (const std::string& line : lines) EXPECT_LT(display_width(line), 120U) << line;
}

TEST_F(ProgressBars, FitIntoNarrowTerminalsAndStayOutOfFiles) {
  const Outcome run = drawn_->train(
      {"--name", "narrow", "--set", "data.split.method=random", "--set", "data.allow_leakage=true"}, narrow);
  ASSERT_EQ(run.code, kOk) << run.err;
  const auto lines = drawn_lines(run.err);
  EXPECT_THAT(lines, Not(IsEmpty()));
  for (const std::string& line : lines) EXPECT_LT(display_width(line), 40U) << line;
  EXPECT_THAT(read_file(drawn_->path("runs/narrow/train.log")), Not(HasSubstr("\x1b")));
  EXPECT_THAT(run.out, Not(HasSubstr("\x1b")));
}

TEST(ReportOf, IsThePageWhereThereIsOne) {
  const test::TempFolder folder;
  EXPECT_EQ(report_of(folder.path()), folder.path());
  EXPECT_EQ(report_line(folder.path()), "");
  write_file(folder.path() / "report.html", "<!doctype html>");
  EXPECT_EQ(report_of(folder.path()), folder.path() / "report.html");
  EXPECT_EQ(report_line(folder.path()), "report " + (folder.path() / "report.html").string() + "\n");
}

}  // namespace
}  // namespace fer
