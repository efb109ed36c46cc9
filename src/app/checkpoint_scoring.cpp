#include "checkpoint_scoring.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "data_loading.hpp"
#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "fer/data/read_sources.hpp"
#include "stop_signal.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kScoringBatch = 64;

/// Words of the data that are no class of the checkpoint, with their number of files.
void refuse_unknown_classes(const Dataset& dataset) {
  std::map<std::string, std::size_t> unknown;
  for (const RejectedFile& file : dataset.rejected) {
    if (!file.unknown_class.empty()) ++unknown[file.unknown_class];
  }
  if (unknown.empty()) return;
  std::vector<std::string> texts;
  for (const auto& [word, files] : unknown) texts.push_back(fmt::format("'{}' ({} files)", word, files));
  throw usage_error(
      "the data have classes the checkpoint does not know: {}; its classes are {}; say --map {}=CLASS, or "
      "--map {}=- to leave them out",
      join(texts, ", "), join(dataset.classes.names(), ", "), unknown.begin()->first, unknown.begin()->first);
}

}  // namespace

TrainingData load_for(const Predictor& predictor, const Experiment& experiment, const fs::path& models_folder,
                      Log& log) {
  ProgressBar bar = log.bar("reading the data sets");
  bar.update(0, 0);
  Dataset dataset = read_sources(sources_of(experiment.data), predictor.facts().classes);
  refuse_unknown_classes(dataset);
  select_samples(dataset, experiment.data);
  TrainingData data;
  data.preprocessing = predictor.facts().preprocessing;
  data.faces = crop_faces(std::move(dataset), crop_options_of(experiment, data.preprocessing, models_folder),
                          progress_of(steps_on(bar), "cropping faces"), stop_requested);
  bar.clear();
  for (const std::string& warning : data.faces.dataset.warnings) log.warning("{}", warning);
  log.info("data: {} images (face found in {}, not in {}; face.missing: {}), {} files rejected",
           data.faces.crops.size(), data.faces.faces_found, data.faces.faces_missing, experiment.face.missing,
           data.faces.dataset.rejected.size());
  return data;
}

std::ptrdiff_t count_trained_on(const ScoredSamples& scored, const fs::path& run, bool allowed) {
  const fs::path file = run / "split.csv";
  if (!fs::exists(file)) return 0;
  const CsvTable table = read_csv_table(file);
  const std::size_t path = table.require("path"), split = table.require("split");
  std::set<std::string> trained;
  for (const CsvRow& row : table.rows) {
    if (row.fields[split] == "train") trained.insert(row.fields[path]);
  }
  const auto known = std::ranges::count_if(scored.paths, [&](const auto& p) { return trained.contains(p); });
  if (known > 0 && !allowed) {
    throw data_error(
        "{} of {} samples are ones the checkpoint was trained on ({}): evaluate its own test part, or say "
        "--set data.allow_leakage=true",
        known, scored.paths.size(), file.string());
  }
  return known;
}

void score(ScoredSamples& scored, LogitPredictor& predictor, std::span<const cv::Mat> crops, const Log& log) {
  ProgressBar bar = log.bar("predicting");
  for (std::size_t first = 0; first < crops.size(); first += kScoringBatch) {
    if (stop_requested()) throw Stopped();
    const auto batch = crops.subspan(first, std::min(kScoringBatch, crops.size() - first));
    for (const std::vector<float>& logits : predictor.logits(batch)) {
      scored.probabilities.push_back(calibrated(logits, predictor.facts().calibration));
      scored.uncalibrated.push_back(softmax(logits));
    }
    bar.update(scored.probabilities.size(), crops.size());
  }
}

}  // namespace fer
