#include "data_loading.hpp"

#include <algorithm>

#include "fer/config/load.hpp"
#include "fer/core/stopwatch.hpp"
#include "fer/core/text.hpp"
#include "fer/data/attributes.hpp"
#include "fer/data/read_sources.hpp"
#include "stop_signal.hpp"

namespace fer {
namespace {

void say_sources(const Dataset& dataset, Log& log) {
  if (!has_several_sources(dataset)) return;
  std::vector<std::string> sources;
  for (const std::string& name : attribute_values(dataset, "source"))
    sources.push_back(fmt::format("{} {}", name, std::ranges::count(dataset.samples, name, &Sample::source)));
  log.info("sources: {}", join(sources, ", "));
}

}  // namespace

TrainingData load_data(const Experiment& experiment, const std::filesystem::path& models_folder, Log& log) {
  const Stopwatch watch;
  ProgressBar bar = log.bar("reading the data sets");
  TrainingData data = load_training_data(experiment, models_folder, steps_on(bar), stop_requested);
  bar.clear();
  const FaceCrops& faces = data.faces;
  std::vector<std::string> classes;
  for (int label = 0; label < faces.dataset.classes.size(); ++label) {
    const auto count = std::ranges::count(faces.dataset.samples, label, &Sample::label);
    classes.push_back(fmt::format("{} {}", faces.dataset.classes.name(label), count));
  }
  log.info("data: {} images ({})", faces.crops.size(), join(classes, ", "));
  if (!faces.dataset.left_out.empty())
    log.info("data.only leaves {} images out", faces.dataset.left_out.size());
  for (const std::string& warning : faces.dataset.warnings) log.warning("{}", warning);
  say_sources(faces.dataset, log);
  log.debug("data: read and cropped in {:.2f} s", watch.seconds());
  log.info("crops: {}", faces.from_cache ? "from the cache" : "made now");
  log.info("faces: found in {} images, not in {} (face.missing: {})", faces.faces_found, faces.faces_missing,
           experiment.face.missing);
  const auto& rejected = faces.dataset.rejected;
  if (!rejected.empty()) {
    log.warning("{} files were left out, the first: {}: {} (all are in rejected.csv)", rejected.size(),
                rejected[0].path, rejected[0].reason);
  }
  return data;
}

SourceConfig source_of(const std::filesystem::path& root, const std::string& kind) {
  SourceConfig source;
  source.root = root.string();
  if (kind.ends_with(".yaml") || kind.ends_with(".yml")) {
    source.kind = "layout";
    source.layout = load_layout(kind);
  } else {
    source.kind = kind == "auto" ? guess_dataset_kind(root) : dataset_reader(kind).name;
  }
  return source;
}

StepsFn steps_on(ProgressBar& bar) {
  return [&bar](std::string_view step, std::size_t done, std::size_t total) {
    bar.update_step(step, done, total);
  };
}

void split_data(TrainingData& data, const Experiment& experiment, Log& log) {
  ProgressBar bar = log.bar("comparing parts");
  split_training_data(data, experiment, steps_on(bar), stop_requested);
}

void say_split(const TrainingData& data, Log& log) {
  const auto& samples = data.split.samples;
  std::vector<std::string> parts;
  for (const Part part : {Part::train, Part::val, Part::test, Part::unused}) {
    const std::size_t count = samples[static_cast<std::size_t>(part)];
    if (count > 0 || part != Part::unused) parts.push_back(fmt::format("{} {}", count, part_name(part)));
  }
  log.info("split: {}: {}", split_text(data.split), join(parts, ", "));
  if (const DroppedSuspects& suspects = data.split.suspects; !suspects.file.empty()) {
    log.info(
        "suspects: {} of {} listed leave the training part, {} are in other parts and stay; {}, SHA-256 {}",
        suspects.dropped, suspects.listed, suspects.other_parts, suspects.file, suspects.sha256);
  }
  for (const std::string& warning : data.warnings) log.warning("split: {}", warning);
}

void say_balance(const TrainingData& data, const Experiment& experiment, Log& log) {
  if (sampling_of(experiment, data).empty()) return;
  log.info("balance: {}",
           balance_text(data.faces.dataset, indices_of(data.parts, Part::train), balance_of(experiment)));
}

}  // namespace fer
