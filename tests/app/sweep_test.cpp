// Sweeps whose runs were trained elsewhere: folders made by hand stand for them.
#include "fer/config/sweep.hpp"

#include <gmock/gmock.h>

#include <filesystem>

#include "app/tool_runs.hpp"
#include "fer/core/csv.hpp"
#include "fer/core/files.hpp"
#include "fer/core/own_files.hpp"
#include "fer/eval/metrics.hpp"
#include "fer/report/metrics_files.hpp"
#include "fer/report/training_files.hpp"
#include "spawned_process.hpp"
#include "support/temp_folder.hpp"

namespace fer::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class SweepOfMadeRuns : public testing::Test {
 protected:
  SweepOfMadeRuns() { write_sweep("folds: 2\nvary: {model.dropout: [0.1, 0.5]}"); }

  void write_sweep(const std::string& text) const { folder_.write("sweep.yaml", "name: made\n" + text); }

  Outcome grid(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {"--grid", (folder_ / "sweep.yaml").string(),
                                          "--set",  "data.sources=[{kind: folder, root: no where}]",
                                          "--set",  "model.weights=none",
                                          "-o",     (folder_ / "it's runs").string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(train_tool, arguments);
  }

  fs::path at(const std::string& name) const { return folder_ / "it's runs/made" / name; }

  void write_manifest(const std::string& name, const std::string& end) const {
    Manifest manifest;
    manifest.end = end;
    fs::create_directories(at(name));
    write_file(at(name) / "manifest.json", manifest_json(manifest));
  }

  /// A finished run that was tested on images named FIRST, FIRST + 1, …, two classes in turn, of which it has
  /// the first so many right.
  void finish(const std::string& name, int first, int images, int right) const {
    const ClassList classes({"happy", "sad"});
    std::vector<Prediction> predictions;
    std::vector<int> labels;
    std::vector<std::vector<float>> probabilities;
    std::string split = "path,label,subject,split\n";
    for (int i = 0; i < images; ++i) {
      const int label = i % 2;
      const bool happy = (label == 0) == (i < right);
      labels.push_back(label);
      probabilities.push_back(happy ? std::vector<float>{0.75F, 0.25F} : std::vector<float>{0.25F, 0.75F});
      const std::string path = fmt::format("{}.png", first + i);
      predictions.push_back({.path = path, .label = label, .probabilities = probabilities.back()});
      split += fmt::format("{},{},p{},test\n", path, classes.name(label), i / 2);
    }
    write_manifest(name, "finished");
    write_file(at(name) / "predictions.csv", predictions_csv(predictions, classes));
    write_file(at(name) / "split.csv", split);
    write_file(at(name) / "metrics.json",
               metrics_json({.split = "test",
                             .classes = classes,
                             .metrics = evaluate(labels, probabilities, classes.size()),
                             .groups = {}}));
  }

  TempFolder folder_;
};

TEST_F(SweepOfMadeRuns, PrintsACommandForEachRunAndTrainsNothing) {
  const Outcome printed = grid({"--print-commands"});
  ASSERT_EQ(printed.code, kOk) << printed.err;
  EXPECT_EQ(std::ranges::count(printed.out, '\n'), 4);
  EXPECT_THAT(printed.out,
              StartsWith("cd " + fs::current_path().string() + " && " + own_program().string() + " -c '"));
  EXPECT_THAT(printed.out, HasSubstr("/it'\\''s runs/made/configs/004.yaml' --exist-ok --resume\n"));
  const std::string manifest = read_file(at("sweep.json"));
  EXPECT_THAT(manifest, AllOf(HasSubstr("\"name\": \"dropout0.5-fold2\""),
                              HasSubstr("\"config\": \"configs/004.yaml\""),
                              HasSubstr("\"model.dropout\": \"0.5\""), HasSubstr("\"fold\": 2")));
  EXPECT_FALSE(fs::exists(at("dropout0.1-fold1")));
  EXPECT_EQ(grid({"--print-commands"}).out, printed.out) << "as often as one likes";
}

TEST_F(SweepOfMadeRuns, PrintsAnArrayForSlurm) {
  const Outcome printed = grid({"--slurm", "--models-dir", "my models"});
  ASSERT_EQ(printed.code, kOk) << printed.err;
  EXPECT_THAT(printed.out, AllOf(StartsWith("#!/bin/sh\n#SBATCH --job-name=made\n#SBATCH --array=0-3\n"),
                                 HasSubstr("\nset -- 001.yaml 002.yaml 003.yaml 004.yaml\n"),
                                 HasSubstr("sbatch --dependency=afterany:$job --wrap '")));
  // The last task, with a program in place of fer-train that shows what it is given.
  std::string script = printed.out;
  const std::string program = own_program().string();
  script.replace(script.rfind(program), program.size(), "printf '%s|'");
  SpawnedProcess task({.program = "/bin/sh",
                       .arguments = {"-c", script},
                       .variables = {{"SLURM_ARRAY_TASK_ID", "3"}},
                       .out = folder_ / "out.txt"});
  EXPECT_EQ(task.wait().code, 0);
  EXPECT_EQ(read_file(folder_ / "out.txt"),
            "-c|" + at("configs/004.yaml").string() + "|--models-dir|my models|--exist-ok|--resume|");
}

TEST_F(SweepOfMadeRuns, WhatHasFinishedIsLeftOut) {
  ASSERT_EQ(grid({"--print-commands"}).code, kOk);
  finish("dropout0.1-fold2", 0, 4, 2);
  write_manifest("dropout0.5-fold1", "stopped");
  finish("dropout0.5-fold2", 0, 4, 2);
  fs::remove(at("dropout0.5-fold2/metrics.json"));  // killed just before the end
  const std::string out = grid({"--print-commands"}).out;
  EXPECT_EQ(std::ranges::count(out, '\n'), 3);
  EXPECT_THAT(out, Not(HasSubstr("configs/002.yaml")));
  const Outcome without = grid({});
  EXPECT_EQ(without.code, kUsage);
  EXPECT_THAT(without.err, HasSubstr("made: holds runs of this sweep; --resume leaves out what is finished"));
}

TEST_F(SweepOfMadeRuns, AnotherSweepIsRefusedWithItsFirstDifference) {
  ASSERT_EQ(grid({"--print-commands"}).code, kOk);
  const Outcome base = grid({"--resume", "--set", "train.optimizer.name=sgd"});
  EXPECT_EQ(base.code, kUsage);
  EXPECT_THAT(base.err, HasSubstr("sweep.json: was made for other runs: in run 1, dropout0.1-fold1, "
                                  "train.optimizer.name is sgd and was adamw; another 'name' in "));
  write_sweep("folds: 2\nvary: {model.dropout: [0.1, 0.4]}");
  EXPECT_THAT(grid({"--resume"}).err, HasSubstr("run 3 is dropout0.4-fold1 and was dropout0.5-fold1;"));
  write_sweep("folds: 2\nvary: {model.dropout: [0.1, 0.5, 0.6]}");
  EXPECT_THAT(grid({"--report"}).err, HasSubstr("run 5 is dropout0.6-fold1 and was none;"));
}

TEST_F(SweepOfMadeRuns, OptionsThatDoNotGoTogetherAreRefused) {
  EXPECT_THAT(grid({"--folds", "3"}).err, HasSubstr("its file says 'folds'"));
  EXPECT_THAT(grid({"--resume", "runs/x"}).err, HasSubstr("--grid with --resume alone goes on with all"));
  EXPECT_EQ(grid({"--slurm", "--report"}).code, kUsage);
  EXPECT_EQ(run(train_tool, {"--parallel", "2"}).code, kUsage);
  const Outcome nothing = grid({"--report"});
  EXPECT_EQ(nothing.code, kData);
  EXPECT_THAT(nothing.err, HasSubstr("holds no sweep.json"));
  EXPECT_THAT(grid({"--set", "model.weights=nowhere.pth"}).err, HasSubstr("nowhere.pth"))
      << "before a process begins";
}

TEST_F(SweepOfMadeRuns, ReportsMeansDeviationsAndThePoolOfTheFolds) {
  ASSERT_EQ(grid({"--print-commands"}).code, kOk);
  finish("dropout0.1-fold1", 0, 8, 4);  // 0.5
  finish("dropout0.1-fold2", 8, 2, 2);  // 1
  finish("dropout0.5-fold1", 0, 8, 6);  // 0.75
  finish("dropout0.5-fold2", 8, 2, 2);  // 1
  const Outcome report = grid({"--report"});
  ASSERT_EQ(report.code, kOk) << report.err;
  // Means 0.875 and 0.75, deviations 0.25/√2 and 0.5/√2. Pooled: 8 and 6 of 10. Half of each class is right,
  // so macro-F1 is the accuracy.
  EXPECT_THAT(
      report.out,
      StartsWith("Variant     Runs   Accuracy %   Macro-F1 %  Pooled accuracy %  Pooled macro-F1 %\n"
                 "dropout0.5   2/2  87.5 ± 17.7  87.5 ± 17.7               80.0               80.0\n"
                 "dropout0.1   2/2  75.0 ± 35.4  75.0 ± 35.4               60.0               60.0\n"));
  EXPECT_THAT(report.out, HasSubstr("\n4 of 4 runs finished.\nreport " + at("report.html").string() + "\n"));

  const CsvTable table = read_csv_table(at("sweep.csv"));
  EXPECT_THAT(table.columns,
              ElementsAre("number", "name", "model.dropout", "seed", "fold", "state", "exit_code", "part",
                          "samples", "accuracy", "accuracy_low", "accuracy_high", "macro_f1", "ece"));
  ASSERT_EQ(table.rows.size(), 4U);
  const std::vector<std::string> first(table.rows[2].fields.begin(), table.rows[2].fields.begin() + 10);
  EXPECT_THAT(first,
              ElementsAre("3", "dropout0.5-fold1", "0.5", "42", "1", "finished", "", "test", "8", "0.75"));

  const CsvTable comparison = read_csv_table(at("comparison/comparison.csv"));
  const auto difference = std::ranges::find_if(
      comparison.rows, [](const CsvRow& row) { return row.fields[2] == "accuracy_difference"; });
  ASSERT_NE(difference, comparison.rows.end());
  EXPECT_EQ(difference->fields[0], "dropout0.5");
  EXPECT_EQ(difference->fields[1], "dropout0.1");
  EXPECT_NEAR(std::stod(difference->fields[3]), 0.2, 1e-9);
  EXPECT_EQ(read_predictions(at("variants/dropout0.1/predictions.csv")).predictions.size(), 10U);

  write_file(at("dropout0.1-fold1/report.html"), "a page");
  ASSERT_EQ(grid({"--report"}).code, kOk) << "again";
  const std::string page = read_file(at("report.html"));
  EXPECT_NE(page.find("<a href=\"dropout0.1-fold1/report.html\">"), std::string::npos);
  EXPECT_EQ(page.find("<a href=\"dropout0.1-fold2/"), std::string::npos) << "it has no page";
  EXPECT_NE(page.find("2 variants in pairs, by the predictions of their runs of seed 42, on all folds."),
            std::string::npos);
}

TEST_F(SweepOfMadeRuns, ReportsWhatIsThereAndSaysWhatIsNot) {
  write_sweep("seeds: 2\nvary: {model.dropout: [0.1, 0.5]}");
  ASSERT_EQ(grid({"--print-commands"}).code, kOk);
  finish("dropout0.1-seed42", 0, 8, 4);
  finish("dropout0.1-seed43", 0, 8, 8);
  write_manifest("dropout0.5-seed42", "running");
  write_file(at("failed.csv"),
             "number,name,exit_code,message\n1,dropout0.1-seed42,1,long ago\n3,x,137,\"out, of it\"\n");
  const Outcome report = grid({"--report"});
  EXPECT_EQ(report.code, kSomeInputsFailed) << report.err;
  EXPECT_THAT(report.out, HasSubstr("dropout0.1   2/2  75.0 ± 35.4"));
  EXPECT_THAT(report.out, HasSubstr("dropout0.5   0/2            -"));
  EXPECT_THAT(report.out, HasSubstr("\n2 of 4 runs finished, 1 failed, 1 waiting.\n"));
  EXPECT_THAT(report.out, Not(HasSubstr("Pooled")));
  EXPECT_EQ(read_csv_table(at("sweep.csv")).rows[2].fields[6], "137");
  EXPECT_NE(read_file(at("report.html")).find("fewer than two variants have all of their runs"),
            std::string::npos);
}

}  // namespace
}  // namespace fer::test
