#include "fer/report/training_page.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "page_pictures.hpp"
#include "report/shown_evaluation.hpp"
#include "support/error_text.hpp"

namespace fer::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A page is too long to be printed.
bool holds(std::string_view page, std::string_view text) { return page.find(text) != std::string_view::npos; }

nlohmann::json data_of(const std::string& page) {
  const std::string begin = "id=\"page-data\">";
  const auto from = page.find(begin) + begin.size();
  return nlohmann::json::parse(page.substr(from, page.find("</script>", from) - from));
}

TEST(TrainingPage, ShowsFiguresTablesAndFactsOfAFinishedTraining) {
  const ShownEvaluation evaluation;
  const std::string page = training_page(page_of(evaluation));
  EXPECT_TRUE(holds(page, "3 of 3 epochs, the best was epoch 2"));
  EXPECT_TRUE(holds(page, "<dt>Accuracy</dt><dd>62.5 % <small>95 %: "));
  EXPECT_TRUE(holds(page, "aria-label=\"happy taken for happy: 5 images, 62.5 %\""));
  EXPECT_TRUE(holds(page, "<dt>Device</dt><dd>cpu, 2 threads</dd>"));
  EXPECT_TRUE(holds(page, "1 files were left out"));
  EXPECT_TRUE(holds(page, "class &lt;x&gt; is absent"));
  EXPECT_FALSE(holds(page, "reloads itself"));
}

TEST(TrainingPage, TakesEveryTextForText) {
  const ShownEvaluation evaluation;
  const std::string page = training_page(page_of(evaluation));
  for (const char* markup : {"<script>alert", "<img src=x", "<b>angle", "<evil>", "<split>", "'<script>'"})
    EXPECT_FALSE(holds(page, markup)) << markup;
  EXPECT_EQ(data_of(page)["classes"][2], "<script>alert(1)</script>");
}

TEST(TrainingPage, HasTheDataOfItsCharts) {
  const ShownEvaluation evaluation;
  const auto data = data_of(training_page(page_of(evaluation)));
  EXPECT_EQ(data["curves"]["val_accuracy"][2]["x"], 3);
  EXPECT_NEAR(data["curves"]["val_accuracy"][2]["y"].get<double>(), 60, 1e-9);
  EXPECT_EQ(data["curves"]["stages"],
            nlohmann::json::parse(R"([{"first":1,"name":"head"},{"first":2,"name":"all"}])"));
  EXPECT_EQ(data["reliability"]["after"].size(), 1U);
  EXPECT_EQ(data["reliability"]["after"][0]["samples"], 24);
  EXPECT_EQ(data["colours"][0], "#a71a03");
  EXPECT_EQ(data["cells"]["0,1"].size(), 3U);
  EXPECT_EQ(data["images"].size(), 24U);
}

TEST(TrainingPage, ReloadsItselfWhileTheTrainingRuns) {
  TrainingPage page;
  page.title = "run";
  page.course = course_of_three_epochs();
  page.course.planned = 10;
  page.course.running = true;
  page.course.written = "2026-11-26T17:30:00Z";
  const std::string text = training_page(page);
  EXPECT_TRUE(holds(text, "reloads itself every 13 seconds"));
  EXPECT_TRUE(holds(text, "3 of 10 epochs, the best was epoch 2; the last: validation accuracy 60.0 %"));
  EXPECT_TRUE(holds(text, "Written 2026-11-26T17:30:00Z"));
  page.course.epochs.clear();
  EXPECT_TRUE(holds(training_page(page), "reloads itself every 5 seconds"));
}

TEST(TrainingPage, LinksTheFoldsFromWhereItLies) {
  const ShownEvaluation evaluation;
  TrainingPage page = page_of(evaluation);
  page.folder = "runs/cv-folds";
  page.folds = {{.number = 1, .folder = "runs/cv fold1", .metrics = evaluation.part.evaluation.metrics},
                {.number = 2, .folder = "runs/cv fold2", .metrics = evaluation.part.evaluation.metrics}};
  const std::string text = training_page(page);
  EXPECT_TRUE(holds(text, "<a href=\"../cv%20fold1/report.html\">cv fold1</a>"));
  EXPECT_TRUE(holds(text, "Accuracy 62.5 ± 0.0 %"));
}

TEST(TrainingPage, StaysSmallWithManyLargePictures) {
  ShownEvaluation evaluation;
  std::vector<std::string> names;
  for (int k = 0; k < 20; ++k) names.push_back("class " + std::to_string(k));
  evaluation.classes = ClassList(names);
  evaluation.part.scored = {};
  evaluation.crops.clear();
  cv::Mat noise(224, 224, CV_8UC3);
  cv::randu(noise, 0, 255);
  for (int i = 0; i < 4000; ++i) {
    std::vector<float> row(20, 0.0F);
    row[static_cast<std::size_t>(i / 20 % 20)] = 1;
    evaluation.part.scored.paths.push_back("a/long/path/to/a/picture/" + std::to_string(i) + ".jpg");
    evaluation.part.scored.labels.push_back(i % 20);
    evaluation.part.scored.probabilities.push_back(row);
    evaluation.part.scored.subjects.emplace_back();
    evaluation.crops.push_back(noise);
  }
  evaluation.part.evaluation = evaluate_samples(evaluation.part.scored, evaluation.classes);
  TrainingPage page = page_of(evaluation);
  EXPECT_LT(training_page(page).size(), 5'000'000U);
}

TEST(TrainingPage, RefusesCropsOfOtherSamples) {
  ShownEvaluation evaluation;
  evaluation.crops.pop_back();
  EXPECT_THAT(error_text(ErrorKind::failure, [&] { (void)training_page(page_of(evaluation)); }),
              HasSubstr("23 crops of 24 samples"));
}

TEST(CellSamples, AreTheSurestOfEachCell) {
  ScoredSamples scored;
  scored.labels = {0, 0, 0, 1};
  scored.probabilities = {{0.2F, 0.8F}, {0.1F, 0.9F}, {0.6F, 0.4F}, {0.3F, 0.7F}};
  CellSamples cells = cell_samples(scored, 8, 100);
  EXPECT_THAT((cells[{0, 1}]), ElementsAre(1, 0));
  EXPECT_THAT((cells[{0, 0}]), ElementsAre(2));
  EXPECT_THAT((cells[{1, 1}]), ElementsAre(3));
  cells = cell_samples(scored, 8, 3);
  EXPECT_THAT((cells[{0, 1}]), ElementsAre(1));
}

TEST(ManifestFacts, TellOfWeightsAndCommand) {
  Manifest manifest;
  manifest.command = {"fer-train", "-c", "x.yaml"};
  manifest.weights = "w.pth";
  manifest.weights_sha256 = "abc";
  const auto facts = manifest_facts(manifest);
  EXPECT_THAT(facts,
              testing::Contains(std::pair<std::string, std::string>("Command", "fer-train -c x.yaml")));
  EXPECT_THAT(facts,
              testing::Contains(std::pair<std::string, std::string>("Starting weights", "w.pth (abc)")));
}

}  // namespace
}  // namespace fer::test
