#include "eval_agreement.hpp"
#include "eval_checkpoint.hpp"
#include "eval_compare.hpp"
#include "eval_matrix.hpp"
#include "eval_overview.hpp"
#include "eval_suspects.hpp"
#include "options.hpp"

namespace fer {

int eval_tool(std::span<const std::string> arguments, const Console& console) {
  CLI::App app("Says how right models and their results are, and how they differ.", "fer-eval");
  app.fallthrough();  // common options may stand behind the command, too
  CheckpointOptions checkpoint;
  CompareOptions compare;
  AgreementOptions agreement;
  MatrixOptions matrix;
  OverviewOptions overview;
  SuspectOptions suspects;
  LogOptions log;
  describe_checkpoint(app, checkpoint);
  CLI::App& compare_command = *app.add_subcommand("compare", "Compare models on the same images");
  CLI::App& agreement_command =
      *app.add_subcommand("agreement", "Compare results of recorded videos with what people coded");
  CLI::App& overview_command =
      *app.add_subcommand("overview", "A page over many runs, evaluations and videos, with links to theirs");
  CLI::App& suspects_command =
      *app.add_subcommand("suspects", "List the images whose labels are doubtful, and how many may be wrong");
  CLI::App& matrix_command =
      *app.add_subcommand("matrix", "Train on each of several data sets and test on every one");
  describe_matrix(matrix_command, matrix);
  describe_compare(compare_command, compare);
  describe_suspects(suspects_command, suspects);
  describe_overview(overview_command, overview);
  describe_agreement(agreement_command, agreement);
  add_common_options(app, log);
  app.require_subcommand(0, 1);
  if (const auto done = parse_options(app, arguments, console)) return *done;
  if (compare_command.parsed()) return compare_predictions(compare, log, console);
  if (overview_command.parsed()) return write_overview(overview, console);
  if (suspects_command.parsed()) return list_suspects(suspects, log, console);
  if (matrix_command.parsed()) {
    matrix.arguments.assign(arguments.begin(), arguments.end());
    return evaluate_matrix(matrix, log, console);
  }
  if (agreement_command.parsed()) return run_agreement(agreement, console);
  checkpoint.arguments.assign(arguments.begin(), arguments.end());
  return evaluate_checkpoint(checkpoint, log, console);
}

}  // namespace fer
