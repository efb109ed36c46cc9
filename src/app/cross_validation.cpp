#include "cross_validation.hpp"

#include <algorithm>
#include <limits>
#include <ostream>

#include "evaluation_folder.hpp"
#include "fer/config/load.hpp"
#include "fer/core/files.hpp"
#include "fer/eval/spread.hpp"
#include "report_page.hpp"

namespace fer {
namespace {

/// Every fold has numbers of its own.
Calibration pooled_calibration(const Experiment& experiment) {
  Calibration calibration;
  calibration.method = calibration_method(experiment.train.calibration);
  calibration.temperature = std::numeric_limits<double>::quiet_NaN();
  return calibration;
}

/// The split without the fold that happened to be the last.
std::string pooled_protocol(const TrainingData& data) {
  SplitFacts facts = data.split;
  facts.fold = 0;
  return split_text(facts) + ", all folds";
}

std::string spread_text(std::span<const SeriesRun> runs) {
  std::vector<double> accuracies, f1s;
  for (const SeriesRun& run : runs) {
    accuracies.push_back(run.metrics.accuracy);
    f1s.push_back(run.metrics.macro_f1);
  }
  const Spread accuracy = spread_of(accuracies), f1 = spread_of(f1s);
  return fmt::format(
      "{} folds: accuracy {:.4f} ± {:.4f}, macro-F1 {:.4f} ± {:.4f} (mean ± standard deviation)", runs.size(),
      accuracy.mean, accuracy.deviation, f1.mean, f1.deviation);
}

}  // namespace

void settle_folds(Experiment& experiment, const Dataset& dataset) {
  if (!is_by_group(experiment.data.split)) return;
  const std::vector<int> folds = assign_folds(dataset, split_options_of(experiment));
  experiment.data.split.folds = std::ranges::max(folds);
}

bool is_cross_validation(const Experiment& experiment) {
  return has_folds(experiment.data.split) && experiment.data.split.fold == 0;
}

std::string fold_text(const SplitConfig& split) {
  return has_folds(split) && split.fold > 0 ? fmt::format("fold {}/{}", split.fold, split.folds) : "";
}

Experiment fold_experiment(Experiment experiment, int fold) {
  const SplitConfig& split = experiment.data.split;
  const auto width = is_by_group(split) ? 1 : std::to_string(split.folds).size();
  experiment.experiment.name += fmt::format("-fold{:0{}}", fold, width);
  experiment.data.split.fold = fold;
  return experiment;
}

void FoldPool::add(const TrainingRun& run, const TrainingData& data) {
  const PartEvaluation& test = run.result.evaluations.back();
  append(pooled_.scored, test.scored);
  for (const std::size_t sample : indices_of(data.parts, Part::test))
    crops_.push_back(data.faces.crops[sample]);
  runs_.push_back({.number = static_cast<std::uint64_t>(data.split.fold),
                   .folder = run.folder.string(),
                   .metrics = test.evaluation.metrics});
}

void FoldPool::report(const std::filesystem::path& folder, const Experiment& experiment,
                      const TrainingData& data, const Console& console, Log& log) {
  const ClassList& classes = data.faces.dataset.classes;
  pooled_.part = "pooled";
  pooled_.evaluation = evaluate_with_bar(pooled_.scored, classes, log);
  const Calibration calibration = pooled_calibration(experiment);
  const std::string protocol = pooled_protocol(data);
  write_file(folder / "config.yaml", dump_experiment(experiment));
  write_file(folder / "split.csv", split_csv(data.faces.dataset, {}, data.folds));
  write_file(folder / "folds.json", series_json("fold", runs_));
  write_evaluation(folder, "",
                   {.part = pooled_,
                    .classes = classes,
                    .calibration = calibration,
                    .protocol = protocol,
                    .crops = crops_});
  TrainingPage page = page_of(experiment, data, folder);
  page.title = experiment.experiment.name + ": all folds";
  page.protocol = protocol;
  page.data.counts = count_folds(data.faces.dataset, data.folds);
  page.folds = runs_;
  page.parts = {{.evaluation = &pooled_, .calibration = calibration, .crops = crops_}};
  write_page(page);
  log_calibration(pooled_, calibration, false, log);
  log_errors(pooled_, classes, log);
  console.out << spread_text(runs_) << '\n'
              << evaluation_line(pooled_, protocol) << "\npooled report " << folder.string() << '\n'
              << report_line(folder) << std::flush;
}

}  // namespace fer
