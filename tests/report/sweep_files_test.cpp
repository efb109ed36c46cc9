#include "fer/report/sweep_files.hpp"

#include <gmock/gmock.h>

#include "fer/core/csv.hpp"
#include "support/browser.hpp"
#include "support/temp_folder.hpp"

namespace fer::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

SweepRunResult finished(int number, const std::string& name, std::uint64_t seed, double accuracy) {
  RunOverview overview{.folder = "runs/sweep/" + name, .protocol = "by <subject>", .epochs = "12 (best 4)"};
  overview.figures = {.part = "val",
                      .samples = 40,
                      .accuracy = accuracy,
                      .accuracy_ci95 = {.low = accuracy - 0.125, .high = accuracy + 0.125},
                      .macro_f1 = 0.5,
                      .ece = 0.0625};
  return {.number = number,
          .variant = "a",
          .values = {"[a, \"<b>\"]"},
          .seed = seed,
          .state = "finished",
          .overview = overview};
}

/// Two seeds of one variant, and one of another that failed.
SweepReport seeds_report() {
  SweepReport report{.name = "a & b", .keys = {"train.balance"}};
  report.runs = {finished(1, "a-seed1", 1, 0.5), finished(2, "a-seed2", 2, 0.75)};
  SweepRunResult failed{
      .number = 3, .variant = "b", .values = {"[]"}, .seed = 1, .state = "failed", .exit_code = 3};
  failed.overview.folder = "runs/sweep/b-seed1";
  report.runs.push_back(failed);
  report.variants = {{.name = "a",
                      .values = {"[a, \"<b>\"]"},
                      .runs = 2,
                      .finished = 2,
                      .accuracy = {.mean = 0.625, .deviation = 0.125},
                      .macro_f1 = {.mean = 0.5, .deviation = 0}},
                     {.name = "b", .values = {"[]"}, .runs = 1, .finished = 0}};
  return report;
}

TEST(SweepText, HasARowForEachVariantAndSaysWhatItsFiguresAre) {
  EXPECT_EQ(
      sweep_text(seeds_report()),
      "Variant  Runs   Accuracy %  Macro-F1 %\n"
      "a         2/2  62.5 ± 12.5  50.0 ± 0.0\n"
      "b         0/1            -           -\n"
      "\nMean ± standard deviation over the finished runs, in per cent of the val part, which also chose the "
      "epochs and so flatters them.\n"
      "2 of 3 runs finished, 1 failed.\n");
}

TEST(SweepText, OfFoldsHasThePooledFiguresToo) {
  SweepReport report = seeds_report();
  report.folds = 2;
  report.variants[0].pooled = {.accuracy = 0.625, .macro_f1 = 0.25};
  EXPECT_THAT(sweep_text(report), HasSubstr("Pooled accuracy %  Pooled macro-F1 %\n"
                                            "a         2/2  62.5 ± 12.5  50.0 ± 0.0               62.5"
                                            "               25.0\n"));
  EXPECT_THAT(sweep_text(report), HasSubstr("the test parts of all folds as one"));
}

TEST(SweepCsv, HasARowForEachRunWithAllItsValues) {
  const auto rows = parse_csv(sweep_csv(seeds_report()), "sweep.csv");
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_THAT(rows[1].fields, ElementsAre("1", "a-seed1", "[a, \"<b>\"]", "1", "", "finished", "", "val",
                                          "40", "0.5", "0.375", "0.625", "0.5", "0.0625"));
  EXPECT_THAT(rows[3].fields,
              ElementsAre("3", "b-seed1", "[]", "1", "", "failed", "3", "", "", "", "", "", "", ""));
}

TEST(SweepPage, EscapesWhatTheRunsSay) {
  const std::string page = sweep_page(seeds_report(), "runs/sweep");
  const auto holds = [&](std::string_view text) { return page.find(text) != std::string::npos; };
  EXPECT_TRUE(holds("Sweep a &amp; b"));
  EXPECT_TRUE(holds("[a, &quot;&lt;b&gt;&quot;]"));
  EXPECT_TRUE(holds("by &lt;subject&gt;"));
  EXPECT_TRUE(holds("62.5 <small class=\"faint\">± 12.5</small>"));
  EXPECT_TRUE(holds("<td>failed (3)</td>"));
  EXPECT_FALSE(holds("<b>\"")) << "of a value";
  EXPECT_FALSE(holds("Is it chance?")) << "nothing was compared";
}

TEST(SweepPage, SortsInABrowser) {
  if (browser().empty()) GTEST_SKIP() << "no Chromium: tools/setup.sh --browser installs it";
  const TempFolder folder;
  std::string page = sweep_page(seeds_report(), folder.path());
  page.insert(page.rfind("</body>"),
              "<script>const table = document.querySelectorAll('table')[1];"
              "for (let i = 0; i < 2; ++i) table.querySelectorAll('th button')[3].click();"
              "document.documentElement.dataset.order = [...table.querySelectorAll('tbody th')]"
              ".map(head => head.textContent).join();</script>");
  folder.write("report.html", page);
  const std::string shown = rendered_page(folder / "report.html");
  EXPECT_THAT(page_attribute(shown, "data-order"), testing::StartsWith("a-seed2,a-seed1"));
  EXPECT_EQ(page_attribute(shown, "data-ready"), "charts:0 blank:0 errors:0 requests:0");
}

}  // namespace
}  // namespace fer::test
