#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <vector>

#include "fer/engine/map_view.hpp"
#include "fer/vision/face_detector.hpp"

namespace fer {

constexpr std::array<int, 3> kYuNetStrides = {8, 16, 32};

/// What YuNet says of a cell: cls and obj, whose sigmoids are probabilities, the box, the points.
constexpr int kYuNetValues = 1 + 1 + 4 + 10;

/// A pixel of kYuNetValues for each cell, by stride.
using YuNetOutput = std::array<MapView, kYuNetStrides.size()>;

/// The detections of one image with a score of at least `min_score`, in its pixels and in no order, before
/// suppression. The score is sqrt(cls * obj), as OpenCV's FaceDetectorYN has it since 4.8.
std::vector<FaceDetection> decode_yunet(const YuNetOutput& output, float min_score);

/// YuNet's network (Wu, Peng, Yu 2023): an RGB 8-bit image of any size in, black to the right and below up to
/// whole cells; what comes out lasts until the next call.
using YuNetRun = std::function<YuNetOutput(const cv::Mat& rgb)>;

/// The row of `yunet` in the table of detectors, whose network `load` makes of the model's file. Larger
/// pictures are shrunk first, as far as the smallest face allows.
FaceDetectorKind yunet_kind(std::function<YuNetRun(const std::filesystem::path&)> load);

/// YuNet, the layout of 2023, through OpenCV's dnn: slower than layers of our own, and LibTorch is not
/// needed. Making one throws a data error if its file is missing or no such network.
const FaceDetectorKind& opencv_yunet_detector();

}  // namespace fer
