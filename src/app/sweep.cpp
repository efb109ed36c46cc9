#include "sweep.hpp"

#include <algorithm>
#include <ostream>
#include <set>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/train/training_plan.hpp"
#include "report_link.hpp"
#include "stop_signal.hpp"
#include "sweep_commands.hpp"
#include "sweep_report.hpp"
#include "sweep_runner.hpp"

namespace fer {
namespace {

/// Text on stdout for a scheduler; nothing is trained.
int print_for_scheduler(const SweepFolder& folder, const SweepOptions& options, const Console& console,
                        Log& log) {
  const std::vector<SweepRun> runs = folder.unfinished();
  log.info("{} of {} runs are left; {}", runs.size(), folder.runs().size(), folder.path().string());
  if (runs.empty()) return kOk;
  console.out << (options.slurm ? slurm_script : command_lines)(folder, runs, options) << std::flush;
  return kOk;
}

/// Weights and devices that are not there show before the first run begins; seeds and folds need the same
/// ones.
void check_plans(const SweepFolder& folder, std::span<const SweepRun> runs, const SweepOptions& options) {
  std::set<std::string> variants;
  for (const SweepRun& run : runs) {
    if (folder.state_of(run) == SweepState::waiting && variants.insert(run.variant).second)
      plan_training(run.experiment, options.models_folder);
  }
}

/// Exit code where a signal ended it.
std::optional<int> train_runs(const SweepFolder& folder, const SweepOptions& options, Log& log) {
  if (!options.resume && folder.has_begun())
    throw usage_error(
        "{}: holds runs of this sweep; --resume leaves out what is finished and goes on with the rest",
        folder.path().string());
  const std::vector<SweepRun> runs = folder.unfinished();
  check_plans(folder, runs, options);
  if (run_locally(folder, runs, options, log)) return std::nullopt;
  log.info("stopped; {} of {} runs are left, --resume goes on", folder.unfinished().size(),
           folder.runs().size());
  return stop_exit_code();
}

int report_sweep(const Sweep& sweep, const SweepFolder& folder, const Console& console, Log& log) {
  const SweepReport report = gather_sweep(sweep, folder, log);
  write_file(folder.path() / "sweep.csv", sweep_csv(report));
  write_file(folder.path() / "report.html", sweep_page(report, folder.path()));
  console.out << sweep_text(report) << report_line(folder.path()) << std::flush;
  const bool all =
      std::ranges::all_of(report.runs, [](const SweepRunResult& run) { return run.state == "finished"; });
  return all ? kOk : kSomeInputsFailed;
}

}  // namespace

void describe_sweep(CLI::App& app, SweepOptions& options) {
  constexpr const char* kGroup = "Sweeps";
  CLI::Option* grid = app.add_option("--grid", options.file,
                                     "Sweep file (YAML): a run for each combination of what it says varies")
                          ->type_name("FILE")
                          ->group(kGroup);
  app.add_option("--parallel", options.parallel, "Runs of a sweep at a time")
      ->type_name("N")
      ->check(CLI::Range(1, 1000))
      ->needs(grid)
      ->group(kGroup);
  const auto flag = [&](const char* name, bool& value, const char* text) {
    return app.add_flag(name, value, text)->needs(grid)->group(kGroup);
  };
  CLI::Option* print = flag("--print-commands", options.print_commands,
                            "Train nothing; print a line for sh for each run that is left");
  CLI::Option* slurm =
      flag("--slurm", options.slurm, "Train nothing; print a script for sbatch, an array of these");
  CLI::Option* report =
      flag("--report", options.report, "Train nothing; report the runs that have finished, wherever");
  print->excludes(slurm)->excludes(report);
  slurm->excludes(report);
}

int run_sweep(const SweepOptions& options, std::span<const std::string> arguments, const Console& console) {
  const Sweep sweep = load_sweep(options.file);
  const SweepFolder folder(sweep, expand_sweep(sweep, options.configs, options.overrides));
  const StopSignal signals;
  Log log(console, options.log);
  if (options.report) {
    folder.require();
    return report_sweep(sweep, folder, console, log);
  }
  folder.prepare(arguments);
  if (options.print_commands || options.slurm) return print_for_scheduler(folder, options, console, log);
  if (const auto stopped = train_runs(folder, options, log)) return *stopped;
  return report_sweep(sweep, folder, console, log);
}

}  // namespace fer
