#pragma once

#include <cmath>
#include <cstddef>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "fer/engine/predictor.hpp"
#include "fer/vision/face_detector.hpp"

namespace fer::test {

/// A detector that answers as it is told.
class ScriptedDetector : public FaceDetector {
 public:
  using Script = std::function<std::vector<FaceDetection>(const cv::Mat& rgb)>;
  explicit ScriptedDetector(Script script) : script_(std::move(script)) {}

  std::string_view name() const override { return "scripted"; }

  std::vector<FaceDetection> detect(const cv::Mat& rgb) override {
    ++calls;
    return script_(rgb);
  }

  std::size_t calls = 0;

 private:
  Script script_;
};

/// Three classes; a crop's probabilities follow from its mean grey g alone: (g/255, 0.7 (1-g/255), 0.3
/// (1-g/255)).
class GreyPredictor : public Predictor {
 public:
  GreyPredictor() {
    facts_.backbone = "grey";
    facts_.classes = ClassList({"happy", "sad", "neutral"});
    facts_.preprocessing.size = 16;
  }

  const PredictorFacts& facts() const override { return facts_; }

  std::vector<std::vector<float>> predict(std::span<const cv::Mat> crops) override {
    {
      const std::lock_guard lock(mutex_);
      batches.push_back(crops.size());
    }
    std::vector<std::vector<float>> rows;
    for (const cv::Mat& crop : crops) {
      const auto light = static_cast<float>(cv::mean(crop)[0] / 255);
      rows.push_back({light, 0.7F * (1 - light), 0.3F * (1 - light)});
    }
    return rows;
  }

  std::vector<std::size_t> batches;

 protected:
  PredictorFacts facts_;

 private:
  std::mutex mutex_;
};

}  // namespace fer::test
