#include "fer/vision/image.hpp"

#include <algorithm>
#include <array>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"

namespace fer {
namespace {

constexpr std::string_view kJpegStart = "\xff\xd8";
constexpr std::string_view kJpegEnd = "\xff\xd9";
constexpr std::string_view kPngStart = "\x89PNG\r\n\x1a\n";

/// Where a JPEG file's picture begins: behind the tables, among which a preview with an end of its own may
/// be.
std::size_t jpeg_scan(std::string_view bytes) {
  constexpr unsigned char kScan = 0xda;
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  std::size_t at = kJpegStart.size();
  while (at + 4 <= bytes.size() && byte(at) == 0xff && byte(at + 1) != kScan) {
    const bool padding = byte(at + 1) == 0xff;
    at += padding ? 1 : 2 + static_cast<std::size_t>(byte(at + 2) * 256 + byte(at + 3));
  }
  return std::min(at, bytes.size());
}

}  // namespace

bool is_image_name(const std::filesystem::path& path) {
  static const std::array<std::string, 8> kExtensions = {".jpg", ".jpeg", ".png",  ".bmp",
                                                         ".tif", ".tiff", ".webp", ".pgm"};
  return std::ranges::count(kExtensions, to_lower(path.extension().string())) > 0;
}

bool is_truncated(std::string_view bytes) {
  if (bytes.starts_with(kJpegStart)) return bytes.find(kJpegEnd, jpeg_scan(bytes)) == std::string_view::npos;
  if (bytes.starts_with(kPngStart)) return bytes.rfind("IEND") == std::string_view::npos;
  return false;
}

cv::Mat read_image(const std::filesystem::path& path) { return decode_image(read_file(path), path.string()); }

cv::Mat decode_image(std::string_view bytes, std::string_view source) {
  if (bytes.empty()) throw data_error("{}: is empty (0 bytes), expected an image", source);
  cv::Mat image;
  try {
    const cv::Mat encoded(1, static_cast<int>(bytes.size()), CV_8U, const_cast<char*>(bytes.data()));
    image = cv::imdecode(encoded, cv::IMREAD_COLOR);
    if (!image.empty()) cv::cvtColor(image, image, cv::COLOR_BGR2RGB);
  } catch (const cv::Exception& error) {
    throw data_error("{}: cannot be decoded as an image: {}", source, error.err);
  }
  if (image.empty()) throw data_error("{}: cannot be decoded as an image", source);
  return image;
}

void write_image(const std::filesystem::path& path, const cv::Mat& rgb) {
  std::vector<unsigned char> encoded;
  bool written = false;
  try {
    cv::Mat bgr;
    if (rgb.channels() == 3) cv::cvtColor(rgb, bgr, cv::COLOR_RGB2BGR);
    written = cv::imencode(path.extension().string(), bgr.empty() ? rgb : bgr, encoded);
  } catch (const cv::Exception&) {
    written = false;  // an empty image, or a format OpenCV does not know
  }
  if (!written) throw failure("{}: cannot be written as '{}'", path.string(), path.extension().string());
  write_file(path, {reinterpret_cast<const char*>(encoded.data()), encoded.size()});
}

}  // namespace fer
