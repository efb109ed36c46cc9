#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "fer/engine/yunet.hpp"
#include "fer/vision/boxes.hpp"

namespace fer {
namespace {

constexpr char kName[] = "yunet";
constexpr float kMinScore = 0.6F;
constexpr float kSuppression = 0.3F;  // overlap above which the weaker detection goes
constexpr float kSmallestFace = 16;   // pixels of the network's input: what it still finds reliably
constexpr float kLongestSide = 640;   // larger images are shrunk to it, unless small faces forbid it
constexpr float kLongestSideEver = 2560;

/// Shrunk as far as the smallest face allows, never enlarged.
float scale_for(cv::Size image, float min_size) {
  const auto longest = static_cast<float>(std::max(image.width, image.height));
  const float face = min_size * static_cast<float>(std::min(image.width, image.height));
  const float needed = face > 0 ? kSmallestFace / face : 1;
  return std::min({1.0F, std::max(kLongestSide / longest, needed), kLongestSideEver / longest});
}

class YuNetDetector final : public FaceDetector {
 public:
  YuNetDetector(YuNetRun network, const FaceDetectorOptions& options)
      : network_(std::move(network)),
        min_size_(options.min_size),
        min_score_(options.min_score > 0 ? options.min_score : kMinScore) {}

  std::string_view name() const override { return kName; }

  std::vector<FaceDetection> detect(const cv::Mat& rgb) override {
    const float scale = scale_for(rgb.size(), min_size_);
    const cv::Size shrunk(std::max(1, static_cast<int>(std::lround(scale * static_cast<float>(rgb.cols)))),
                          std::max(1, static_cast<int>(std::lround(scale * static_cast<float>(rgb.rows)))));
    const cv::Mat* image = &rgb;
    if (shrunk != rgb.size()) {
      cv::resize(rgb, shrunk_, shrunk, 0, 0, cv::INTER_AREA);
      image = &shrunk_;
    }
    std::vector<FaceDetection> faces = strongest(decode_yunet(network_(*image), min_score_));
    const cv::Size2f back(static_cast<float>(rgb.cols) / static_cast<float>(shrunk.width),
                          static_cast<float>(rgb.rows) / static_cast<float>(shrunk.height));
    for (FaceDetection& face : faces) {
      face.box = {face.box.x * back.width, face.box.y * back.height, face.box.width * back.width,
                  face.box.height * back.height};
      for (cv::Point2f& point : face.landmarks) point = {point.x * back.width, point.y * back.height};
    }
    return without_small_faces(std::move(faces), rgb.size(), min_size_);
  }

 private:
  static std::vector<FaceDetection> strongest(std::vector<FaceDetection> candidates) {
    std::vector<cv::Rect2f> boxes;
    std::vector<float> scores;
    for (const FaceDetection& candidate : candidates) {
      boxes.push_back(candidate.box);
      scores.push_back(candidate.score);
    }
    std::vector<FaceDetection> faces;
    for (const std::size_t i : suppress(boxes, scores, kSuppression))
      faces.push_back(std::move(candidates[i]));
    return faces;
  }

  YuNetRun network_;
  float min_size_;
  float min_score_;
  cv::Mat shrunk_;
};

}  // namespace

FaceDetectorKind yunet_kind(std::function<YuNetRun(const std::filesystem::path&)> load) {
  return {.facts = {.name = kName,
                    .summary = "YuNet: fast and steady, any pose short of profile, five landmarks",
                    .landmarks = 5,
                    .wants_colour = true,
                    .model_files = kName,
                    .default_min_score = kMinScore,
                    .weak_are_apart = true},
          .make = [load = std::move(load)](const FaceDetectorOptions& options) {
            return std::make_unique<YuNetDetector>(load(require_detector_file(kName, options)), options);
          }};
}

}  // namespace fer
