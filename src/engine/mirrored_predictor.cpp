#include "fer/engine/mirrored_predictor.hpp"

#include <opencv2/core.hpp>
#include <utility>

namespace fer {
namespace {

class MirroredPredictor final : public LogitPredictor {
 public:
  explicit MirroredPredictor(std::unique_ptr<LogitPredictor> inner) : inner_(std::move(inner)) {}

  const PredictorFacts& facts() const override { return inner_->facts(); }

  std::vector<std::vector<float>> logits(std::span<const cv::Mat> crops) override {
    std::vector<cv::Mat> both(crops.begin(), crops.end());
    for (const cv::Mat& crop : crops) cv::flip(crop, both.emplace_back(), 1);
    auto rows = inner_->logits(both);
    for (std::size_t i = 0; i < crops.size(); ++i) {
      const auto& mirror = rows[crops.size() + i];
      for (std::size_t c = 0; c < mirror.size(); ++c) rows[i][c] = (rows[i][c] + mirror[c]) / 2;
    }
    rows.resize(crops.size());
    return rows;
  }

 private:
  std::unique_ptr<LogitPredictor> inner_;
};

}  // namespace

std::unique_ptr<LogitPredictor> mirrored(std::unique_ptr<LogitPredictor> inner) {
  return std::make_unique<MirroredPredictor>(std::move(inner));
}

}  // namespace fer
