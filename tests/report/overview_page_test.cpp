#include "fer/report/overview_page.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "fer/report/metrics_files.hpp"
#include "fer/report/training_files.hpp"
#include "fer/report/video_files.hpp"
#include "report/shown_evaluation.hpp"
#include "support/browser.hpp"
#include "support/error_text.hpp"
#include "support/temp_folder.hpp"

namespace fer::test {
namespace {

using testing::HasSubstr;

class OverviewOfFolders : public testing::Test {
 protected:
  void write_run(const std::string& name) const {
    const ShownEvaluation evaluation;
    folder_.write(name + "/metrics.json", metrics_json({.split = "test",
                                                        .protocol = "subject-disjoint <split>",
                                                        .classes = evaluation.classes,
                                                        .metrics = evaluation.part.evaluation.metrics,
                                                        .groups = {},
                                                        .intervals = evaluation.part.evaluation.intervals}));
    folder_.write(name + "/report.html", "a page");
    write_manifest(name, "finished");
  }

  void write_manifest(const std::string& name, const std::string& end) const {
    Manifest manifest;
    manifest.device = "cpu, 2 threads";
    manifest.end = end;
    manifest.best_epoch = 2;
    folder_.write(name + "/manifest.json", manifest_json(manifest));
    folder_.write(name + "/results.csv", results_csv(course_of_three_epochs().epochs));
  }

  void write_video(const std::string& name, std::int64_t happy) const {
    VideoSummary summary{.video = std::filesystem::path(name).filename().string() + ".mp4",
                         .classes = ClassList({"happy", "sad"})};
    summary.frames_sampled = 10;
    summary.frames_with_face = 8;
    summary.overall = {.frames = 8,
                       .distribution = {happy, 8 - happy},
                       .distribution_smoothed = {happy, 8 - happy},
                       .seconds = {1, 2},
                       .transitions = {{0, 0}, {0, 0}},
                       .dominant = 0,
                       .dominant_share = 0.75,
                       .mean_confidence = 0.5};
    folder_.write(name + "/summary.json", summary_json(summary));
  }

  Overview read(std::vector<std::filesystem::path> folders) const { return read_overview(folders); }

  TempFolder folder_;
};

TEST_F(OverviewOfFolders, ReadsWhatTheirFilesSay) {
  write_run("runs/one");
  write_manifest("runs/two", "running");
  write_video("videos/talk", 6);
  const Overview overview = read({folder_ / "runs", folder_ / "videos/talk"});
  ASSERT_EQ(overview.runs.size(), 2U);
  const auto& figures = overview.runs[0].figures;
  ASSERT_TRUE(figures);
  EXPECT_EQ(figures->accuracy, 0.625);
  EXPECT_EQ(figures->samples, 24);
  EXPECT_EQ(figures->accuracy_ci95, ShownEvaluation().part.evaluation.intervals->accuracy);
  EXPECT_EQ(overview.runs[0].epochs, "3 (best 2)");
  EXPECT_FALSE(overview.runs[1].figures);
  EXPECT_EQ(overview.runs[1].end, "running");
  ASSERT_EQ(overview.videos.size(), 1U);
  EXPECT_EQ(overview.videos[0].summary.video, "talk.mp4");
}

TEST_F(OverviewOfFolders, LinksReportsFromWhereThePageLies) {
  write_run("runs/a & b");
  write_video("videos/<b>", 6);
  const std::string page = overview_page(read({folder_ / "runs", folder_ / "videos"}), folder_ / "runs");
  const auto holds = [&](std::string_view text) { return page.find(text) != std::string::npos; };
  EXPECT_TRUE(holds("<a href=\"a%20%26%20b/report.html\">a &amp; b</a>"));
  EXPECT_TRUE(holds("<a href=\"../videos/%3Cb%3E/\">&lt;b&gt;.mp4</a>")) << "it has no report";
  EXPECT_TRUE(holds("aria-label=\"happy 75 %, sad 25 %\""));
  EXPECT_TRUE(holds("subject-disjoint &lt;split&gt;"));
}

TEST_F(OverviewOfFolders, RefusesFoldersWithoutResultsAndDamagedFiles) {
  EXPECT_THAT(error_text(ErrorKind::data, [&] { return read({folder_ / "nowhere"}); }),
              HasSubstr("no such folder"));
  folder_.write("empty/notes.txt", "");
  EXPECT_THAT(error_text(ErrorKind::data, [&] { return read({folder_ / "empty"}); }),
              HasSubstr("metrics.json"));
  folder_.write("bad/metrics.json", "{\"split\": 3");
  EXPECT_THAT(error_text(ErrorKind::data, [&] { return read({folder_ / "bad"}); }),
              HasSubstr("bad/metrics.json: "));
}

TEST_F(OverviewOfFolders, SortsInABrowser) {
  if (browser().empty()) GTEST_SKIP() << "no Chromium: tools/setup.sh --browser installs it";
  write_video("a", 6);
  write_video("b", 7);
  Overview overview = read({folder_ / "a", folder_ / "b"});
  overview.videos[0].summary.frames_sampled = 100;
  overview.videos[1].summary.frames_sampled = 20;
  std::string page = overview_page(overview, folder_.path());
  page.insert(page.rfind("</body>"),
              "<script>document.querySelectorAll('th button')[2].click();"
              "document.documentElement.dataset.order = [...document.querySelectorAll('tbody th')]"
              ".map(head => head.textContent).join();</script>");
  folder_.write("index.html", page);
  const std::string shown = rendered_page(folder_ / "index.html");
  EXPECT_EQ(page_attribute(shown, "data-order"), "b.mp4,a.mp4");
  EXPECT_EQ(page_attribute(shown, "data-ready"), "charts:0 blank:0 errors:0 requests:0");
}

}  // namespace
}  // namespace fer::test
