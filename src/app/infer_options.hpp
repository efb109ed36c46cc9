#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "fer/engine/predictor.hpp"
#include "fer/video/analysis.hpp"
#include "log.hpp"
#include "video_shards.hpp"

namespace fer {

/// The arguments of fer-infer as they were given.
struct InferOptions {
  std::vector<std::string> inputs = {};
  std::filesystem::path model =
      "fer";  ///< a shipped model's name or a run folder until resolve() makes it a file
  std::filesystem::path output = "results";
  bool exist_ok = false;
  bool resume = false;
  std::optional<Shard> shard = {};   ///< analyse this share of the recordings only
  std::filesystem::path merge = {};  ///< take the shards' results in this folder together, nothing else

  std::string sample_fps = "3";
  std::optional<std::int64_t> every_n = {};
  double sequence_fps = 25;

  std::string detector = {};
  FaceDetectorOptions detection = {.min_size = 0};  ///< 0: training's
  std::string target = "all";

  std::string smoothing = "median";
  std::string prior = "train";
  std::string baseline = {};
  double shortest_event = 0.25;
  std::filesystem::path markers = {};

  bool annotate = false;
  bool blur_faces = false;
  bool no_report = false;
  bool no_thumbnails = false;
  std::optional<int> sample_for_coding = {};

  std::string engine = "auto";
  PredictorOptions predictor = {};
  int workers = 0;
  AnalysisOptions analysis = {};
  Interpretation interpretation = {};
  LogOptions log = {};
};

void describe_infer(CLI::App& app, InferOptions& options);

/// Puts into `analysis` and `interpretation` what follows from the words given; the baseline only where it is
/// a time range "A-B". Throws a usage error without a video, for a word that means nothing, and as
/// model_path() and checkpoint_file() do.
void resolve(InferOptions& options);

/// All that results depend on besides the model and the recording.
std::string settings_text(const InferOptions& options);

}  // namespace fer
