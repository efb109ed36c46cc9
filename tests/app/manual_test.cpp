#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <regex>
#include <set>

#include "app/tool_runs.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"
#include "manual_texts.hpp"
#include "spawned_process.hpp"
#include "support/temp_folder.hpp"

namespace fer::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

struct Program {
  std::string name;
  Tool tool;
};

const std::vector<Program> kPrograms = {{"fer-train", train_tool}, {"fer-infer", infer_tool},
                                        {"fer-eval", eval_tool},   {"fer-data", data_tool},
                                        {"fer-bench", bench_tool}, {"fer-export", export_tool}};

/// All "-x" and "--words" at the beginning of a line of help texts.
std::set<std::string> options_of_help(const std::string& help) {
  std::set<std::string> names;
  for (const std::string& line : split(help, '\n')) {
    static const std::regex kName(R"(^  (-\w)?,?(--[\w-]+)?)");
    std::smatch match;
    if (!std::regex_search(line, match, kName)) continue;
    for (const std::size_t group : {1, 2}) {
      if (match[group].matched) names.insert(match[group].str());
    }
  }
  return names;
}

std::vector<std::string> commands_of_help(const std::string& help) {
  std::vector<std::string> names;
  const std::size_t start = help.find("\nSubcommands:\n");
  if (start == std::string::npos) return names;
  for (const std::string& line : split(std::string_view(help).substr(start), '\n')) {
    if (line.starts_with("  ") && line[2] != ' ') names.push_back(line.substr(2, line.find(' ', 2) - 2));
  }
  return names;
}

/// Of the program and all of its commands.
std::set<std::string> all_options(const Program& program) {
  const std::string help = run(program.tool, {"--help"}).out;
  std::set<std::string> names = options_of_help(help);
  for (const std::string& command : commands_of_help(help))
    names.merge(options_of_help(run(program.tool, {command, "--help"}).out));
  return names;
}

/// Whether a shell's own words say that it is there.
bool has_shell(const std::string& shell) {
  return fs::exists("/bin/" + shell) || fs::exists("/usr/bin/" + shell);
}

/// What a shell prints for a script.
std::string printed(const std::string& shell, const std::string& script) {
  const TempFolder folder;
  SpawnedProcess process({.program = fs::exists("/bin/" + shell) ? "/bin/" + shell : "/usr/bin/" + shell,
                          .arguments = {"-c", script},
                          .out = folder / "out"});
  EXPECT_EQ(process.wait().code, 0) << script;
  return read_file(folder / "out");
}

/// What bash offers for the last of the words.
std::vector<std::string> offered_by_bash(const Program& program, const std::vector<std::string>& words) {
  const TempFolder folder;
  const fs::path script = folder.write("completion", run(program.tool, {"--completion", "bash"}).out);
  std::string function = "_" + program.name;
  std::ranges::replace(function, '-', '_');
  std::string typed = program.name;
  for (const std::string& word : words) typed += " '" + word + "'";
  const std::string lines = printed("bash", "source '" + script.string() + "'; COMP_WORDS=(" + typed +
                                                "); COMP_CWORD=" + std::to_string(words.size()) + "; " +
                                                function + "; printf '%s\\n' \"${COMPREPLY[@]}\"");
  return split(trim(lines), '\n');
}

TEST(Manual, PagesAndCompletionsHaveEveryOptionAndCommandThatHelpHas) {
  for (const Program& program : kPrograms) {
    const std::string page = run(program.tool, {"--man"}).out;
    const std::string bash = run(program.tool, {"--completion", "bash"}).out;
    const std::string zsh = run(program.tool, {"--completion", "zsh"}).out;
    const std::string fish = run(program.tool, {"--completion", "fish"}).out;
    const std::set<std::string> options = all_options(program);
    ASSERT_GT(options.size(), 5U);
    for (const std::string& option : options) {
      const std::string bare = option.substr(option.starts_with("--") ? 2 : 1);
      EXPECT_THAT(page, HasSubstr("\\fB" + std::regex_replace(option, std::regex("-"), "\\-") + "\\fR"));
      EXPECT_THAT(bash, HasSubstr(option));
      EXPECT_THAT(zsh, HasSubstr(option));
      EXPECT_THAT(fish, HasSubstr((option.starts_with("--") ? " -l " : " -s ") + bare + " "));
    }
    for (const std::string& command : commands_of_help(run(program.tool, {"--help"}).out)) {
      EXPECT_THAT(page, HasSubstr(".SS " + command + "\n"));
      EXPECT_THAT(bash, HasSubstr("    " + command + ")\n"));
      EXPECT_THAT(zsh, HasSubstr("        " + command + ") _arguments"));
      EXPECT_THAT(fish, HasSubstr(" -a " + command + " "));
    }
  }
}

TEST(Manual, NamesOnlyOptionsThatThereAreInExamples) {
  for (const Program& program : kPrograms) {
    const std::set<std::string> options = all_options(program);
    ASSERT_FALSE(manual_texts(program.name).examples.empty());
    for (const ManualEntry& example : manual_texts(program.name).examples) {
      const std::vector<std::string> words = split(example.term, ' ');
      EXPECT_EQ(words[0], program.name);
      for (const std::string& word : words) {
        EXPECT_TRUE(!word.starts_with('-') || options.contains(word)) << example.term;
      }
    }
  }
}

TEST(Manual, LeavesHiddenCommandsOut) {
  for (const std::string text : {"bash", "zsh", "fish"})
    EXPECT_THAT(run(bench_tool, {"--completion", text}).out, Not(HasSubstr("first-result")));
  EXPECT_THAT(run(bench_tool, {"--man"}).out, Not(HasSubstr("first-result")));
}

TEST(Manual, SaysWhatTheTableKnowsOfAnOption) {
  const std::string page = run(train_tool, {"--man"}).out;
  EXPECT_THAT(page, AllOf(HasSubstr("A number: 2 to 1000."),
                          HasSubstr("One of debug, info, warning, error. Default: info."),
                          HasSubstr("Only with \\-\\-grid."), HasSubstr("\\fB\\-\\-resume\\fR [\\fIRUN\\fR]"),
                          HasSubstr(".SS Sweeps\n")));
}

TEST(Completion, AnUnknownShellIsAUsageError) {
  const Outcome outcome = run(infer_tool, {"--completion", "csh"});
  EXPECT_EQ(outcome.code, kUsage);
  EXPECT_THAT(outcome.err, HasSubstr("expected bash, zsh or fish, got 'csh'"));
}

TEST(Completion, BashOffersCommandsOptionsAndTheirValues) {
  if (!has_shell("bash")) GTEST_SKIP() << "needs bash";
  const Program data{"fer-data", data_tool};
  EXPECT_THAT(offered_by_bash(data, {"s"}), UnorderedElementsAre("split", "synth"));
  EXPECT_THAT(offered_by_bash(data, {"synth", "--video-n"}), ElementsAre("--video-noise"));
  EXPECT_THAT(offered_by_bash(data, {"fetch", "blaze"}), ElementsAre("blazeface", "blazeface_back"));
  EXPECT_THAT(offered_by_bash(data, {"fetch", "--log-level", "w"}), ElementsAre("warning"));
  EXPECT_THAT(offered_by_bash(data, {"fetch", "--log-level", "=", "w"}), ElementsAre("warning"));
  EXPECT_THAT(offered_by_bash({"fer-infer", infer_tool}, {"--smoothing", "m"}),
              ElementsAre("median", "majority"));
}

TEST(Completion, BashOffersFilesWithBlanksInTheirNames) {
  if (!has_shell("bash")) GTEST_SKIP() << "needs bash";
  const TempFolder folder;
  const std::string file = folder.write("my talk.mp4", "").string();
  EXPECT_THAT(offered_by_bash({"fer-infer", infer_tool}, {file.substr(0, file.size() - 5)}),
              ElementsAre(file));
}

TEST(Completion, ZshReadsItsScripts) {
  if (!has_shell("zsh")) GTEST_SKIP() << "needs zsh";
  const TempFolder folder;
  for (const Program& program : kPrograms) {
    const fs::path script = folder.write("completion", run(program.tool, {"--completion", "zsh"}).out);
    printed("zsh", "autoload -Uz compinit && compinit -D -u && source '" + script.string() + "' && zsh -n '" +
                       script.string() + "'");
  }
}

TEST(Completion, FishOffersCommandsOptionsAndTheirValues) {
  if (!has_shell("fish")) GTEST_SKIP() << "needs fish";
  const TempFolder folder;
  const fs::path script = folder.write("completion", run(data_tool, {"--completion", "fish"}).out);
  const auto offered = [&](const std::string& typed) {
    return printed("fish", "source '" + script.string() + "'; complete -C 'fer-data " + typed + "'");
  };
  EXPECT_THAT(offered("s"),
              AllOf(HasSubstr("split\tWrite the split"), HasSubstr("synth\t"), Not(HasSubstr("fetch"))));
  EXPECT_THAT(offered("synth --video-n"), HasSubstr("--video-noise\t"));
  EXPECT_THAT(offered("fetch --log-level w"), AllOf(HasSubstr("warning"), Not(HasSubstr("debug"))));
  EXPECT_THAT(offered("fetch blaze"), HasSubstr("blazeface_back"));
}

}  // namespace
}  // namespace fer::test
