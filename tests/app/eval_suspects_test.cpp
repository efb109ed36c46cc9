#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "app/tool_runs.hpp"
#include "fer/core/csv.hpp"
#include "fer/core/files.hpp"
#include "fer/core/random.hpp"
#include "fer/vision/image.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::run;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kImages = 90;
const std::vector<std::string> kClasses = {"happy", "sad", "neutral"};

std::string image(int i) { return fmt::format("faces/{:02}.png", i); }

/// A folder of predictions of 90 images of three classes by a model that is mostly right; the labels of some
/// are wrong.
class EvalSuspects : public ::testing::Test {
 protected:
  EvalSuspects() {
    Rng rng(5);
    std::string predictions = "path,label,predicted,happy,sad,neutral\n";
    for (int i = 0; i < kImages; ++i) {
      const auto truth = static_cast<std::size_t>(i % 3);
      const std::size_t label = i % 11 == 0 ? (truth + 1) % 3 : truth;
      if (label != truth) planted_.insert(image(i));
      const double p = 0.6 + 0.39 * rng.uniform();
      std::vector<double> row(3, (1 - p) / 2);
      row[truth] = p;
      predictions += fmt::format("{},{},{},{:.4f},{:.4f},{:.4f}\n", image(i), kClasses[label],
                                 kClasses[truth], row[0], row[1], row[2]);
    }
    folder_.write("run/predictions.csv", predictions);
  }

  void add_split(const std::string& name, const std::string& part) const {
    std::string text = "path,label,subject,split,fold\n";
    for (int i = 0; i < kImages; ++i)
      text += fmt::format("./{},happy,P{},{},\n", image(i), i % 10, i == 7 ? part : "test");
    folder_.write(name, text);
  }

  Outcome list(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"suspects", (folder_ / "run").string()});
    return run(eval_tool, more);
  }

  CsvTable suspects() const { return read_csv_table(folder_ / "run/suspects.csv"); }

  const test::TempFolder folder_;
  std::set<std::string> planted_;  ///< images with wrong labels
};

TEST_F(EvalSuspects, ListsWrongLabelsOfACrossValidationAndNoOthers) {
  folder_.write("run/folds.json", "{}");
  add_split("run/split.csv", "");
  const Outcome outcome = list();
  ASSERT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("90 images; cross-validation, each predicted by a run that never saw it"),
                    HasSubstr("8 of 90 labels are estimated to be wrong (8.9 %); 8 are listed")));
  EXPECT_THAT(outcome.err, Not(HasSubstr("trained on")));
  std::set<std::string> listed;
  const CsvTable table = suspects();
  EXPECT_THAT(table.columns,
              ElementsAre("path", "subject", "label", "suggested", "p_label", "p_suggested", "rank", "why"));
  double last = 0;
  for (const CsvRow& row : table.rows) {
    listed.insert(row.fields[0]);
    EXPECT_EQ(row.fields[1].front(), 'P');
    EXPECT_GE(std::stod(row.fields[4]), last) << "not in the order of suspicion";
    last = std::stod(row.fields[4]);
  }
  EXPECT_EQ(planted_.size(), 9U);
  EXPECT_EQ(listed.size(), 8U) << "of one the model is not sure enough";
  EXPECT_TRUE(std::ranges::includes(planted_, listed)) << "a right label is listed";
  EXPECT_EQ(read_csv_table(folder_ / "run/label_noise.csv").rows.size(), 6U);
}

TEST_F(EvalSuspects, RefusesImagesTheModelWasTrainedOnUnlessTold) {
  add_split("run/split.csv", "train");
  const Outcome refused = list();
  EXPECT_EQ(refused.code, kData);
  EXPECT_THAT(refused.err, HasSubstr("error: 1 of 90 images are ones the model was trained on ("));
  EXPECT_FALSE(fs::exists(folder_ / "run/suspects.csv"));
  const Outcome told = list({"--allow-in-sample"});
  EXPECT_EQ(told.code, kOk) << told.err;
  EXPECT_THAT(told.err, HasSubstr("1 of them trained on, whose labels the model believes"));
}

TEST_F(EvalSuspects, LooksUpWhatTheCheckpointOfAnEvaluationWasTrainedOn) {
  folder_.write("run/manifest.json",
                nlohmann::json{{"checkpoint", (folder_ / "trained/best.safetensors").string()}}.dump());
  add_split("run/split.csv", "");
  EXPECT_THAT(list({"--exist-ok"}).err, HasSubstr("whether the model was trained on them is not known"));
  add_split("trained/split.csv", "val");
  const Outcome validated = list({"--exist-ok"});
  EXPECT_THAT(validated.out,
              HasSubstr("not trained on, but the epoch and the calibration were chosen on them"));
  add_split("trained/split.csv", "train");
  EXPECT_EQ(list({"--exist-ok"}).code, kData);
}

TEST_F(EvalSuspects, WarnsWhereNothingIsKnownOfTheTraining) {
  const Outcome outcome = list();
  EXPECT_EQ(outcome.code, kOk);
  EXPECT_THAT(outcome.err, HasSubstr("whether the model was trained on them is not known"));
}

TEST_F(EvalSuspects, ListsCopiesUnderAnotherLabelThanTheOneTheModelBelievesIn) {
  folder_.write("check/problems.csv", fmt::format("path,problem,detail,other\n"
                                                  "{0},duplicate,label differs,{1}\n"
                                                  "{2},near_duplicate,,{3}\n"
                                                  "{4},small,,\n",
                                                  image(2), image(1), image(6), image(3), image(5)));
  const Outcome outcome = list({"--problems", (folder_ / "check").string()});
  ASSERT_EQ(outcome.code, kOk) << outcome.err;
  std::vector<std::string> contradicting;
  for (const CsvRow& row : suspects().rows) {
    if (row.fields[7] == "contradicts") contradicting.push_back(row.fields[0]);
  }
  ASSERT_EQ(contradicting.size(), 1U) << "the other copies agree";
  EXPECT_THAT(contradicting[0], testing::AnyOf(image(1), image(2)));
  EXPECT_THAT(outcome.out, HasSubstr("; 1 contradict a copy of theirs"));
}

TEST_F(EvalSuspects, DrawsAContactSheetAndSaysWhichPicturesAreNotThere) {
  EXPECT_THAT(list().err, HasSubstr("8 of 8 pictures could not be read from here"));
  EXPECT_FALSE(read_image(folder_ / "run/suspects.png").empty());
  const cv::Mat red(48, 48, CV_8UC3, cv::Scalar(200, 0, 0));
  std::string predictions = "path,label,predicted,happy,sad\n";
  for (int i = 0; i < 8; ++i) {
    const fs::path path = folder_ / fmt::format("pictures/{}.png", i);
    write_image(path, red);
    predictions += fmt::format("{},{},sad,0.1,0.9\n", path.string(), i == 0 ? "happy" : "sad");
    predictions += fmt::format("other/{},happy,happy,0.9,0.1\n", i);
  }
  folder_.write("run/predictions.csv", predictions);
  const Outcome outcome = list({"--exist-ok"});
  EXPECT_THAT(outcome.err, Not(HasSubstr("pictures")));
  EXPECT_EQ(read_image(folder_ / "run/suspects.png").at<cv::Vec3b>((46 + 40) * 2, (16 + 40) * 2),
            cv::Vec3b(200, 0, 0));
}

TEST_F(EvalSuspects, NeverWritesOverAListThatMayHaveBeenEdited) {
  ASSERT_EQ(list().code, kOk);
  const Outcome again = list();
  EXPECT_EQ(again.code, kUsage);
  EXPECT_THAT(again.err, HasSubstr("suspects.csv: is there already; name another folder with -o"));
  const fs::path other = folder_ / "other";
  EXPECT_EQ(list({"-o", other.string(), "--order", "normalised_margin"}).code, kOk);
  EXPECT_TRUE(fs::exists(other / "suspects.csv"));
}

TEST_F(EvalSuspects, RefusesPredictionsWithoutLabels) {
  folder_.write("run/predictions.csv", "path,label,predicted,happy,sad\na.png,,sad,0.1,0.9\n");
  const Outcome outcome = list();
  EXPECT_EQ(outcome.code, kData);
  EXPECT_THAT(outcome.err, HasSubstr("a.png has no label"));
}

}  // namespace
}  // namespace fer
