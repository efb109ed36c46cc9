#include "data_check.hpp"

#include <algorithm>
#include <array>
#include <ostream>
#include <thread>

#include "data_loading.hpp"
#include "detector_choice.hpp"
#include "fer/config/load.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"
#include "fer/data/inspection.hpp"
#include "fer/data/read_sources.hpp"
#include "fer/model/face_detectors.hpp"
#include "fer/report/inspection_files.hpp"
#include "fer/train/training_data.hpp"
#include "fer/vision/image.hpp"
#include "stop_signal.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 3> kCheckOutputs = {"check.json", "problems.csv", "contact_sheet.jpg"};

struct Task {
  std::vector<DatasetSource> sources;
  ClassList classes;
};

/// DATA in place of the experiment's sources, if both are named.
Task task_of(const CheckOptions& options) {
  Task task;
  if (!options.configs.empty()) {
    const DataConfig data = load_experiment(options.configs, {}).data;
    task.sources = sources_of(data);
    if (!data.classes.empty()) task.classes = ClassList(data.classes);
  }
  if (!options.classes.empty()) task.classes = ClassList(options.classes);
  if (!options.data.empty()) {
    DataConfig named;
    for (const fs::path& root : options.data) named.sources.push_back(source_of(root, options.kind));
    task.sources = sources_of(named);
  }
  if (task.sources.empty())
    throw usage_error("fer-data check: name folders or lists to look at, or an experiment with -c");
  return task;
}

/// Each is made once right away, so that a missing file shows before the work. `none` looks for no face at
/// all.
std::vector<InspectionDetector> detectors_of(const CheckOptions& options, Log& log) {
  const std::string& none = whole_image_detector().facts.name;
  if (options.detectors == std::vector{none}) return {};
  const std::vector<std::string> usual = {haar_detector().facts.name, yunet_detector().facts.name};
  std::vector<InspectionDetector> detectors;
  for (const FaceDetectorKind* kind :
       choose_detectors(options.detectors, usual, options.detection.models_folder, log)) {
    const auto make = [kind, detection = options.detection] { return kind->make(detection); };
    make();
    detectors.push_back({.name = kind->facts.name, .make = make});
  }
  return detectors;
}

void require_free(const CheckOptions& options) {
  if (options.output.empty() || options.exist_ok) return;
  for (const char* name : kCheckOutputs) {
    if (fs::exists(options.output / name)) {
      throw usage_error("{}: is there already; name another folder with -o, or pass --exist-ok",
                        (options.output / name).string());
    }
  }
}

std::string title_of(std::span<const DatasetSource> sources) {
  std::vector<std::string> texts;
  for (const DatasetSource& source : sources)
    texts.push_back(fmt::format("{} ({})", source.root.string(), source.kind));
  return join(texts, ", ");
}

void write_outputs(const CheckOptions& options, const Inspection& inspection,
                   std::span<const DatasetSource> sources) {
  make_folder(options.output);
  write_file(options.output / kCheckOutputs[0], inspection_json(inspection, sources));
  write_file(options.output / kCheckOutputs[1], problems_csv(inspection));
  write_image(options.output / kCheckOutputs[2],
              draw_contact_sheet(inspection, title_of(sources), options.examples));
}

bool is_unread(const Problem& problem) {
  return problem.kind == ProblemKind::unreadable || problem.kind == ProblemKind::truncated;
}

}  // namespace

void describe_check(CLI::App& command, CheckOptions& options) {
  command.add_option("data", options.data, "Folders or list files");
  command
      .add_option("--kind", options.kind,
                  "What they are: auto, a kind of data.sources, or a layout file (.yaml)")
      ->capture_default_str();
  command.add_option("--classes", options.classes, "Class names with commas between")
      ->delimiter(',')
      ->allow_extra_args(false);
  command.add_option("-c,--config", options.configs, "Experiment file (YAML) that names data and classes")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command
      .add_option(
          "--detectors", options.detectors,
          "Names with commas between, 'all' or 'none'; otherwise haar, and yunet where its file is found")
      ->delimiter(',')
      ->allow_extra_args(false);
  add_detection_options(command, options.detection);
  command.add_option("-j,--workers", options.workers, "Threads; 0: one per core")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("-o,--output", options.output, "Folder for check.json, problems.csv, contact_sheet.jpg")
      ->type_name("DIR");
  command.add_option("--examples", options.examples, "Pictures on the sheet, of each class and problem")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command.add_flag("--exist-ok", options.exist_ok, "Write over existing files");
}

int check_data(const CheckOptions& options, const LogOptions& log_options, const Console& console) {
  Log log(console, log_options);
  require_free(options);
  const Task task = task_of(options);
  const std::vector<InspectionDetector> detectors = detectors_of(options, log);
  const Dataset dataset = read_sources(task.sources, task.classes);
  for (const std::string& warning : dataset.warnings) log.warning("{}", warning);
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  ProgressBar bar = log.bar("looking at images");
  const Inspection inspection = inspect(dataset,
                                        {.detectors = detectors,
                                         .workers = options.workers > 0 ? options.workers : cores,
                                         .examples = options.output.empty() ? 0 : options.examples},
                                        steps_on(bar), stop_requested);
  bar.clear();
  if (!options.output.empty()) write_outputs(options, inspection, task.sources);
  console.out << title_of(task.sources) << "\n\n" << inspection_summary(inspection) << std::flush;
  if (!options.output.empty()) log.info("files: {}", options.output.string());
  return std::ranges::any_of(inspection.problems, is_unread) ? kSomeInputsFailed : kOk;
}

}  // namespace fer
