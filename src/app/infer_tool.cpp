#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "coding_run.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/stop.hpp"
#include "infer_options.hpp"
#include "options.hpp"
#include "report_link.hpp"
#include "stop_signal.hpp"
#include "video_batch.hpp"
#include "video_run.hpp"
#include "video_tables.hpp"

namespace fer {
namespace {

/// The summaries of all recordings that could be analysed, and the errors of the others.
struct BatchOutcome {
  std::vector<VideoSummary> summaries = {};
  std::vector<AnalysedRecording> analysed = {};  ///< those of the summaries
  std::vector<Error> failures = {};

  bool complete() const {
    return failures.empty() && std::ranges::none_of(summaries, &VideoSummary::damaged);
  }
};

/// A recording that fails is the end where it is the only one; a shard is part of a batch in any case.
BatchOutcome run_all(VideoRun& run, const VideoBatch& batch, const InferOptions& options, Log& log) {
  const std::vector<Recording>& recordings = batch.recordings;
  BatchProgress progress(recordings);
  BatchOutcome outcome;
  std::size_t skipped = 0;
  for (std::size_t i = 0; i < recordings.size() && !stop_requested(); ++i) {
    progress.begin(i);
    if (options.resume) {
      if (auto summary = run.finished(recordings[i], batch.folders[i])) {
        outcome.summaries.push_back(*std::move(summary));
        outcome.analysed.push_back({&recordings[i], batch.folders[i]});
        progress.skipped(i);
        ++skipped;
        continue;
      }
    }
    try {
      outcome.summaries.push_back(run.analyse(recordings[i], batch.folders[i], progress));
      outcome.analysed.push_back({&recordings[i], batch.folders[i]});
    } catch (const Error& error) {
      const bool alone = recordings.size() == 1 && !options.shard;
      if (error.kind() == ErrorKind::usage || alone) throw;
      log.warning("{}", error.what());
      outcome.failures.push_back(error);
    }
  }
  if (skipped > 0) log.info("{} of {} were finished already", skipped, recordings.size());
  return outcome;
}

/// Those of a shard have names of their own: others may be at work in the same folder.
VideoTables tables_of(const InferOptions& options) {
  const auto& shard = options.shard;
  return {.folder = options.output,
          .suffix = shard ? fmt::format("-{}-of-{}", shard->number, shard->count) : "",
          .conditions = !options.markers.empty()};
}

/// How many of how many failed, where there are several, and why the first did.
std::string failures_text(const BatchOutcome& outcome, std::size_t recordings) {
  const std::string first = outcome.failures.front().what();
  if (recordings == 1) return first;
  const std::size_t failed = outcome.failures.size();
  return fmt::format("{} of {} recordings failed{}: {}", failed, recordings,
                     failed == 1 ? "" : ", a warning names each; the first", first);
}

/// Where nothing came of it, unless these are a shard's recordings, which are some of many.
void throw_if_all_failed(const BatchOutcome& outcome, std::size_t recordings, const InferOptions& options) {
  if (!outcome.summaries.empty() || outcome.failures.empty()) return;
  const ErrorKind kind = outcome.failures.front().kind();
  if (!options.shard || kind != ErrorKind::data) throw Error(kind, failures_text(outcome, recordings));
}

/// At the end, where it is seen; a single recording's failure was said just before.
void warn_of_failures(const BatchOutcome& outcome, std::size_t recordings, Log& log) {
  if (recordings > 1 && !outcome.failures.empty()) log.warning("{}", failures_text(outcome, recordings));
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
  Log log(console, options.log);
  if (!options.merge.empty()) return merge_shards(options.merge, console, log);
  resolve(options);
  require_sample_can_be_drawn(options);

  const StopSignal signals;
  const VideoBatch batch = choose_batch(options);
  if (options.shard) {
    log.info("shard {}: {} of {} recordings{}", options.shard->text(), batch.recordings.size(),
             batch.list.size(), batch.recordings.empty() ? ", so there is nothing to do" : "");
  }
  if (batch.recordings.empty()) return kOk;
  VideoRun run(options, log);
  make_folder(options.output);
  write_list(batch, options, log);
  const BatchOutcome outcome = run_all(run, batch, options, log);
  throw_if_all_failed(outcome, batch.recordings.size(), options);
  if (!outcome.summaries.empty()) write_tables(outcome.summaries, tables_of(options), console);
  sample_for_coding(outcome, options, log);
  if (!outcome.analysed.empty()) say_where(outcome, options, log);
  warn_of_failures(outcome, batch.recordings.size(), log);
  if (stop_requested()) return stop_exit_code();
  return outcome.complete() ? kOk : kSomeInputsFailed;
}

}  // namespace fer
