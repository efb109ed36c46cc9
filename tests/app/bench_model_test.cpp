#include <gmock/gmock.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "app/tool_runs.hpp"
#include "child_process.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "support/error_text.hpp"
#include "support/scoped_variable.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::run;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(ChildProcess, AnswersWhatTheWorkReturns) {
  int here = 0;
  EXPECT_EQ(in_child_process([&] { return std::string(100000, static_cast<char>('a' + here++)); }),
            std::string(100000, 'a'));
  EXPECT_EQ(here, 0) << "it has memory of its own";
  EXPECT_EQ(in_child_process([] { return std::string(); }), "");
}

TEST(ChildProcess, PassesErrorsOn) {
  EXPECT_EQ(test::error_text(
                ErrorKind::data,
                [] { return in_child_process([]() -> std::string { throw data_error("no such file"); }); }),
            "no such file");
  EXPECT_EQ(test::error_text(
                ErrorKind::failure,
                [] { return in_child_process([]() -> std::string { throw std::runtime_error("x\ny"); }); }),
            "x");
}

TEST(ChildProcess, AnEndWithoutAnAnswerIsAFailure) {
  EXPECT_EQ(test::error_text(ErrorKind::failure,
                             [] {
                               return in_child_process([]() -> std::string {
                                 std::raise(SIGKILL);
                                 return {};
                               });
                             }),
            "the child process ended with signal 9 and no answer");
}

/// One thread, as those that earlier tests had computed with do not follow into a new process.
class BenchModel : public testing::Test {
 protected:
  static Outcome bench(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "model");
    for (const char* argument : {"--threads", "1", "--batch", "2", "--device", "cpu"})
      arguments.emplace_back(argument);
    return run(bench_tool, arguments);
  }

  const test::TempFolder folder_;
  const test::TempFolder scratch_;
  const test::ScopedVariable temporary_{"TMPDIR", scratch_.path().string()};
};

TEST_F(BenchModel, MeasuresABackboneAndLeavesNothingBehind) {
  const fs::path json = folder_.path() / "model.json";
  const Outcome outcome = bench({"mobilenet_v2", "--size", "32", "--json", json.string()});
  EXPECT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("7 classes, cpu, 1 thread"));
  EXPECT_THAT(outcome.out, HasSubstr("\nmobilenet_v2     32            2.23               0.01"));
  const auto document = nlohmann::json::parse(read_file(json));
  ASSERT_EQ(document["backbones"].size(), 1U);
  const auto& figures = document["backbones"][0];
  EXPECT_EQ(figures["parameters"], 2'223'872 + 7 * 1280 + 7);
  EXPECT_GT(figures["ms_per_image"], 0);
  EXPECT_GT(figures["images_per_second"], 0);
  EXPECT_GT(figures["memory_bytes"], 4 * 2'200'000) << "the weights at least";
  EXPECT_LT(figures["memory_bytes"], 400'000'000);
  EXPECT_THAT(scratch_.files(), IsEmpty());
}

TEST_F(BenchModel, ABackboneThatFailsIsNamedAndTheOthersGoOn) {
  const Outcome outcome = bench({"vit_tiny_patch16", "mobilenet_v2", "--size", "40"});
  EXPECT_EQ(outcome.code, kSomeInputsFailed);
  EXPECT_THAT(outcome.err, HasSubstr("vit_tiny_patch16 takes multiples of 16 pixels, not 40"));
  EXPECT_THAT(outcome.out, HasSubstr("mobilenet_v2"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("vit_tiny_patch16")));
  EXPECT_EQ(bench({"vit_tiny_patch16", "--size", "40"}).code, kUsage);
}

TEST_F(BenchModel, BackbonesMustBeNamedAndKnown) {
  const Outcome none = bench({});
  EXPECT_EQ(none.code, kUsage);
  EXPECT_THAT(none.err, HasSubstr("--all"));
  const Outcome unknown = bench({"vit_tiny_patch"});
  EXPECT_EQ(unknown.code, kUsage);
  EXPECT_THAT(unknown.err, HasSubstr("did you mean 'vit_tiny_patch16'?"));
}

TEST_F(BenchModel, HelpListsTheBackbones) {
  const Outcome help = bench({"--help"});
  for (const char* name : {"mobilenet_v2", "vit_tiny_patch16", "vit_small_patch16", "vit_base_patch16"})
    EXPECT_THAT(help.out, HasSubstr(name));
}

}  // namespace
}  // namespace fer
