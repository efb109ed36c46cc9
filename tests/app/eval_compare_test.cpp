#include <fmt/format.h>
#include <gmock/gmock.h>

#include "app/tool_runs.hpp"
#include "compared_predictions.hpp"
#include "fer/core/files.hpp"
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

constexpr int kComparedImages = 60;

std::string header() { return "path,label,predicted,happy,sad,neutral\n"; }

class EvalCompare : public ::testing::Test {
 protected:
  /// A run folder whose model is wrong on the first images.
  fs::path add_run(const std::string& name, int wrong, int images = kComparedImages) {
    std::string text = header();
    for (int i = 0; i < images; ++i)
      text += fmt::format("faces/{:02}.jpg,{}\n", i,
                          i < wrong ? "happy,sad,0.2,0.7,0.1" : "happy,happy,0.8,0.1,0.1");
    folder_.write(name + "/predictions.csv", text);
    return folder_ / name;
  }

  void add_subjects(const std::string& name, int subjects) {
    std::string text = "path,label,subject,split,fold\n";
    for (int i = 0; i < kComparedImages; ++i)
      text += fmt::format("faces/{:02}.jpg,happy,P{},test,\n", i, i * subjects / kComparedImages);
    folder_.write(name + "/split.csv", text);
  }

  Outcome compare(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "compare");
    return run(eval_tool, arguments);
  }

  void expect_refused(const fs::path& first, const fs::path& second, ExitCode code, const std::string& text) {
    const Outcome outcome = compare({first.string(), second.string()});
    EXPECT_EQ(outcome.code, code);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err, "error: " + text + "\n");
  }

  const test::TempFolder folder_;
};

TEST_F(EvalCompare, prints_how_two_runs_differ) {
  const fs::path good = add_run("good", 3);
  const fs::path bad = add_run("bad", 30);
  add_subjects("bad", 15);
  const Outcome outcome = compare({good.string(), bad.string()});
  EXPECT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("\ngood   60"), HasSubstr("\ngood      bad  +45.0 ["),
                                 HasSubstr("27 / 0"), HasSubstr("yes\n"), HasSubstr("(15 subjects, ")));
  EXPECT_EQ(compare({good.string(), bad.string()}).out, outcome.out);
  EXPECT_NE(compare({good.string(), bad.string(), "--seed", "7"}).out, outcome.out);
}

TEST_F(EvalCompare, writes_every_format_to_the_output_folder) {
  const std::string good = add_run("good", 3).string();
  const std::string bad = add_run("bad", 30).string();
  const fs::path out = folder_.path() / "out";
  for (const auto& [format, file] :
       {std::pair{"text", "comparison.txt"}, std::pair{"csv", "comparison.csv"},
        std::pair{"latex", "comparison.tex"}, std::pair{"markdown", "comparison.md"},
        std::pair{"html", "comparison.html"}}) {
    const Outcome outcome =
        compare({good, bad, "--format", format, "-o", out.string(), "--resamples", "200"});
    EXPECT_EQ(outcome.code, kOk) << outcome.err;
    EXPECT_EQ(outcome.out, read_file(out / file)) << format;
    EXPECT_THAT(outcome.out, HasSubstr("good")) << format;
  }
  EXPECT_EQ(compare({good, bad, "--format", "word"}).code, kUsage);
}

TEST_F(EvalCompare, takes_files_and_tells_equal_names_apart) {
  add_run("a/kdef", 3);
  add_run("b/kdef", 5);
  folder_.write("a/kdef/predictions_val.csv", read_file(folder_ / "a/kdef/predictions.csv"));
  const std::vector<fs::path> files = {folder_ / "a/kdef/predictions.csv", folder_ / "b/kdef/predictions.csv",
                                       folder_ / "a/kdef/predictions_val.csv"};
  EXPECT_THAT(telling_names(files), ElementsAre("a/kdef", "b/kdef", "predictions_val"));
  const Outcome outcome = compare({files[0].string(), files[1].string(), files[2].string()});
  EXPECT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("\na/kdef "), HasSubstr("\npredictions_val "), HasSubstr("3 pairs")));
}

TEST_F(EvalCompare, matches_classes_by_name_and_paths_however_written) {
  const fs::path first = add_run("first", 10);
  std::string text = "path,label,predicted,neutral,Sadness,HAPPY\n";
  for (int i = kComparedImages - 1; i >= 0; --i)
    text += fmt::format("./faces/{:02}.jpg,Happy,{}\n", i, i < 10 ? "sad,0.1,0.7,0.2" : "happy,0.1,0.1,0.8");
  folder_.write("second/predictions.csv", text);
  const auto compared = read_compared_predictions(std::vector<fs::path>{first, folder_ / "second"}, false);
  EXPECT_EQ(compared.samples.labels, std::vector<int>(kComparedImages, 0));
  EXPECT_EQ(compared.samples.classes, 3);
  EXPECT_EQ(compared.samples.clusters.by, "sample");
  EXPECT_EQ(compared.models[0], compared.models[1]);
}

TEST_F(EvalCompare, wants_the_same_images_unless_told_otherwise) {
  const fs::path all = add_run("all", 3);
  const fs::path some = add_run("some", 30, 50);
  expect_refused(all, some, kUsage,
                 fmt::format("10 of 60 images are not in all predictions, the first is faces/50.jpg, which "
                             "{}/predictions.csv lacks; --common compares on the others",
                             some.string()));
  const Outcome outcome = compare({all.string(), some.string(), "--common"});
  EXPECT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("10 images that only some models saw are left out"));
  EXPECT_THAT(outcome.out, HasSubstr("The same 50 images for all models; 10 that only some of them saw"));
}

TEST_F(EvalCompare, refuses_what_has_no_image_in_common) {
  const fs::path first = add_run("first", 3);
  folder_.write("other/predictions.csv", header() + "a/1.jpg,sad,sad,0,1,0\n");
  const std::string other = (folder_ / "other").string();
  expect_refused(
      first, other, kData,
      fmt::format("no image is common to all: {}/predictions.csv has faces/00.jpg, {}/predictions.csv has "
                  "a/1.jpg",
                  first.string(), other));
}

TEST_F(EvalCompare, refuses_predictions_of_something_else) {
  const fs::path first = add_run("first", 3, 1);
  const fs::path file = folder_ / "other.csv";
  const auto refused = [&](const std::string& text, const std::string& message) {
    write_file(file, text);
    expect_refused(first, file, kData, message);
  };
  const std::string name = file.string();
  const std::string first_name = (first / "predictions.csv").string();
  refused(header() + "faces/00.jpg,sad,sad,0,1,0\n",
          "faces/00.jpg: labelled 'happy' in " + first_name + ", but 'sad' in " + name);
  refused(header() + "faces/00.jpg,,sad,0,1,0\n", name + ": faces/00.jpg has no label");
  refused(header() + "faces/00.jpg,happy,sad,0,1,0\n./faces/00.jpg,happy,sad,0,1,0\n",
          name + ": faces/00.jpg stands there twice");
  refused(header() + "faces/00.jpg,happy,sad,0,nan,0\n", name + ":2: 'nan' is no probability (column 'sad')");
  refused("path,label,predicted,happy,sad\nfaces/00.jpg,happy,sad,0,1\n",
          name + ": its classes are happy, sad, but those of " + first_name + " are happy, sad, neutral");
  refused(
      "path,label,predicted,happy,sad,fear\nfaces/00.jpg,happy,sad,0,1,0\n",
      name + ": its classes are happy, sad, fear, but those of " + first_name + " are happy, sad, neutral");
}

TEST_F(EvalCompare, refuses_one_model_and_the_same_one_twice) {
  const fs::path first = add_run("first", 3);
  EXPECT_EQ(compare({first.string()}).err, "error: one model alone cannot be compared: name two or more\n");
  expect_refused(first, first / "predictions.csv", kUsage,
                 (first / "predictions.csv").string() + " is named twice");
  EXPECT_EQ(compare({}).code, kUsage);
}

TEST_F(EvalCompare, refuses_folders_without_predictions_and_files_that_are_missing) {
  const fs::path first = add_run("first", 3);
  fs::create_directories(folder_ / "empty");
  expect_refused(
      first, folder_ / "empty", kData,
      (folder_ / "empty").string() + ": holds no predictions.csv, as a finished run or an evaluation does");
  const Outcome missing = compare({first.string(), (folder_ / "missing").string()});
  EXPECT_EQ(missing.code, kData);
  EXPECT_THAT(missing.err, AllOf(HasSubstr("missing"), Not(HasSubstr("\n\n"))));
}

}  // namespace
}  // namespace fer
