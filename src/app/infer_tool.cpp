#include <algorithm>
#include <optional>
#include <ostream>
#include <set>

#include "coding_run.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/stop.hpp"
#include "fer/report/video_files.hpp"
#include "infer_options.hpp"
#include "options.hpp"
#include "report_link.hpp"
#include "stop_signal.hpp"
#include "video_run.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

/// A folder for each recording: its name, numbered where two are called alike.
std::vector<fs::path> result_folders(std::span<const Recording> recordings, const InferOptions& options) {
  std::vector<fs::path> folders;
  std::set<std::string> taken;
  if (options.sample_for_coding) taken.insert(kCodingFolder);
  for (const Recording& recording : recordings) {
    std::string name = recording.name();
    for (int number = 2; !taken.insert(name).second; ++number)
      name = fmt::format("{}-{}", recording.name(), number);
    folders.push_back(options.output / name);
    if (!options.exist_ok && !options.resume && fs::exists(folders.back() / "frames.csv")) {
      throw usage_error(
          "{}: holds results already; name another folder with -o, or pass --resume or --exist-ok",
          folders.back().string());
    }
  }
  return folders;
}

/// The summaries of all recordings that could be analysed, and the errors of the others.
struct BatchOutcome {
  std::vector<VideoSummary> summaries = {};
  std::vector<AnalysedRecording> analysed = {};  ///< those of the summaries
  std::vector<Error> failures = {};

  bool complete() const {
    return failures.empty() && std::ranges::none_of(summaries, &VideoSummary::damaged);
  }
};

BatchOutcome run_all(VideoRun& run, std::span<const Recording> recordings, std::span<const fs::path> folders,
                     bool resume, Log& log) {
  BatchProgress batch(recordings);
  BatchOutcome outcome;
  std::size_t skipped = 0;
  for (std::size_t i = 0; i < recordings.size() && !stop_requested(); ++i) {
    batch.begin(i);
    if (resume) {
      if (auto summary = run.finished(recordings[i], folders[i])) {
        outcome.summaries.push_back(*std::move(summary));
        outcome.analysed.push_back({&recordings[i], folders[i]});
        batch.skipped(i);
        ++skipped;
        continue;
      }
    }
    try {
      outcome.summaries.push_back(run.analyse(recordings[i], folders[i], batch));
      outcome.analysed.push_back({&recordings[i], folders[i]});
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::usage || recordings.size() == 1) throw;
      log.warning("{}", error.what());
      outcome.failures.push_back(error);
    }
  }
  if (skipped > 0) log.info("{} of {} were finished already", skipped, recordings.size());
  return outcome;
}

void write_overview(std::span<const VideoSummary> summaries, const InferOptions& options,
                    const Console& console) {
  write_file(options.output / "summary.csv", summary_csv(summaries));
  if (!options.markers.empty()) write_file(options.output / "conditions.csv", conditions_csv(summaries));
  console.out << video_table(summaries) << std::flush;
}

/// The folder of the one video, or that of all.
void say_where(const BatchOutcome& outcome, const InferOptions& options, Log& log) {
  const bool one = outcome.analysed.size() == 1;
  log.info("results: {}", report_of(one ? outcome.analysed.front().folder : options.output).string());
}

/// Asked to stop, it leaves the sample out: the videos' results are worth keeping.
void sample_for_coding(const BatchOutcome& outcome, const InferOptions& options, Log& log) {
  if (!options.sample_for_coding || outcome.analysed.empty() || stop_requested()) return;
  try {
    write_coding_sample(outcome.analysed, options, log);
  } catch (const Stopped&) {
    log.warning("stopped before the sample for coding was written");
  }
}

}  // namespace

int infer_tool(std::span<const std::string> arguments, const Console& console) {
  CLI::App app("Recognises facial expressions in recorded videos.", "fer-infer");
  InferOptions options;
  describe_infer(app, options);
  if (const auto done = parse_options(app, arguments, console)) return *done;
  resolve(options);
  require_sample_can_be_drawn(options);

  const StopSignal signals;
  Log log(console, options.log);
  const std::vector<Recording> recordings = find_recordings(options.inputs);
  const std::vector<fs::path> folders = result_folders(recordings, options);
  VideoRun run(options, log);
  make_folder(options.output);
  const BatchOutcome outcome = run_all(run, recordings, folders, options.resume, log);
  if (outcome.summaries.empty() && !outcome.failures.empty()) throw outcome.failures.front();
  if (!outcome.summaries.empty()) write_overview(outcome.summaries, options, console);
  sample_for_coding(outcome, options, log);
  if (!outcome.analysed.empty()) say_where(outcome, options, log);
  if (stop_requested()) return stop_exit_code();
  return outcome.complete() ? kOk : kSomeInputsFailed;
}

}  // namespace fer
