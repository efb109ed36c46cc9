#pragma once

#include <opencv2/core.hpp>
#include <span>
#include <string>
#include <vector>

namespace fer {

/// The images behind sample paths, RGB, whole: files, and pictures inside a FER-2013 list
/// ("fer2013.csv:LINE"). Empty for those that cannot be read.
std::vector<cv::Mat> sample_pictures(std::span<const std::string> paths);

}  // namespace fer
