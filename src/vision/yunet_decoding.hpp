#pragma once

#include <array>
#include <opencv2/core.hpp>
#include <span>
#include <vector>

#include "fer/vision/face_detector.hpp"

namespace fer {

/// The outputs to ask the network for, in the order decode_yunet() takes them: cls, obj, bbox, kps for each
/// stride of 8, 16 and 32.
std::span<const char* const> yunet_outputs();

/// The size images are padded to at the right and bottom, with black: at least two cells of the largest
/// stride.
cv::Size yunet_input_size(cv::Size image);

/// The detections of one image with a score of at least `min_score`, in its pixels and in no order, before
/// suppression. The score is sqrt(cls * obj), as OpenCV's FaceDetectorYN has it since 4.8. Throws a data
/// error where an output's size does not fit the input's.
std::vector<FaceDetection> decode_yunet(std::span<const cv::Mat> outputs, cv::Size input, float min_score);

}  // namespace fer
