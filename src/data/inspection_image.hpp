#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fer/data/inspection.hpp"
#include "fer/data/look_alike.hpp"

namespace fer {

/// What a detector found in an image.
struct FaceFinds {
  int faces = 0;
  cv::Rect2f largest = {};  ///< pixels of the image; of no meaning without a face
};

/// What one look at an image tells.
struct ImageFacts {
  std::optional<ProblemKind> problem = {};  ///< unreadable, truncated or blank: it was not looked at further
  std::string detail = {};                  ///< of the problem
  cv::Size size = {};                       ///< 0 x 0 unless it was read
  bool grey = false;
  std::string digest = {};  ///< of size and pixels
  Look look = {};
  std::vector<FaceFinds> faces = {};  ///< by detector

  bool readable() const { return size.area() > 0; }
};

ImageFacts facts_of(const Sample& sample, std::span<const std::unique_ptr<FaceDetector>> detectors);

}  // namespace fer
