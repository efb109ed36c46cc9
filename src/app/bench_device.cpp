#include "bench_device.hpp"

#include <algorithm>
#include <opencv2/core.hpp>
#include <opencv2/core/utility.hpp>
#include <ostream>

#include "bench_checkpoint.hpp"
#include "child_process.hpp"
#include "engines.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/processor.hpp"
#include "fer/core/progress.hpp"
#include "fer/core/shipped_models.hpp"
#include "fer/core/text.hpp"
#include "fer/model/backbone_facts.hpp"
#include "fer/model/device.hpp"
#include "fer/model/predictor.hpp"
#include "fer/report/device_files.hpp"
#include "process_facts.hpp"
#include "scratch_path.hpp"
#include "stop_signal.hpp"
#include "video_stages.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

/// With what was left to be found out.
DeviceBenchOptions completed(DeviceBenchOptions options) {
  if (options.rates.threads == 0) options.rates.threads = usable_cores();
  options.rates.device = in_child_process([&] { return select_device(options.rates.device).str(); });
  if (!options.model.empty()) options.model = checkpoint_file(model_path(options.model)).string();
  return options;
}

DeviceReport facts_of_machine(const RateOptions& options) {
  const ProcessorFacts processor = this_processor();
  DeviceReport report;
  report.processor = processor.model;
  report.features = processor.features;
  report.cores = usable_cores();
  report.threads = options.threads;
  report.device = options.device;
  report.system = system_text();
  report.libtorch = libtorch_version();
  report.opencv = CV_VERSION;
  return report;
}

CheckpointFacts facts_of_checkpoint(const fs::path& path, int threads) {
  const auto words = split(in_child_process([&] {
                             use_threads(threads);
                             const CheckpointFacts facts = checkpoint_facts(path);
                             return fmt::format("{} {} {} {:d}", facts.backbone, facts.input_size,
                                                facts.parameters, facts.quantised);
                           }),
                           ' ');
  return {.backbone = words.at(0),
          .input_size = static_cast<int>(parse_integer(words.at(1)).value()),
          .parameters = parse_integer(words.at(2)).value(),
          .quantised = words.at(3) == "1"};
}

/// Returns the size of its file.
std::int64_t quantise(const fs::path& checkpoint, const fs::path& quantised, int threads) {
  const std::string size = in_child_process([&] {
    use_threads(threads);
    quantise_on_noise(checkpoint, quantised);
    return std::to_string(fs::file_size(quantised));
  });
  return parse_integer(size).value();
}

/// Takes a checkpoint in float and one that is quantised on noise.
void measure_int8(DeviceReport& report, const fs::path& checkpoint, const RateOptions& options) {
  const ScratchPath quantised("-int8.safetensors");
  std::vector<DeviceRate> rates;
  try {
    report.int8_bytes = quantise(checkpoint, quantised.path(), options.threads);
    rates = measure_rates(quantised.path(), "int8", options);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::usage) throw;
    for (const int batch : options.batches)
      rates.push_back({.precision = "int8", .batch = batch, .not_supported = error.what()});
  }
  report.rates.insert(report.rates.end(), rates.begin(), rates.end());
}

void measure_precision(DeviceReport& report, const fs::path& checkpoint, const std::string& precision,
                       const RateOptions& options) {
  const auto rates = measure_rates(checkpoint, precision, options);
  report.rates.insert(report.rates.end(), rates.begin(), rates.end());
}

/// What video_stages() gives, as lines.
std::string video_text(const fs::path& checkpoint, VideoStageOptions stages, const RateOptions& options) {
  use_threads(options.threads);
  cv::setNumThreads(options.threads);
  const ScratchPath drawn("-drawn.mp4");
  const ScratchPath encoded("-encoded.mp4");
  const bool draw = stages.video.empty();
  const std::string name = draw ? "drawn" : stages.video.filename().string();
  if (draw) {
    draw_clip(drawn.path(), stages.frames);
    stages.video = drawn.path();
  }
  stages.encoded = encoded.path();
  const auto predictor = load_predictor(checkpoint, {.device = options.device});
  const VideoStages measured = video_stages(stages, *predictor);
  std::vector<std::string> lines = {fmt::format("{}, {}", name, measured.setting)};
  for (const DeviceStage& stage : measured.stages)
    lines.push_back(fmt::format("{} {}", stage.name, stage.ms));
  return join(lines, "\n");
}

void measure_video(DeviceReport& report, const fs::path& checkpoint, const DeviceBenchOptions& options) {
  const VideoStageOptions stages{
      .video = options.video, .frames = options.rates.quick ? 10 : 100, .threads = options.rates.threads};
  const std::string text = in_child_process([&] { return video_text(checkpoint, stages, options.rates); });
  const std::vector<std::string> lines = split(text, '\n');
  report.video = lines.at(0);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto words = split(lines[i], ' ');
    report.stages.push_back({.name = words.at(0), .ms = parse_number(words.at(1)).value()});
  }
}

/// Median of three, after one that fills the system's caches.
double start_up_seconds(const fs::path& checkpoint, const RateOptions& options) {
  const std::vector<std::string> arguments = {"first-result", checkpoint.string(),
                                              "--device",     options.device,
                                              "--threads",    std::to_string(options.threads)};
  seconds_of_program(arguments);
  std::vector<double> seconds;
  for (int i = 0; i < 3; ++i) seconds.push_back(seconds_of_program(arguments));
  std::ranges::sort(seconds);
  return seconds[1];
}

/// Leaves early when asked to stop.
void measure(DeviceReport& report, const fs::path& checkpoint, const DeviceBenchOptions& options,
             ProgressBar& bar) {
  const CheckpointFacts facts = facts_of_checkpoint(checkpoint, options.rates.threads);
  report.backbone = facts.backbone;
  report.input_size = facts.input_size;
  report.parameters = facts.parameters;
  report.model_bytes = static_cast<std::int64_t>(fs::file_size(checkpoint));
  const std::size_t steps = options.precisions.size() + 1;
  for (std::size_t i = 0; i + 1 < steps && !stop_requested(); ++i) {
    const std::string& precision = options.precisions[i];
    bar.update(i, steps, precision);
    if (precision == "int8" && !facts.quantised) {
      measure_int8(report, checkpoint, options.rates);
    } else {
      measure_precision(report, checkpoint, precision, options.rates);
    }
  }
  bar.update(steps - 1, steps, "video and start");
  if (!options.no_video && !stop_requested()) measure_video(report, checkpoint, options);
  if (!options.no_start_up && !stop_requested())
    report.start_up_seconds = start_up_seconds(checkpoint, options.rates);
}

}  // namespace

void describe(CLI::App& command, DeviceBenchOptions& options) {
  command
      .add_option(
          "-m,--model", options.model,
          "Checkpoint, run folder, or the name of a shipped one; otherwise MobileNetV2 with random weights")
      ->type_name("FILE");
  command.add_option("--size", options.size, "Side of the images of the one with random weights, in pixels")
      ->check(CLI::Range(32, 1024))
      ->capture_default_str();
  command
      .add_option("--precision", options.precisions,
                  "Those to measure, with commas between; a checkpoint in float is quantised for int8")
      ->delimiter(',')
      ->check(CLI::IsMember({"fp32", "bf16", "int8"}))
      ->capture_default_str();
  command.add_option("-b,--batch", options.rates.batches, "Images predicted at once, with commas between")
      ->delimiter(',')
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_option("--video", options.video, "Measure the stages on this video instead of a drawn one")
      ->type_name("FILE");
  command.add_flag("--no-video", options.no_video, "Leave the stages of a video out");
  command.add_flag("--no-start-up", options.no_start_up, "Leave the start-up time out");
  command.add_flag("--quick", options.rates.quick, "Few repetitions: does it run? The figures mean little");
  command.add_option("--device", options.rates.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  command.add_option("--threads", options.rates.threads, "Threads to compute with; 0: one per core")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("--json", options.json, "Write the report to this file, too")->type_name("FILE");
}

int bench_device(const DeviceBenchOptions& options, const LogOptions& log_options, const Console& console) {
  const StopSignal signals;
  Log log(console, log_options);
  const DeviceBenchOptions known = completed(options);
  DeviceReport report = facts_of_machine(known.rates);
  const ScratchPath drawn("-model.safetensors");
  const fs::path checkpoint = known.model.empty() ? drawn.path() : fs::path(known.model);
  report.model = known.model.empty() ? "random weights" : checkpoint.filename().string();
  if (known.model.empty()) {
    in_child_process([&] {
      use_threads(known.rates.threads);
      write_random_checkpoint(checkpoint, {.backbone = "mobilenet_v2", .input_size = known.size});
      return std::string();
    });
  }
  ProgressBar bar = log.bar("device");
  measure(report, checkpoint, known, bar);
  bar.clear();
  if (stop_requested()) return stop_exit_code();
  if (!options.json.empty()) write_file(options.json, device_json(report));
  console.out << device_markdown(report) << std::flush;
  if (!options.json.empty()) log.info("report: {}", options.json.string());
  return kOk;
}

void describe(CLI::App& command, FirstResultOptions& options) {
  command.add_option("model", options.model, "Checkpoint")->required();
  command.add_option("--device", options.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  command.add_option("--threads", options.threads, "Threads to compute with")->check(CLI::PositiveNumber);
}

int first_result(const FirstResultOptions& options) {
  use_threads(options.threads);
  const auto predictor = load_predictor(options.model, {.device = options.device});
  predictor->predict(random_crops(1, predictor->facts().preprocessing.size));
  return kOk;
}

void describe(CLI::App& command, DeviceCompareOptions& options) {
  command.add_option("a", options.a, "Report of 'fer-bench device --json'")->required();
  command.add_option("b", options.b, "The other")->required();
}

int compare_devices(const DeviceCompareOptions& options, const Console& console) {
  console.out << device_comparison(read_device_report(options.a), read_device_report(options.b))
              << std::flush;
  return kOk;
}

}  // namespace fer
