#include "sweep_runner.hpp"

#include <algorithm>
#include <vector>

#include "fer/core/files.hpp"
#include "fer/core/own_files.hpp"
#include "fer/core/text.hpp"
#include "fer/report/overview_page.hpp"
#include "process_facts.hpp"
#include "process_pool.hpp"
#include "stop_signal.hpp"
#include "sweep_commands.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

/// The last line that says something.
std::string last_line(const fs::path& file) {
  if (!fs::exists(file)) return "";
  const std::vector<std::string> lines = split(read_file(file), '\n');
  const auto last =
      std::find_if(lines.rbegin(), lines.rend(), [](const std::string& line) { return !trim(line).empty(); });
  return last == lines.rend() ? "" : std::string(trim(*last));
}

std::string figures_text(const fs::path& folder) {
  const auto figures = read_overview(std::span(&folder, 1)).runs.front().figures;
  if (!figures) return "no figures";
  return fmt::format("{}: accuracy {:.4f}, macro-F1 {:.4f}", figures->part, figures->accuracy,
                     figures->macro_f1);
}

/// What is said and kept of the runs of one call.
class RunWatcher {
 public:
  RunWatcher(const SweepFolder& folder, std::span<const SweepRun> runs, Log& log)
      : folder_(folder),
        runs_(runs),
        log_(log),
        bar_(log.bar("training", " runs")),
        failures_(folder.failures()) {
    bar_.update(0, runs.size());
  }

  /// What an earlier try left is no longer true.
  void begin(std::size_t at) {
    if (failures_.erase(runs_[at].number) > 0) folder_.write_failures(failures_);
  }

  void ended(std::size_t at, const ProcessEnd& end) {
    const SweepRun& run = runs_[at];
    bar_.clear();
    const std::string count = fmt::format("{}/{}", ++done_, runs_.size());
    if (end.code == 0) {
      log_.info("{} {}: {}", count, run.name, figures_text(folder_.folder_of(run)));
    } else if (stop_requested()) {
      log_.info("{} {}: stopped, {}", count, run.name, end.text());
    } else {
      const std::string message = last_line(folder_.log_of(run, "err"));
      failures_[run.number] = {.code = end.code, .message = message};
      folder_.write_failures(failures_);
      log_.warning("{} {}: {}: {}", count, run.name, end.text(), message);
    }
    bar_.update(done_, runs_.size());
  }

 private:
  const SweepFolder& folder_;
  std::span<const SweepRun> runs_;
  Log& log_;
  ProgressBar bar_;
  std::map<int, SweepFailure> failures_;
  std::size_t done_ = 0;
};

}  // namespace

bool run_locally(const SweepFolder& folder, std::span<const SweepRun> runs, const SweepOptions& options,
                 Log& log) {
  const SweepLock lock(folder.path());
  log.info("{}: {} of {} runs, {} at a time", folder.path().string(), runs.size(), folder.runs().size(),
           options.parallel);
  const auto variables = thread_variables(options.parallel);
  RunWatcher watcher(folder, runs, log);
  const auto begin = [&](std::size_t at) {
    watcher.begin(at);
    return SpawnOptions{.program = own_program(),
                        .arguments = run_arguments(folder, runs[at], options),
                        .variables = variables,
                        .out = folder.log_of(runs[at], "out"),
                        .err = folder.log_of(runs[at], "err"),
                        .own_group = true};
  };
  // A run writes its manifest once its crops are made, which the others then find in the cache.
  const auto has_crops = [&] {
    return std::filesystem::exists(folder.folder_of(runs.front()) / "manifest.json");
  };
  return run_pool({.count = runs.size(),
                   .parallel = options.parallel,
                   .begin = begin,
                   .ended = [&](std::size_t at, const ProcessEnd& end) { watcher.ended(at, end); },
                   .first_is_ready = has_crops});
}

}  // namespace fer
