#pragma once

#include <cstddef>
#include <iosfwd>
#include <span>
#include <string>

namespace fer {

/// Where a program writes: results to `out`, log and progress to `err`.
struct Console {
  std::ostream& out;
  std::ostream& err;
  std::size_t (*columns)() =
      nullptr;          ///< of the terminal that err is, as it is now; none: no bar can be drawn
  bool colour = false;  ///< err shows colours
};

/// What the programs exit with; 128 + N after signal N.
enum ExitCode : int { kOk = 0, kFailed = 1, kUsage = 2, kData = 3, kSomeInputsFailed = 4 };

/// A program without its process: arguments (without the program's name) in, exit code out. Throws
/// fer::Error.
using Tool = int (*)(std::span<const std::string> arguments, const Console& console);

/// fer-train.
int train_tool(std::span<const std::string> arguments, const Console& console);
/// fer-infer.
int infer_tool(std::span<const std::string> arguments, const Console& console);
/// fer-eval.
int eval_tool(std::span<const std::string> arguments, const Console& console);
/// fer-data.
int data_tool(std::span<const std::string> arguments, const Console& console);
/// fer-export.
int export_tool(std::span<const std::string> arguments, const Console& console);
/// fer-bench.
int bench_tool(std::span<const std::string> arguments, const Console& console);

/// Runs a tool and turns whatever it throws into one line on `err` and an exit code.
int run_tool(Tool tool, std::span<const std::string> arguments, const Console& console);

/// run_tool() on the process's own arguments and streams: the body of every main().
int run_program(Tool tool, int argc, char** argv);

}  // namespace fer
