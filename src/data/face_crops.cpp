#include "fer/data/face_crops.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <opencv2/core/version.hpp>
#include <optional>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "share_work.hpp"

namespace fer {
namespace {

/// To be raised with every change of the code that makes crops or writes their file.
constexpr int kCropVersion = 3;
constexpr std::string_view kNoFace = "no face was found";
constexpr std::string_view kUnreadable = "cannot read";  // what read_file() says of a file it cannot open

std::string_view pixels_of(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// What tells a sample's image from another one without reading its file.
std::string identity(const Sample& sample) {
  if (!sample.pixels.empty()) return sha256(pixels_of(sample.pixels));
  struct stat info {};
  if (::stat(sample.path.c_str(), &info) != 0) return "absent";
  return fmt::format("{} {}.{:09}", info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
}

CropFileFacts crop_file_facts(const Dataset& dataset, const FaceCropOptions& options) {
  // All members by name: a new one does not compile until somebody decides whether crops depend on it.
  [[maybe_unused]] const auto& [detector, min_face, min_score, target, align, square, margin, size, grey,
                                mean, deviation] = options.preprocessing;
  std::string text = fmt::format("crops {} opencv {} detector {} {} {} {} ", kCropVersion, CV_VERSION,
                                 detector, min_face, min_score, name_of(target));
  text += fmt::format("align {} square {} margin {} size {} grey {} {} {}\n", align, square, margin, size,
                      grey, options.missing, options.on_bad_file);
  for (const Sample& sample : dataset.samples) {
    std::error_code ignored;
    text += std::filesystem::absolute(sample.path, ignored).string();
    text += '\0';
    text += identity(sample);
    text += '\n';
  }
  const auto side = static_cast<std::size_t>(size);
  return {.key = sha256(text), .samples = dataset.samples.size(), .crop_bytes = side * side * 3};
}

/// A sample's row of the file, and its crop unless there is none.
struct Outcome {
  CropRow row;
  cv::Mat crop;
};

Outcome without_crop(std::string reason) {
  return {.row = {.sha256 = {}, .face = {}, .reason = std::move(reason)}, .crop = {}};
}

Outcome crop_sample(const Sample& sample, FaceDetector& detector, const FaceCropOptions& options) {
  cv::Mat image;
  try {
    image = load_image(sample);
  } catch (const Error& error) {
    if (options.on_bad_file == "error") throw;
    const std::string text = error.what();
    const std::string prefix = sample.path + ": ";
    return without_crop(text.starts_with(prefix) ? text.substr(prefix.size()) : text);
  }
  const std::vector<FaceDetection> faces = detector.detect(image);
  const auto chosen = choose_faces(faces, image.size(), options.preprocessing.target);
  if (!chosen.empty()) {
    const FaceDetection& face = faces[chosen.front()];
    const FoundFace found{.size = std::min(face.box.width, face.box.height), .score = face.score};
    return {.row = {.sha256 = {}, .face = found, .reason = {}},
            .crop = face_crop(image, face, options.preprocessing)};
  }
  if (options.missing == "error") throw data_error("{}: {} (face.missing is 'error')", sample.path, kNoFace);
  if (options.missing == "skip") return without_crop(std::string(kNoFace));
  Preprocessing whole = options.preprocessing;
  whole.margin = 0;
  return {.row = {}, .crop = face_crop(image, {.box = cv::Rect({}, image.size())}, whole)};
}

CropRow keep(Outcome outcome, std::size_t sample, CropWriter& writer) {
  if (!outcome.crop.empty()) {
    const std::span<const std::uint8_t> bytes(outcome.crop.data,
                                              outcome.crop.total() * outcome.crop.elemSize());
    outcome.row.sha256 = sha256(pixels_of(bytes));
    writer.write(sample, bytes);
  }
  return std::move(outcome.row);
}

StoredCrops make_crops(const Dataset& dataset, const FaceCropOptions& options, const CropFileFacts& facts,
                       const ProgressFn& progress, const StopFn& stop) {
  CropWriter writer(options.cache, facts);
  std::vector<CropRow> rows(dataset.samples.size());
  std::vector<std::unique_ptr<FaceDetector>> detectors(static_cast<std::size_t>(options.workers));
  const auto crop = [&](std::size_t sample, std::size_t worker) {
    if (!detectors[worker]) detectors[worker] = options.make_detector();
    rows[sample] = keep(crop_sample(dataset.samples[sample], *detectors[worker], options), sample, writer);
  };
  share_work(rows.size(), options.workers, crop, progress, stop);
  const bool lasting =
      std::ranges::none_of(rows, [](const CropRow& row) { return row.reason.starts_with(kUnreadable); });
  return writer.finish(std::move(rows), lasting);
}

}  // namespace

FaceCrops crop_faces(Dataset dataset, const FaceCropOptions& options, const ProgressFn& progress,
                     const StopFn& stop) {
  if (stop && stop()) throw Stopped();
  const CropFileFacts facts = crop_file_facts(dataset, options);
  std::optional<StoredCrops> stored = load_crops(options.cache, facts);
  FaceCrops result;
  result.from_cache = stored.has_value();
  if (!stored) stored = make_crops(dataset, options, facts, progress, stop);
  result.dataset.classes = dataset.classes;
  result.dataset.rejected = std::move(dataset.rejected);
  result.dataset.left_out = std::move(dataset.left_out);
  result.dataset.warnings = std::move(dataset.warnings);
  for (std::size_t i = 0; i < facts.samples; ++i) {
    CropRow& row = stored->rows[i];
    if (!row.sha256.empty() || row.reason == kNoFace)
      ++(row.face ? result.faces_found : result.faces_missing);
    if (row.sha256.empty()) {
      result.dataset.rejected.push_back({dataset.samples[i].path, std::move(row.reason)});
      continue;
    }
    const int side = options.preprocessing.size;
    result.crops.emplace_back(side, side, CV_8UC3,
                              const_cast<std::uint8_t*>(&stored->file.bytes()[i * facts.crop_bytes]));
    result.digests.push_back(std::move(row.sha256));
    result.faces.push_back(row.face);
    result.dataset.samples.push_back(std::move(dataset.samples[i]));
  }
  result.file = std::move(stored->file);
  return result;
}

}  // namespace fer
