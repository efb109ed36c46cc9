#pragma once

#include <opencv2/core.hpp>
#include <span>
#include <string>
#include <vector>

#include "fer/core/calibration.hpp"
#include "fer/core/labels.hpp"
#include "fer/vision/face_crop.hpp"

namespace fer {

struct CheckpointInfo;

/// What a predictor tells about the checkpoint behind it.
struct PredictorFacts {
  std::string backbone;
  ClassList classes;
  Preprocessing preprocessing;
  std::vector<double> class_prior = {};  ///< as in CheckpointInfo; empty: unknown
  std::string trained_on;
  Calibration calibration = {};    ///< what its probabilities are calibrated by
  std::string precision = "fp32";  ///< what it computes in: "fp32", "bf16", "int8" or, on a GPU, "fp16"
};

/// Those of a checkpoint, or of an export of it.
PredictorFacts facts_of(const CheckpointInfo& info, const std::string& precision);

/// Throws a failure for a crop that predict() does not take.
void check_crop(const cv::Mat& crop, const Preprocessing& preprocessing);

/// Face crops in, calibrated class probabilities out. Abstract so that video can be tested with a stand-in.
class Predictor {
 public:
  virtual ~Predictor() = default;

  virtual const PredictorFacts& facts() const = 0;

  /// One row of probabilities (0..1, sum 1, in class order) per crop made by face_crop() with
  /// facts().preprocessing. Threads may call it at the same time.
  virtual std::vector<std::vector<float>> predict(std::span<const cv::Mat> crops) = 0;
};

/// A predictor that shows what is behind its probabilities.
class LogitPredictor : public Predictor {
 public:
  std::vector<std::vector<float>> predict(std::span<const cv::Mat> crops) final {
    auto rows = logits(crops);
    for (auto& row : rows) row = calibrated(row, facts().calibration);
    return rows;
  }

  /// As predict(), but before calibration: calibrated(row, facts().calibration) is predict()'s row,
  /// softmax(row) what it would be without calibration.
  virtual std::vector<std::vector<float>> logits(std::span<const cv::Mat> crops) = 0;
};

/// What a predictor computes on, and in which precision.
struct PredictorOptions {
  std::string device = "auto";  ///< "auto" (CUDA where there is one), "cpu", "cuda", "cuda:N"
  bool mirror = false;          ///< logits are the mean over a crop and its mirror image; twice the work

  /// "fp32"; "bf16": bfloat16, eight bits of precision, on a CPU or GPU that has it, else fp32 (see
  /// PredictorFacts::precision); "int8"; "auto": fp32 on a CPU, so that all of them give the same answers,
  /// half precision on a GPU.
  std::string precision = "auto";
};

}  // namespace fer
