#include <algorithm>
#include <cmath>
#include <mutex>
#include <opencv2/core/utility.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/objdetect.hpp>

#include "fer/core/error.hpp"
#include "fer/vision/face_detector.hpp"

namespace fer {
namespace {

constexpr char kCascade[] = "haarcascade_frontalface_default.xml";
constexpr int kMinHits = 5;
constexpr float kLowestScore = 0.5F;  // of kMinHits hits
constexpr int kLongestSide = 640;     // larger images are shrunk to it before the search
constexpr int kSmallestWindow = 24;

std::filesystem::path find_cascade() {
  // OpenCV keeps its search paths in a list that it fills on first use without a lock, and workers make their
  // detectors at the same time.
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  const std::string found = cv::samples::findFile(std::string("haarcascades/") + kCascade, false, true);
  if (found.empty()) {
    throw data_error(
        "{} was not found: install the package opencv-data, or set OPENCV_SAMPLES_DATA_PATH to its folder",
        kCascade);
  }
  return found;
}

cv::CascadeClassifier load_cascade(const std::filesystem::path& path) {
  cv::CascadeClassifier cascade;
  bool loaded = false;
  try {
    loaded = cascade.load(path.string());
  } catch (const cv::Exception&) {
    loaded = false;
  }
  if (!loaded) throw data_error("{}: is no Haar cascade that OpenCV can load", path.string());
  return cascade;
}

class HaarDetector final : public FaceDetector {
 public:
  HaarDetector(const cv::CascadeClassifier& cascade, const FaceDetectorOptions& options)
      : cascade_(cascade), min_size_(options.min_size), min_score_(options.min_score) {}

  std::string_view name() const override { return haar_detector().facts.name; }

  std::vector<FaceDetection> detect(const cv::Mat& rgb) override {
    const double shrink = std::min(1.0, static_cast<double>(kLongestSide) / std::max(rgb.cols, rgb.rows));
    const auto shorter = static_cast<int>(std::lround(shrink * std::min(rgb.cols, rgb.rows)));
    if (shorter < kSmallestWindow) return {};
    cv::cvtColor(rgb, grey_, cv::COLOR_RGB2GRAY);
    if (shrink < 1.0) cv::resize(grey_, grey_, {}, shrink, shrink, cv::INTER_AREA);
    const int window = std::max(kSmallestWindow, static_cast<int>(std::lround(shorter * min_size_)));

    std::vector<cv::Rect> boxes;
    std::vector<int> hits;
    cascade_.detectMultiScale(grey_, boxes, hits, 1.1, kMinHits, 0, {window, window});
    std::vector<FaceDetection> faces;
    const auto scale = static_cast<float>(1.0 / shrink);
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      const cv::Rect2f box(boxes[i]);
      const auto count = static_cast<float>(hits[i]);
      const float score = count / (count + kMinHits);
      if (score < min_score_) continue;
      faces.push_back(
          {.box = {box.x * scale, box.y * scale, box.width * scale, box.height * scale}, .score = score});
    }
    return without_small_faces(std::move(faces), rgb.size(), 0);  // the search began at the smallest face
  }

 private:
  cv::CascadeClassifier cascade_;
  float min_size_;
  float min_score_;
  cv::Mat grey_;
};

}  // namespace

const FaceDetectorKind& haar_detector() {
  static const FaceDetectorKind kind = {
      .facts = {.name = "haar",
                .summary = "OpenCV's Haar cascade for frontal faces",
                .default_min_score = kLowestScore},
      .make = [](const FaceDetectorOptions& options) {
        const auto cascade = options.cascade.empty() ? find_cascade() : options.cascade;
        return std::make_unique<HaarDetector>(load_cascade(cascade), options);
      }};
  return kind;
}

}  // namespace fer
