#include "evaluation_folder.hpp"

#include <algorithm>

#include "fer/core/files.hpp"
#include "fer/report/confusion_figure.hpp"
#include "fer/report/error_files.hpp"
#include "fer/report/metrics_files.hpp"
#include "fer/report/mistakes_picture.hpp"
#include "fer/report/reliability_figure.hpp"
#include "fer/vision/image.hpp"

namespace fer {
namespace {

std::string title_of(const std::string& part) {
  return part == "val"     ? "Validation"
         : part == "test"  ? "Test"
         : part == "train" ? "Training"
                           : "All samples";
}

std::string source_of(const ScoredSamples& scored, std::size_t sample) {
  const auto sources = scored.attributes.find("source");
  return sources == scored.attributes.end() ? "" : sources->second[sample];
}

std::string accuracy_text(const Evaluation& evaluation) {
  const auto [interval, subjects] = accuracy_interval(evaluation);
  return fmt::format("accuracy {:.4f} (95 % {:.4f}-{:.4f}{})", evaluation.metrics.accuracy, interval.low,
                     interval.high, subjects > 0 ? fmt::format(" by {} subjects", subjects) : "");
}

}  // namespace

void write_evaluation(const std::filesystem::path& folder, const std::string& suffix,
                      const EvaluationReport& report) {
  const auto& [part, scored, evaluation] = report.part;
  std::vector<Prediction> predictions;
  for (std::size_t i = 0; i < scored.paths.size(); ++i) {
    predictions.push_back({.path = scored.paths[i],
                           .label = scored.labels[i],
                           .probabilities = scored.probabilities[i],
                           .source = source_of(scored, i)});
  }
  std::optional<Metrics> before;
  if (evaluation.uncalibrated) before = evaluation.uncalibrated->metrics;
  const Confusion& confusion = evaluation.metrics.confusion;
  write_file(folder / ("metrics" + suffix + ".json"), metrics_json({.split = part,
                                                                    .protocol = report.protocol,
                                                                    .classes = report.classes,
                                                                    .metrics = evaluation.metrics,
                                                                    .calibration = report.calibration,
                                                                    .in_sample = report.in_sample,
                                                                    .uncalibrated = before,
                                                                    .groups = evaluation.groups,
                                                                    .gaps = evaluation.gaps,
                                                                    .intervals = evaluation.intervals}));
  write_file(folder / ("predictions" + suffix + ".csv"), predictions_csv(predictions, report.classes));
  write_file(folder / ("confusion_matrix" + suffix + ".csv"), confusion_csv(confusion, report.classes));
  write_figure(folder / ("confusion_matrix" + suffix),
               confusion_figure(confusion, report.classes, title_of(part)));
  write_file(folder / ("reliability" + suffix + ".csv"), reliability_csv(evaluation));
  write_figure(folder / ("reliability" + suffix),
               reliability_figure(evaluation, report.calibration, title_of(part)));
  write_file(folder / ("groups" + suffix + ".csv"), groups_csv(evaluation.groups, report.classes));
  write_file(folder / ("confusions" + suffix + ".csv"),
             confusions_csv(evaluation.confused, scored, report.classes));
  write_file(folder / ("error_analysis" + suffix + ".txt"),
             error_analysis_text(title_of(part), evaluation, report.classes));
  if (report.crops.empty()) return;
  const Mistakes mistakes{
      .pairs = evaluation.confused, .scored = scored, .crops = report.crops, .classes = report.classes};
  write_image(folder / ("mistakes" + suffix + ".jpg"),
              draw_mistakes(mistakes, title_of(part) + ": mistakes"));
}

Evaluation evaluate_with_bar(const ScoredSamples& scored, const ClassList& classes, const Log& log) {
  ProgressBar bar = log.bar("resampling");
  return evaluate_samples(scored, classes,
                          [&](std::size_t done, std::size_t total) { bar.update(done, total); });
}

std::string evaluation_line(const PartEvaluation& part, const std::string& protocol) {
  const Metrics& metrics = part.evaluation.metrics;
  return fmt::format("{}: {}, balanced {:.4f}, macro-F1 {:.4f}, {} images; {}", part.part,
                     accuracy_text(part.evaluation), metrics.balanced_accuracy, metrics.macro_f1,
                     metrics.samples, protocol);
}

void log_calibration(const PartEvaluation& part, const Calibration& calibration, bool in_sample, Log& log) {
  if (!part.evaluation.uncalibrated) return;
  log.info("calibration: {}, {}: ECE {:.4f} before, {:.4f} after{}", name_of(calibration.method), part.part,
           part.evaluation.uncalibrated->metrics.ece, part.evaluation.metrics.ece,
           in_sample ? " (fitted on it)" : "");
}

void log_errors(const PartEvaluation& part, const ClassList& classes, Log& log) {
  log.info("errors ({}):", part.part);
  for (const std::string& line : error_summary(part.evaluation, classes)) log.info("  {}", line);
}

}  // namespace fer
