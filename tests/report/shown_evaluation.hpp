#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "fer/report/training_page.hpp"

namespace fer::test {

/// The evaluation of 24 images of two people, a third of them wrong, for pages about it.
struct ShownEvaluation {
  ClassList classes{{"angry", "happy", "<script>alert(1)</script>"}};
  PartEvaluation part = {.part = "test", .scored = {}, .evaluation = {}};
  std::vector<cv::Mat> crops;

  ShownEvaluation() {
    for (int i = 0; i < 24; ++i) {
      const int label = i % 3, said = i % 9 < 3 ? (label + 1) % 3 : label;
      std::vector<float> row(3, 0.1F);
      row[static_cast<std::size_t>(said)] = 0.8F;
      part.scored.paths.push_back("faces/\"<img src=x onerror=alert(1)>'" + std::to_string(i) + ".png");
      part.scored.labels.push_back(label);
      part.scored.probabilities.push_back(row);
      part.scored.uncalibrated.push_back(row);
      part.scored.subjects.push_back(i % 2 == 0 ? "F01" : "M02");
      part.scored.attributes["<b>angle</b>"].push_back(i < 12 ? "left" : "right");
      crops.emplace_back(32, 32, CV_8UC3, cv::Scalar(10 * i, 120, 240 - 10 * i));
    }
    part.evaluation = evaluate_samples(part.scored, classes);
  }

  PagePart shown() const { return {.evaluation = &part, .crops = crops}; }
};

/// Three epochs of two stages.
inline PageCourse course_of_three_epochs() {
  PageCourse course{.stages = {"head", "all"}, .planned = 3, .best_epoch = 2};
  for (int epoch = 1; epoch <= 3; ++epoch) {
    course.epochs.push_back({.epoch = epoch,
                             .stage = epoch == 1 ? 1 : 2,
                             .lr = 1e-3,
                             .train_loss = 2.0 / epoch,
                             .train_accuracy = 0.25 * epoch,
                             .val_loss = 2.5 / epoch,
                             .val_accuracy = 0.2 * epoch,
                             .val_macro_f1 = 0.2 * epoch,
                             .images_per_second = 100,
                             .seconds = 12.3});
  }
  return course;
}

/// All a finished training has to show.
inline TrainingPage page_of(const ShownEvaluation& evaluation) {
  TrainingPage page;
  page.title = "<script>alert(1)</script> & 'Zoë'";
  page.classes = evaluation.classes;
  page.protocol = "subject-disjoint <split>";
  page.warnings = {"class <x> is absent"};
  page.data.counts = {{.name = "train", .samples = 30, .subjects = 4, .per_class = {10, 10, 10}},
                      {.name = "test", .samples = 24, .subjects = 2, .per_class = {8, 8, 8}}};
  page.data.rejected = {{.path = "<evil>.png", .reason = "cannot be decoded"}};
  page.course = course_of_three_epochs();
  page.parts = {evaluation.shown()};
  page.config = "experiment: {name: \"</pre><script>alert(1)</script>\"}";
  page.made_with = {{"Device", "cpu, 2 threads"}, {"Command", "fer-train --name '<script>'"}};
  return page;
}

}  // namespace fer::test
