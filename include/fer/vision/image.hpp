#pragma once

#include <filesystem>
#include <opencv2/core.hpp>
#include <string_view>

namespace fer {

/// By the extension: a kind of picture that read_image() reads.
bool is_image_name(const std::filesystem::path& path);

/// The file as RGB, 8 bits, upright (EXIF orientation applied); grey, alpha and 16-bit images are converted.
/// Throws a data error naming the path if it is missing, empty or no image OpenCV can decode.
cv::Mat read_image(const std::filesystem::path& path);

/// The same for an encoded image in memory; `source` is what errors call it.
cv::Mat decode_image(std::string_view bytes, std::string_view source);

/// The encoded image ends before its picture does, which decoders fill with grey without a word. Known of
/// JPEG and PNG; others are never said to be.
bool is_truncated(std::string_view bytes);

/// Writes an RGB or grey image as the format the extension names (.png, .jpg), whole or not at all.
void write_image(const std::filesystem::path& path, const cv::Mat& rgb);

}  // namespace fer
