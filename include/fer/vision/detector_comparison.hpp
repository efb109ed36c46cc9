#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "fer/vision/face_detector.hpp"

namespace fer {

/// What one detector did on some images.
struct DetectorCounts {
  std::int64_t images = 0;
  std::int64_t images_with_face = 0;
  std::int64_t faces = 0;
  std::vector<double> seconds = {};  ///< of each image

  /// Share of the images with a face; 0 of none.
  double coverage() const;
  double faces_per_image() const;

  /// The time that a share `q` of the images stays within, in milliseconds; 0.5 is the median.
  double milliseconds(double q) const;
};

/// One image or video, and what each detector did on it.
struct ComparedInput {
  std::string path;
  std::vector<DetectorCounts> counts;  ///< by detector
};

/// Several detectors on the same images.
struct DetectorComparison {
  std::vector<std::string> detectors;
  float threshold = 0.5F;  ///< overlap from which two boxes are one face
  std::vector<ComparedInput> inputs = {};
  std::vector<std::vector<std::int64_t>> agreed = {};  ///< [a][b]: faces of a that b found, too

  /// Over all inputs.
  DetectorCounts total(std::size_t detector) const;

  /// Share of a's faces that b found, too; 1 where a found none.
  double agreement(std::size_t a, std::size_t b) const;

  /// Opens the next input; images that follow belong to it.
  void begin(std::string path);

  /// One image: what each detector found and how long it took.
  void add(std::span<const std::vector<FaceDetection>> faces, std::span<const double> seconds);
};

}  // namespace fer
