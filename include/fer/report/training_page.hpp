#pragma once

#include <filesystem>
#include <opencv2/core.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "fer/core/calibration.hpp"
#include "fer/data/dataset.hpp"
#include "fer/data/protocol.hpp"
#include "fer/report/evaluation_manifest.hpp"
#include "fer/report/training_files.hpp"
#include "fer/train/training_result.hpp"

namespace fer {

/// What the page says of the images.
struct PageData {
  std::vector<PartCounts> counts = {};  ///< of each part or fold
  std::vector<RejectedFile> rejected = {};
  std::size_t left_out = 0;       ///< samples that data.only does not name
  std::size_t faces_found = 0;    ///< images in which the detector found a face
  std::size_t faces_missing = 0;  ///< images in which it found none
  SplitFacts split = {};
};

/// How a training went, or goes; without epochs the page has no curves.
struct PageCourse {
  std::vector<std::string> stages = {};  ///< what learns in each: "head", "all"
  int planned = 0;                       ///< epochs
  std::vector<EpochResult> epochs = {};
  int best_epoch = 0;        ///< 0: not known
  bool running = false;      ///< the page says so and reloads itself
  std::string written = {};  ///< when this page was, where it is running: utc_now()
};

/// A part and how it was classified; what it points to must live as long as the page is being made.
struct PagePart {
  const PartEvaluation* evaluation;
  Calibration calibration = {};
  bool in_sample = false;               ///< the calibration was fitted on this part
  std::span<const cv::Mat> crops = {};  ///< of the scored samples: RGB; none: no pictures
};

/// Everything report.html of a training, an evaluation or a cross-validation is made of.
struct TrainingPage {
  std::string title;
  ClassList classes;
  std::string protocol;                    ///< one line: how the samples were set apart
  std::vector<std::string> warnings = {};  ///< a line each
  PageData data = {};
  PageCourse course = {};
  std::vector<PagePart> parts = {};   ///< the one the protocol reports last
  std::vector<SeriesRun> folds = {};  ///< of a cross-validation
  std::filesystem::path folder = {};  ///< where the page will lie; folds are linked from there
  std::string config = {};            ///< the resolved experiment, YAML
  std::vector<std::pair<std::string, std::string>> made_with = {};  ///< versions, device, …
};

/// What a manifest says, for `made_with`.
std::vector<std::pair<std::string, std::string>> manifest_facts(const Manifest& manifest);
/// The same of an evaluation's.
std::vector<std::pair<std::string, std::string>> manifest_facts(const EvaluationManifest& manifest);

/// The text of report.html: one file, at most 5 MB, that asks the network for nothing. The confusion matrix
/// has up to eight pictures behind each cell, the surest first, fewer where there are many classes.
std::string training_page(const TrainingPage& page);

}  // namespace fer
