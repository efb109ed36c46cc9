#include "fer/report/detector_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>

#include "text_table.hpp"

namespace fer {
namespace {

using Json = nlohmann::ordered_json;
using Rows = std::vector<std::vector<std::string>>;

constexpr int kSmallestPicture = 640;  // pixels of the longer side

Json counts_json(const DetectorCounts& counts) {
  return {{"images", counts.images},
          {"images_with_face", counts.images_with_face},
          {"coverage", counts.coverage()},
          {"faces", counts.faces},
          {"faces_per_image", counts.faces_per_image()},
          {"ms_per_image", counts.milliseconds(0.5)},
          {"ms_p90", counts.milliseconds(0.9)}};
}

/// Okabe and Ito's, which colour-blind people can tell apart.
cv::Scalar colour_of(std::size_t detector) {
  static const std::array<cv::Scalar, 6> kColours = {
      {{230, 159, 0}, {86, 180, 233}, {0, 158, 115}, {240, 228, 66}, {213, 94, 0}, {204, 121, 167}}};
  return kColours[detector % kColours.size()];
}

FaceDetection enlarged(FaceDetection face, float zoom) {
  face.box = {face.box.x * zoom, face.box.y * zoom, face.box.width * zoom, face.box.height * zoom};
  for (cv::Point2f& point : face.landmarks) point *= zoom;
  return face;
}

void draw_face(cv::Mat& picture, const FaceDetection& face, const cv::Scalar& colour, int width) {
  cv::rectangle(picture, cv::Rect(face.box), colour, width, cv::LINE_AA);
  for (const cv::Point2f& point : face.landmarks)
    cv::circle(picture, cv::Point(point), width + 1, colour, cv::FILLED, cv::LINE_AA);
}

}  // namespace

std::string detector_table(const DetectorComparison& comparison) {
  Rows detectors = {{"Detector", "Images", "With a face", "Coverage", "Faces", "ms/image", "ms p90"}};
  for (const std::string& name : comparison.detectors) detectors[0].push_back("also " + name);
  Rows inputs = {{"Images with a face / images (faces)"}};
  for (std::size_t a = 0; a < comparison.detectors.size(); ++a) {
    const DetectorCounts counts = comparison.total(a);
    detectors.push_back(
        {comparison.detectors[a], std::to_string(counts.images), std::to_string(counts.images_with_face),
         fmt::format("{:.1f} %", 100 * counts.coverage()), std::to_string(counts.faces),
         fmt::format("{:.1f}", counts.milliseconds(0.5)), fmt::format("{:.1f}", counts.milliseconds(0.9))});
    for (std::size_t b = 0; b < comparison.detectors.size(); ++b)
      detectors.back().push_back(a == b ? "-" : fmt::format("{:.0f} %", 100 * comparison.agreement(a, b)));
    inputs[0].push_back(comparison.detectors[a]);
  }
  for (const ComparedInput& input : comparison.inputs) {
    inputs.push_back({input.path});
    for (const DetectorCounts& counts : input.counts)
      inputs.back().push_back(
          fmt::format("{}/{} ({})", counts.images_with_face, counts.images, counts.faces));
  }
  return text_table(detectors) + "\n" + text_table(inputs);
}

std::string detector_json(const DetectorComparison& comparison, const DetectorSetting& setting) {
  Json detectors = Json::array();
  for (std::size_t a = 0; a < comparison.detectors.size(); ++a) {
    Json row = {{"name", comparison.detectors[a]}};
    row.update(counts_json(comparison.total(a)));
    for (std::size_t b = 0; b < comparison.detectors.size(); ++b) {
      if (a != b) row["agreement"][comparison.detectors[b]] = comparison.agreement(a, b);
    }
    detectors.push_back(std::move(row));
  }
  Json inputs = Json::array();
  for (const ComparedInput& input : comparison.inputs) {
    Json row = {{"path", input.path}};
    for (std::size_t a = 0; a < comparison.detectors.size(); ++a)
      row["detectors"][comparison.detectors[a]] = counts_json(input.counts[a]);
    inputs.push_back(std::move(row));
  }
  const Json document = {{"setting",
                          {{"threads", setting.threads},
                           {"min_size", setting.min_size},
                           {"opencv", setting.opencv},
                           {"libtorch", setting.libtorch}}},
                         {"overlap", comparison.threshold},
                         {"detectors", std::move(detectors)},
                         {"inputs", std::move(inputs)}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

cv::Mat detector_picture(const cv::Mat& rgb, std::span<const std::string> detectors,
                         std::span<const std::vector<FaceDetection>> faces) {
  // Small images are enlarged, so that what is drawn does not hide them.
  const int zoom = std::max(1, kSmallestPicture / std::max(rgb.cols, rgb.rows));
  cv::Mat picture;
  cv::resize(rgb, picture, {}, zoom, zoom, cv::INTER_NEAREST);
  const cv::Size shown = picture.size();
  const int longer = std::max(shown.width, shown.height);
  const int width = std::max(1, longer / 500);
  const double letters = std::max(0.4, longer / 1400.0);
  const int line = static_cast<int>(40 * letters);
  const int legend = static_cast<int>(std::ssize(detectors) + 1) * line;
  cv::copyMakeBorder(picture, picture, 0, legend, 0,
                     std::max(0, static_cast<int>(420 * letters) - shown.width), cv::BORDER_CONSTANT,
                     cv::Scalar::all(255));
  for (std::size_t i = 0; i < detectors.size(); ++i) {
    for (const FaceDetection& face : faces[i])
      draw_face(picture, enlarged(face, static_cast<float>(zoom)), colour_of(i), width);
    const int y = shown.height + line * static_cast<int>(i + 1);
    cv::rectangle(picture, {line / 2, y - line / 3}, {line, y}, colour_of(i), cv::FILLED);
    cv::putText(picture, fmt::format("{}: {}", detectors[i], faces[i].size()), {line * 3 / 2, y},
                cv::FONT_HERSHEY_SIMPLEX, letters, cv::Scalar::all(30), width, cv::LINE_AA);
  }
  return picture;
}

}  // namespace fer
