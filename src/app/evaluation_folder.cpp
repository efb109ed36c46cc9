#include "evaluation_folder.hpp"

#include "fer/core/files.hpp"
#include "fer/report/confusion_picture.hpp"
#include "fer/report/metrics_files.hpp"
#include "fer/vision/image.hpp"

namespace fer {
namespace {

std::string title_of(const std::string& part) {
  return part == "val" ? "Validation" : part == "test" ? "Test" : "All samples";
}

}  // namespace

void write_evaluation(const std::filesystem::path& folder, const std::string& suffix,
                      const EvaluationReport& report) {
  const auto& [part, scored, evaluation] = report.part;
  std::vector<Prediction> predictions;
  for (std::size_t i = 0; i < scored.paths.size(); ++i) {
    predictions.push_back(
        {.path = scored.paths[i], .label = scored.labels[i], .probabilities = scored.probabilities[i]});
  }
  const Confusion& confusion = evaluation.metrics.confusion;
  write_file(folder / ("metrics" + suffix + ".json"), metrics_json({.split = part,
                                                                    .classes = report.classes,
                                                                    .metrics = evaluation.metrics,
                                                                    .temperature = report.temperature,
                                                                    .groups = evaluation.groups}));
  write_file(folder / ("predictions" + suffix + ".csv"), predictions_csv(predictions, report.classes));
  write_file(folder / ("confusion_matrix" + suffix + ".csv"), confusion_csv(confusion, report.classes));
  write_image(folder / ("confusion_matrix" + suffix + ".png"),
              draw_confusion(confusion, report.classes, title_of(part)));
}

}  // namespace fer
