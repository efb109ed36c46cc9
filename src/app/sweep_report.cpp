#include "sweep_report.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "eval_compare.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"
#include "fer/eval/metrics.hpp"
#include "fer/report/metrics_files.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostCompared = 12;

std::string state_name(SweepState state, bool failed) {
  if (state == SweepState::finished) return "finished";
  if (failed) return "failed";
  return state == SweepState::begun ? "begun" : "waiting";
}

SweepRunResult result_of(const SweepFolder& folder, const SweepRun& run,
                         const std::map<int, SweepFailure>& failures) {
  const SweepState state = folder.state_of(run);
  const auto failure = failures.find(run.number);
  SweepRunResult result{.number = run.number,
                        .variant = run.variant,
                        .values = run.values,
                        .seed = run.seed,
                        .fold = run.fold,
                        .state = state_name(state, failure != failures.end())};
  const fs::path path = folder.folder_of(run);
  if (state == SweepState::finished) result.overview = read_overview(std::span(&path, 1)).runs.front();
  result.overview.folder = path;
  if (result.state == "failed") result.exit_code = failure->second.code;
  return result;
}

PredictionList pooled_predictions(const std::vector<fs::path>& folders) {
  PredictionList pooled;
  for (const fs::path& folder : folders) {
    PredictionList list = read_predictions(folder / "predictions.csv");
    if (&folder == &folders.front()) pooled.classes = list.classes;
    if (list.classes != pooled.classes)
      throw data_error("{}: has other classes than {}", folder.string(), folders.front().string());
    std::ranges::move(list.predictions, std::back_inserter(pooled.predictions));
  }
  return pooled;
}

Metrics metrics_of(const PredictionList& list) {
  std::vector<int> labels;
  std::vector<std::vector<float>> probabilities;
  for (const Prediction& prediction : list.predictions) {
    if (!prediction.label) throw data_error("{}: has no label", prediction.path);
    labels.push_back(*prediction.label);
    probabilities.push_back(prediction.probabilities);
  }
  return evaluate(labels, probabilities, list.classes.size());
}

/// Fills a report, step by step.
class Gathering {
 public:
  Gathering(const Sweep& sweep, const SweepFolder& folder, Log& log) : folder_(folder), log_(log) {
    report_.name = sweep.name;
    report_.folds = sweep.folds;
    for (const SweepKey& key : sweep.vary) report_.keys.push_back(key.key);
  }

  SweepReport make() {
    read_runs();
    for (SweepVariant& variant : report_.variants) add_figures(variant);
    std::ranges::stable_sort(report_.variants, std::greater<>(), [](const SweepVariant& variant) {
      return std::tuple(variant.finished > 0, variant.accuracy.mean, variant.macro_f1.mean);
    });
    compare();
    return std::move(report_);
  }

 private:
  using Folds = std::vector<fs::path>;  // folders of finished runs

  void read_runs() {
    const auto failures = folder_.failures();
    for (const SweepRun& run : folder_.runs()) {
      const SweepRunResult& result = report_.runs.emplace_back(result_of(folder_, run, failures));
      auto variant = std::ranges::find(report_.variants, run.variant, &SweepVariant::name);
      if (variant == report_.variants.end()) {
        report_.variants.push_back({.name = run.variant, .values = run.values});
        variant = std::prev(report_.variants.end());
      }
      ++variant->runs;
      if (result.state != "finished") continue;
      ++variant->finished;
      finished_[run.variant][run.seed].push_back(result.overview.folder);
    }
  }

  bool is_whole(const Folds& folds) const { return std::ssize(folds) == std::max(1, report_.folds); }

  void add_figures(SweepVariant& variant) const {
    std::vector<double> accuracies, f1s;
    for (const SweepRunResult& run : report_.runs) {
      if (run.variant != variant.name || !run.overview.figures) continue;
      accuracies.push_back(run.overview.figures->accuracy);
      f1s.push_back(run.overview.figures->macro_f1);
    }
    if (accuracies.empty()) return;
    variant.accuracy = spread_of(accuracies);
    variant.macro_f1 = spread_of(f1s);
    if (report_.folds > 0) variant.pooled = pooled_figures(variant.name);
  }

  std::optional<SweepVariant::Pooled> pooled_figures(const std::string& variant) const {
    std::vector<double> accuracies, f1s;
    for (const auto& [seed, folds] : finished_.at(variant)) {
      if (!is_whole(folds)) continue;
      const Metrics metrics = metrics_of(pooled_predictions(folds));
      accuracies.push_back(metrics.accuracy);
      f1s.push_back(metrics.macro_f1);
    }
    if (accuracies.empty()) return std::nullopt;
    return SweepVariant::Pooled{.accuracy = spread_of(accuracies).mean, .macro_f1 = spread_of(f1s).mean};
  }

  /// The variants that have every fold of this seed, best first.
  std::vector<std::string> whole_variants(std::uint64_t seed) const {
    std::vector<std::string> names;
    for (const SweepVariant& variant : report_.variants) {
      const auto seeds = finished_.find(variant.name);
      if (seeds == finished_.end()) continue;
      const auto folds = seeds->second.find(seed);
      if (folds != seeds->second.end() && is_whole(folds->second)) names.push_back(variant.name);
    }
    return names;
  }

  /// Where a variant's predictions lie, of all folds together.
  fs::path predictions_folder(const std::string& variant, std::uint64_t seed) const {
    const Folds& folds = finished_.at(variant).at(seed);
    if (report_.folds == 0) return folds.front();
    const fs::path pooled = folder_.path() / "variants" / variant;
    const PredictionList list = pooled_predictions(folds);
    make_folder(pooled);
    write_file(pooled / "predictions.csv", predictions_csv(list.predictions, list.classes));
    write_file(pooled / "split.csv", read_file(folds.front() / "split.csv"));  // for the subjects
    return pooled;
  }

  void compare() {
    if (report_.variants.size() < 2) return;
    std::uint64_t best_seed = 0;
    std::vector<std::string> names;
    for (const SweepRunResult& run : report_.runs) {
      std::vector<std::string> whole = whole_variants(run.seed);
      if (whole.size() <= names.size()) continue;
      names = std::move(whole);
      best_seed = run.seed;
    }
    if (names.size() < 2) {
      report_.comparison_note =
          "Not compared in pairs: fewer than two variants have all of their runs of one seed.";
      return;
    }
    const bool some = names.size() > kMostCompared;
    if (some) names.resize(kMostCompared);
    compare(names, best_seed);
    if (report_.comparison)
      report_.comparison_note = fmt::format(
          "{}{} variants in pairs, by the predictions of their runs of seed {}{}.", some ? "The best " : "",
          names.size(), best_seed, report_.folds > 0 ? ", on all folds" : "");
  }

  void compare(const std::vector<std::string>& names, std::uint64_t seed) {
    CompareOptions options{.models = {}, .common = true, .output = folder_.path() / "comparison"};
    for (const std::string& name : names) options.models.push_back(predictions_folder(name, seed));
    try {
      report_.comparison = compare_folders(options, log_);
      report_.comparison->names = names;
      write_comparison(options.output, *report_.comparison);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::data) throw;
      report_.comparison_note = fmt::format("Not compared in pairs: {}", error.what());
    }
  }

  const SweepFolder& folder_;
  Log& log_;
  SweepReport report_;
  std::map<std::string, std::map<std::uint64_t, Folds>> finished_;  // by variant and seed
};

}  // namespace

SweepReport gather_sweep(const Sweep& sweep, const SweepFolder& folder, Log& log) {
  return Gathering(sweep, folder, log).make();
}

}  // namespace fer
