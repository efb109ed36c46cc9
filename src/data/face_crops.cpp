#include "fer/data/face_crops.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

#include "fer/core/error.hpp"

namespace fer {
namespace {

/// What became of one sample.
struct Outcome {
  cv::Mat crop;  // empty: not used, see reason
  bool face = false;
  std::string reason;
};

Outcome crop_sample(const Sample& sample, FaceDetector& detector, const FaceCropOptions& options) {
  cv::Mat image;
  try {
    image = load_image(sample);
  } catch (const Error& error) {
    if (options.on_bad_file == "error") throw;
    const std::string text = error.what();
    const std::string prefix = sample.path + ": ";
    return {
        .crop = {}, .face = false, .reason = text.starts_with(prefix) ? text.substr(prefix.size()) : text};
  }
  if (const auto face = largest_face(detector.detect(image))) {
    return {.crop = face_crop(image, face->box, options.preprocessing), .face = true, .reason = {}};
  }
  if (options.missing == "error")
    throw data_error("{}: no face was found (face.missing is 'error')", sample.path);
  if (options.missing == "skip") return {.crop = {}, .face = false, .reason = "no face was found"};
  Preprocessing whole = options.preprocessing;
  whole.margin = 0;
  const cv::Rect2f image_box(0, 0, static_cast<float>(image.cols), static_cast<float>(image.rows));
  return {.crop = face_crop(image, image_box, whole), .face = false, .reason = {}};
}

/// Runs over all samples on several threads; the first error in sample order wins, so that it does not depend
/// on timing.
class CropJob {
 public:
  CropJob(const Dataset& dataset, const FaceCropOptions& options)
      : dataset_(dataset), options_(options), outcomes_(dataset.samples.size()) {}

  std::vector<Outcome> run(const ProgressFn& progress, const StopFn& stop) {
    {
      std::vector<std::jthread> threads;
      for (int i = 1; i < options_.workers; ++i) threads.emplace_back([this] { work({}, {}); });
      work(progress, stop);
    }
    if (error_) std::rethrow_exception(error_);
    if (stopped_) throw Stopped();
    return std::move(outcomes_);
  }

 private:
  /// Takes samples one after the other until none is left; only the caller's thread reports and asks.
  void work(const ProgressFn& progress, const StopFn& stop) {
    std::unique_ptr<FaceDetector> detector;
    for (;;) {
      if (stop && stop()) stopped_ = true;
      const std::size_t i = next_++;
      if (i >= outcomes_.size() || stopped_ || i >= first_error_) return;
      try {
        if (!detector) {
          detector = make_face_detector({.name = options_.preprocessing.detector,
                                         .model = {},
                                         .min_size = options_.preprocessing.min_face});
        }
        outcomes_[i] = crop_sample(dataset_.samples[i], *detector, options_);
      } catch (...) {
        keep_error(i);
      }
      ++done_;
      if (progress) progress(done_, outcomes_.size());
    }
  }

  void keep_error(std::size_t sample) {
    const std::lock_guard lock(mutex_);
    if (sample >= first_error_) return;
    first_error_ = sample;
    error_ = std::current_exception();
  }

  const Dataset& dataset_;
  const FaceCropOptions& options_;
  std::vector<Outcome> outcomes_;
  std::atomic<std::size_t> next_{0};
  std::atomic<std::size_t> done_{0};
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;
  std::atomic<std::size_t> first_error_{SIZE_MAX};
  std::exception_ptr error_;
};

}  // namespace

FaceCrops crop_faces(Dataset dataset, const FaceCropOptions& options, const ProgressFn& progress,
                     const StopFn& stop) {
  std::vector<Outcome> outcomes = CropJob(dataset, options).run(progress, stop);
  FaceCrops result{
      .dataset = {.classes = dataset.classes, .samples = {}, .rejected = std::move(dataset.rejected)},
      .crops = {},
      .faces_found = 0,
      .faces_missing = 0};
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    Outcome& outcome = outcomes[i];
    const bool decoded = !outcome.crop.empty() || outcome.reason == "no face was found";
    if (decoded) ++(outcome.face ? result.faces_found : result.faces_missing);
    if (outcome.crop.empty()) {
      result.dataset.rejected.push_back({dataset.samples[i].path, outcome.reason});
    } else {
      result.dataset.samples.push_back(std::move(dataset.samples[i]));
      result.crops.push_back(std::move(outcome.crop));
    }
  }
  return result;
}

}  // namespace fer
