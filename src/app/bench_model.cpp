#include "bench_model.hpp"

#include <algorithm>
#include <functional>
#include <opencv2/core.hpp>
#include <optional>
#include <ostream>
#include <span>
#include <thread>

#include "child_process.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/progress.hpp"
#include "fer/core/stopwatch.hpp"
#include "fer/core/text.hpp"
#include "fer/model/backbone_facts.hpp"
#include "fer/model/device.hpp"
#include "fer/model/predictor.hpp"
#include "fer/report/backbone_files.hpp"
#include "options.hpp"
#include "predictor_rates.hpp"
#include "process_facts.hpp"
#include "scratch_path.hpp"
#include "stop_signal.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

/// A line for each row of the table of backbones.
std::string backbone_help() {
  std::string text = "Backbones (with their own input's size):";
  for (const BackboneFacts& facts : backbone_facts())
    text += fmt::format("\n  {:<19} {} ({})", facts.name, facts.summary, facts.input_size);
  return text;
}

/// The names to measure, each known.
std::vector<std::string> chosen_backbones(const ModelBenchOptions& options) {
  std::vector<std::string> known;
  for (const BackboneFacts& facts : backbone_facts()) known.push_back(facts.name);
  if (options.all) return known;
  if (options.names.empty()) {
    throw usage_error("which backbones? Name some, or all with --all (known: {})", join(known, ", "));
  }
  for (const std::string& name : options.names) {
    if (std::ranges::find(known, name) != known.end()) continue;
    throw usage_error("no backbone is called '{}'{} (known: {})", name, did_you_mean(name, known),
                      join(known, ", "));
  }
  return options.names;
}

/// Median of the calls of a second, three at least, after one that warms up.
double seconds_of(const std::function<void()>& call) {
  constexpr double kSeconds = 1;
  constexpr std::ptrdiff_t kLeastCalls = 3;
  call();
  std::vector<double> seconds;
  const Stopwatch whole;
  do {
    const Stopwatch watch;
    call();
    seconds.push_back(watch.seconds());
  } while (!stop_requested() && (whole.seconds() < kSeconds || std::ssize(seconds) < kLeastCalls));
  std::ranges::sort(seconds);
  return seconds[seconds.size() / 2];
}

void use_threads_of(const ModelBenchOptions& options) {
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  use_threads(options.threads > 0 ? options.threads : cores);
}

/// The size of its images, parameters and multiply-adds.
std::string cost_text(const fs::path& checkpoint, const std::string& name, const ModelBenchOptions& options) {
  use_threads_of(options);
  const ClassifierCost cost = write_random_checkpoint(
      checkpoint,
      {.backbone = name, .classes = options.classes, .input_size = options.size, .width = options.width});
  return fmt::format("{} {} {}", cost.input_size, cost.parameters, cost.macs);
}

/// Seconds for one image and for a batch, and bytes.
std::string speed_text(const fs::path& checkpoint, const ModelBenchOptions& options) {
  const std::int64_t before = process_memory("VmRSS");
  use_threads_of(options);
  const auto predictor = load_predictor(checkpoint, options.predictor);
  const std::string& wanted = options.predictor.precision;
  if (wanted != "auto" && predictor->facts().precision != wanted)
    throw usage_error("precision {} is not supported: this device computes it in {}", wanted,
                      predictor->facts().precision);
  const auto crops = random_crops(options.batch, predictor->facts().preprocessing.size);
  const double one = seconds_of([&] { predictor->predict(std::span(crops).first(1)); });
  const double batch = seconds_of([&] { predictor->predict(crops); });
  return fmt::format("{} {} {}", one, batch, process_memory("VmHWM") - before);
}

/// Those of a child's answer.
std::vector<double> numbers_of(const std::string& text) {
  std::vector<double> numbers;
  for (const std::string& word : split(text, ' ')) numbers.push_back(parse_number(word).value());
  return numbers;
}

BackboneFigures measure(const std::string& name, const ModelBenchOptions& options) {
  const ScratchPath checkpoint(".safetensors");
  const auto costs =
      numbers_of(in_child_process([&] { return cost_text(checkpoint.path(), name, options); }));
  const auto speeds = numbers_of(in_child_process([&] { return speed_text(checkpoint.path(), options); }));
  return {.name = name,
          .input_size = static_cast<int>(costs[0]),
          .parameters = static_cast<std::int64_t>(costs[1]),
          .macs = static_cast<std::int64_t>(costs[2]),
          .ms_per_image = 1e3 * speeds[0],
          .images_per_second = options.batch / speeds[1],
          .memory = static_cast<std::int64_t>(speeds[2])};
}

std::string device_of(const ModelBenchOptions& options) {
  return in_child_process([&] {
    use_threads_of(options);
    const std::string device = device_text(select_device(options.predictor.device));
    return options.predictor.precision == "auto" ? device : device + ", " + options.predictor.precision;
  });
}

}  // namespace

void describe(CLI::App& command, ModelBenchOptions& options) {
  command.add_option("name", options.names, "Backbones to measure");
  command.add_flag("--all", options.all, "All of them");
  command.add_option("--size", options.size, "Side of the images in pixels; 0: each backbone's own")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command.add_option("--width", options.width, "Factor of the numbers of channels; for mobilenet_v2")
      ->check(CLI::Range(0.05, 10.0))
      ->capture_default_str();
  command.add_option("-b,--batch", options.batch, "Images predicted at once")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_option("--classes", options.classes, "Classes; the published figures are those of 1000")
      ->check(CLI::Range(2, 100000))
      ->capture_default_str();
  describe_predictor(command, options.predictor);
  command.add_option("--threads", options.threads, "Threads to compute with; 0: one per core")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("--json", options.json, "Write the figures to this file, too")->type_name("FILE");
  command.footer(backbone_help());
}

int bench_models(const ModelBenchOptions& options, const LogOptions& log_options, const Console& console) {
  const StopSignal signals;
  Log log(console, log_options);
  const std::vector<std::string> names = chosen_backbones(options);
  const BackboneSetting setting{.device = device_of(options),
                                .batch = options.batch,
                                .classes = options.classes,
                                .libtorch = libtorch_version()};
  std::vector<BackboneFigures> backbones;
  std::optional<Error> failed;
  ProgressBar bar = log.bar("backbones");
  for (std::size_t i = 0; i < names.size(); ++i) {
    bar.update(i, names.size(), names[i]);
    try {
      backbones.push_back(measure(names[i], options));
    } catch (const Error& error) {
      bar.clear();
      log.warning("{}: {}", names[i], error.what());
      if (!failed) failed = error;
    }
    if (stop_requested()) return stop_exit_code();
  }
  bar.clear();
  if (backbones.empty()) throw *failed;
  if (!options.json.empty()) write_file(options.json, backbone_json(backbones, setting));
  console.out << backbone_table(backbones, setting) << std::flush;
  if (!options.json.empty()) log.info("figures: {}", options.json.string());
  return failed ? kSomeInputsFailed : kOk;
}

}  // namespace fer
