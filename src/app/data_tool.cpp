#include <algorithm>
#include <iterator>
#include <ostream>

#include "data_check.hpp"
#include "data_split.hpp"
#include "fer/core/error.hpp"
#include "fer/core/stop.hpp"
#include "fer/core/text.hpp"
#include "fer/data/synthetic_dataset.hpp"
#include "fetch.hpp"
#include "option_table.hpp"
#include "options.hpp"
#include "stop_signal.hpp"

namespace fer {
namespace {

struct DataOptions {
  SyntheticKdefOptions images;
  SyntheticVideoOptions video;
  std::string video_segments = "neutral,happy,surprise,none,neutral,angry,disgust,fear,sad";
  std::string video_size = "640x480";
  std::string layout = "kdef";
  std::vector<std::string> fetch_names;
  std::filesystem::path models_folder;
  std::string mirror;
  CheckOptions check;
  SplitFileOptions split;
  LogOptions log;
};

void describe_synth(CLI::App& synth, DataOptions& options) {
  synth.add_option("--layout", options.layout, "Layout of the data set")
      ->check(CLI::IsMember({"kdef"}))
      ->capture_default_str();
  synth.add_option("-o,--output", options.images.folder, "Folder for the data set; missing or empty")
      ->type_name("DIR");
  synth.add_option("--subjects", options.images.subjects, "People")->capture_default_str();
  synth.add_option("--sessions", options.images.sessions, "Sittings of each person, 1 or 2")
      ->capture_default_str();
  synth.add_option("--angles", options.images.angles, "Of FL, HL, S, HR, FR")
      ->delimiter(',')
      ->capture_default_str();
  synth.add_option("-j,--workers", options.images.workers, "Threads; 0: one per core")->capture_default_str();
  synth.add_option("--seed", options.images.seed, "The same seed draws the same pictures")
      ->capture_default_str();
}

void describe_video(CLI::App& synth, DataOptions& options) {
  SyntheticVideoOptions& video = options.video;
  synth.add_option("--video", video.path, "Write a labelled video of people not in the data set")
      ->type_name("FILE.mp4");
  synth.add_option("--segment-seconds", video.segment_seconds, "Seconds of each expression in the video")
      ->capture_default_str();
  synth
      .add_option("--video-segments", options.video_segments,
                  "Its expressions in turn; none: nobody is in the picture")
      ->type_name("A,B,...")
      ->capture_default_str();
  synth.add_option("--video-noise", video.noise, "Unrest of face and camera in the video, 0 to 1")
      ->capture_default_str();
  synth.add_option("--video-people", video.people, "People side by side in the video, 1 to 3")
      ->capture_default_str();
  synth.add_option("--video-subject", video.subject, "Number of the (first) person in the video")
      ->capture_default_str();
  synth.add_option("--video-fps", video.fps, "Frames a second of the video")->capture_default_str();
  synth.add_option("--video-size", options.video_size, "Its pixels")->type_name("WxH")->capture_default_str();
}

std::vector<std::string> segments_of(const std::string& list) {
  std::vector<std::string> segments;
  for (const std::string& part : split(list, ',')) {
    const std::string word = to_lower(trim(part));
    segments.push_back(word == "none" ? "" : word);
  }
  return segments;
}

cv::Size size_of(const std::string& text) {
  const auto parts = split(to_lower(text), 'x');
  const auto width = parse_integer(parts.front()), height = parse_integer(parts.back());
  constexpr long long kMost = 8192;
  if (parts.size() != 2 || !width || !height || std::max(*width, *height) > kMost) {
    throw usage_error("--video-size: expected width x height such as 640x480, at most {}, got '{}'", kMost,
                      text);
  }
  return {static_cast<int>(*width), static_cast<int>(*height)};
}

void describe_fetch(CLI::App& fetch, DataOptions& options) {
  fetch.add_option("name", options.fetch_names, "Models: " + join(model_names(), ", "))
      ->check(suggested(model_names()))
      ->required();
  fetch.add_option("--models-dir", options.models_folder, "Folder to put it into")->type_name("DIR");
  fetch.add_option("--from", options.mirror, "Fetch from here instead (https:// or file://)")
      ->type_name("URL");
}

/// A progress function that draws a bar and ends the work when a signal asks for it.
ProgressFn bar_progress(ProgressBar& bar) {
  return [&bar](std::size_t done, std::size_t total) {
    bar.update(done, total);
    if (stop_requested()) throw Stopped();
  };
}

void synth(DataOptions& options, const Console& console, const Log& log) {
  if (options.images.folder.empty() && options.video.path.empty()) {
    throw usage_error(
        "fer-data synth: name a folder for the data set with -o, a video with --video, or both");
  }
  if (!options.images.folder.empty()) {
    ProgressBar bar = log.bar("drawing faces");
    const std::size_t images = write_synthetic_kdef(options.images, bar_progress(bar));
    bar.clear();
    console.out << fmt::format("{} images of {} drawn people in {}\n", images, options.images.subjects,
                               options.images.folder.string());
  }
  if (!options.video.path.empty()) {
    options.video.seed = options.images.seed;
    options.video.segments = segments_of(options.video_segments);
    options.video.size = size_of(options.video_size);
    ProgressBar bar = log.bar("drawing video");
    const auto labels = write_synthetic_video(options.video, bar_progress(bar));
    bar.clear();
    console.out << fmt::format("{}, its labels in {}\n", options.video.path.string(), labels.string());
  }
}

void fetch(const DataOptions& options, const Console& console, const Log& log) {
  std::vector<ModelFile> files;
  for (const std::string& name : options.fetch_names)
    std::ranges::move(files_of_model(name), std::back_inserter(files));
  if (!options.mirror.empty() && files.size() > 1) {
    throw usage_error(
        "--from names one file, and {} are to be fetched; copy them to the models folder instead",
        files.size());
  }
  const auto folder = options.models_folder.empty() ? default_models_folder() : options.models_folder;
  for (const ModelFile& file : files) {
    ProgressBar bar = log.bar("fetching " + file.name, " kB");
    const ProgressFn progress = bar_progress(bar);
    const auto path =
        fetch_model_file(file, folder, options.mirror,
                         [&](std::size_t done, std::size_t total) { progress(done / 1000, total / 1000); });
    bar.clear();
    console.out << fmt::format("{} (licence: {})\n", path.string(), file.licence) << std::flush;
  }
}

}  // namespace

int data_tool(std::span<const std::string> arguments, const Console& console) {
  CLI::App app("Looks over data sets, writes splits, makes synthetic faces and fetches model files.",
               "fer-data");
  app.fallthrough();  // common options may stand behind the command, too
  DataOptions options;
  CLI::App& check_command =
      *app.add_subcommand("check", "Say what is in a data set and what is wrong with it");
  CLI::App& split_command = *app.add_subcommand("split", "Write the split of an experiment to a file");
  CLI::App& synth_command =
      *app.add_subcommand("synth", "Draw a data set of synthetic faces, or a labelled video");
  CLI::App& fetch_command = *app.add_subcommand("fetch", "Fetch models from their publishers");
  describe_check(check_command, options.check);
  describe_split(split_command, options.split);
  describe_synth(synth_command, options);
  describe_video(synth_command, options);
  describe_fetch(fetch_command, options);
  add_common_options(app, options.log);
  app.require_subcommand(1);
  if (const auto done = parse_options(app, arguments, console)) return *done;
  const StopSignal signals;
  if (check_command.parsed()) return check_data(options.check, options.log, console);
  if (split_command.parsed()) write_split(options.split, options.log, console);
  if (synth_command.parsed()) synth(options, console, Log(console, options.log));
  if (fetch_command.parsed()) fetch(options, console, Log(console, options.log));
  return kOk;
}

}  // namespace fer
