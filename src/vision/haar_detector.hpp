#pragma once

#include <memory>

#include "fer/vision/face_detector.hpp"

namespace fer {

/// Viola & Jones 2001 as OpenCV ships it. The score is n / (n + 5) for n overlapping hits: an order, no
/// probability. The cascade is options.model, else the distribution's haarcascade_frontalface_default.xml.
std::unique_ptr<FaceDetector> make_haar_detector(const FaceDetectorOptions& options);

}  // namespace fer
