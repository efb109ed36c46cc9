// Sweeps by the built program: side by side, stopped, by a shell, gone on with, and reported.
#include <gmock/gmock.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <thread>

#include "drawn_people.hpp"
#include "fer/core/csv.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;
using test::Program;
using testing::AllOf;
using testing::HasSubstr;

class SweepRuns : public test::DrawnPeople {
 protected:
  static void SetUpTestSuite() {
    DrawnPeople::SetUpTestSuite();
    write_experiment("input: {size: 32}\nmodel: {weights: none}\ntrain: {epochs: 15, save_every: 0}\n");
  }

  static Program grid(const std::string& sweep, std::vector<std::string> more) {
    more.insert(more.begin(), {"--grid", path(sweep), "-c", path("base.yaml")});
    return {"fer-train", more, *folder_};
  }

  static std::string manifest_of(const std::string& run) {
    const fs::path file = path("runs/" + run + "/manifest.json");
    return fs::exists(file) ? read_file(file) : "";
  }
};

TEST_F(SweepRuns, AreStoppedContinuedByAShellAndByResumeAndReported) {
  folder_->write("four.yaml", "seeds: 2\nvary: {model.dropout: [0, 0.5]}\n");
  const Program sweep = grid("four.yaml", {"--parallel", "2"});
  const fs::path folder = path("runs/four");
  wait_for([&] { return fs::exists(folder / "dropout0-seed42/results.csv") || sweep.has_ended(); });
  sweep.send(SIGTERM);
  ASSERT_EQ(sweep.wait(), 143) << sweep.err();
  EXPECT_THAT(sweep.err(), HasSubstr("--resume goes on"));
  EXPECT_THAT(manifest_of("four/dropout0-seed42"), HasSubstr("\"end\": \"stopped\""));
  EXPECT_FALSE(fs::exists(folder / "dropout0.5-seed43")) << "no more began";
  EXPECT_FALSE(fs::exists(folder / "failed.csv")) << "a stop is no failure";

  const Program printed = grid("four.yaml", {"--print-commands"});
  ASSERT_EQ(printed.wait(), 0) << printed.err();
  const std::string lines = printed.out();
  ASSERT_EQ(std::ranges::count(lines, '\n'), 4);
  const std::string script = folder_->write("first.sh", lines.substr(0, lines.find('\n'))).string();
  EXPECT_EQ(std::system(("cd / && sh '" + script + "' > /dev/null 2>&1").c_str()), 0);
  const std::string first = manifest_of("four/dropout0-seed42");
  EXPECT_THAT(first, AllOf(HasSubstr("\"end\": \"finished\""), HasSubstr("\"resumed\": [\n")));

  const Program resumed = grid("four.yaml", {"--parallel", "2", "--resume"});
  ASSERT_EQ(resumed.wait(), 0) << resumed.err();
  EXPECT_THAT(resumed.err(), AllOf(HasSubstr("3 of 4 runs, 2 at a time"), HasSubstr("3/3 dropout0")));
  EXPECT_THAT(resumed.out(), AllOf(HasSubstr("Variant     Runs"), HasSubstr("4 of 4 runs finished.")));
  EXPECT_EQ(manifest_of("four/dropout0-seed42"), first) << "it was left out";
  const CsvTable table = read_csv_table(folder / "sweep.csv");
  ASSERT_EQ(table.rows.size(), 4U);
  for (const CsvRow& row : table.rows) EXPECT_EQ(row.fields[table.require("state")], "finished");
  EXPECT_TRUE(fs::exists(folder / "report.html"));
  EXPECT_TRUE(fs::exists(folder / "comparison/comparison.csv"));
  EXPECT_THAT(read_file(folder / "logs/004.out"), HasSubstr("val: accuracy "));
  EXPECT_FALSE(fs::exists(folder / "dropout0-seed42-2")) << "each went on in its own folder";

  const Program again = grid("four.yaml", {});
  EXPECT_EQ(again.wait(), 2);
}

TEST_F(SweepRuns, OneThatFailsDoesNotStopTheOthers) {
  folder_->write("broken.pth", "no weights");
  folder_->write("half.yaml", "vary: {model.weights: [" + path("broken.pth") + ", none]}\n");
  const Program sweep = grid("half.yaml", {"--set", "train.epochs=1"});
  EXPECT_EQ(sweep.wait(), 4) << sweep.err();
  EXPECT_THAT(sweep.err(), HasSubstr("warning: 1/2 broken.pth: exit code 3: error: "));
  EXPECT_THAT(sweep.out(), HasSubstr("1 of 2 runs finished, 1 failed."));
  EXPECT_THAT(read_file(*folder_ / "runs/half/failed.csv"), HasSubstr("\n1,broken.pth,3,"));
  EXPECT_THAT(manifest_of("half/weights_none"), HasSubstr("\"end\": \"finished\""));
}

TEST_F(SweepRuns, AMistakeInTheLastRunShowsBeforeTheFirst) {
  folder_->write("typo.yaml", "vary: {train.optimizer.name: [sgd, adm]}\n");
  const Program sweep = grid("typo.yaml", {});
  EXPECT_EQ(sweep.wait(), 2);
  EXPECT_THAT(sweep.err(),
              HasSubstr("typo.yaml:1: train.optimizer.name: expected adamw, adam or sgd, got 'adm'"));
  EXPECT_FALSE(fs::exists(*folder_ / "runs/typo"));
}

}  // namespace
}  // namespace fer
