#pragma once

#include <opencv2/core.hpp>
#include <span>
#include <string>
#include <vector>

#include "fer/vision/detector_comparison.hpp"

namespace fer {

/// Where and with what a comparison of detectors was made.
struct DetectorSetting {
  int threads = 1;
  float min_size = 0;
  std::string opencv;
  std::string libtorch;
};

/// Tables for people: a row per detector (coverage, faces, times, agreement with each other one), then a row
/// per input with images with a face of all, and faces.
std::string detector_table(const DetectorComparison& comparison);

/// {"setting":{…},"overlap","detectors":[{"name","images","images_with_face","coverage","faces",
/// "faces_per_image","ms_per_image","ms_p90","agreement":{name:share}}],"inputs":[{"path","detectors":{name:{…}}}]};
/// ms_per_image is the median.
std::string detector_json(const DetectorComparison& comparison, const DetectorSetting& setting);

/// The image with each detector's boxes and landmarks in a colour of its own, and a legend; RGB.
cv::Mat detector_picture(const cv::Mat& rgb, std::span<const std::string> detectors,
                         std::span<const std::vector<FaceDetection>> faces);

}  // namespace fer
