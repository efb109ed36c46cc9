#include "upright_rgb.hpp"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <opencv2/core.hpp>
#include <string_view>
#include <type_traits>

#include "fer/core/error.hpp"
#include "fer/video/frame_source.hpp"

namespace fer {
namespace {

int colour_matrix(const AVFrame& picture) {
  if (picture.colorspace != AVCOL_SPC_UNSPECIFIED) return picture.colorspace;
  return picture.height >= 720 ? SWS_CS_ITU709 : SWS_CS_ITU601;
}

bool full_range(const AVFrame& picture) {
  switch (picture.format) {
    case AV_PIX_FMT_YUVJ420P:
    case AV_PIX_FMT_YUVJ422P:
    case AV_PIX_FMT_YUVJ444P:
    case AV_PIX_FMT_YUVJ440P:
    case AV_PIX_FMT_YUVJ411P:
      return true;
    default:
      return picture.color_range == AVCOL_RANGE_JPEG;
  }
}

void scale_into(SwsContext& scaler, const AVFrame& picture, cv::Mat& pixels) {
  const std::array<std::uint8_t*, 4> planes = {pixels.data};
  const std::array<int, 4> strides = {static_cast<int>(pixels.step)};
  sws_scale(&scaler, picture.data, picture.linesize, 0, picture.height, planes.data(), strides.data());
}

}  // namespace

int Orientation::clockwise_degrees() const {
  if (transpose) return flip_x || !flip_y ? 90 : 270;
  return flip_y ? 180 : 0;
}

Orientation orientation_of(const AVStream& stream) {
  std::conditional_t<(LIBAVFORMAT_VERSION_MAJOR < 59), int, std::size_t> bytes = 0;
  const std::uint8_t* data = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &bytes);
  if (!data || static_cast<std::size_t>(bytes) < 9 * sizeof(std::int32_t)) return {};
  // Row vectors: (x, y) goes to (a x + c y, b x + d y), with y pointing down.
  const auto* matrix = reinterpret_cast<const std::int32_t*>(data);
  const std::int64_t a = matrix[0];
  const std::int64_t b = matrix[1];
  const std::int64_t c = matrix[3];
  const std::int64_t d = matrix[4];
  if (std::abs(b) > std::abs(a)) return {.transpose = true, .flip_x = c < 0, .flip_y = b < 0};
  return {.transpose = false, .flip_x = a < 0, .flip_y = d < 0};
}

cv::Mat UprightRgb::convert(const AVFrame& picture) {
  const cv::Size stored =
      orientation_.transpose ? cv::Size(size_.height, size_.width) : cv::Size(size_.width, size_.height);
  // Exact rounding makes the pixels the same on every processor, and avoids a faster path that needs even
  // sizes.
  scaler_.reset(sws_getCachedContext(scaler_.release(), picture.width, picture.height,
                                     static_cast<AVPixelFormat>(picture.format), stored.width, stored.height,
                                     AV_PIX_FMT_RGB24, SWS_BILINEAR | SWS_ACCURATE_RND | SWS_BITEXACT,
                                     nullptr, nullptr, nullptr));
  if (!scaler_)
    throw failure("a video picture of {} x {} cannot be converted to RGB", picture.width, picture.height);
  const int* coefficients = sws_getCoefficients(colour_matrix(picture));
  sws_setColorspaceDetails(scaler_.get(), coefficients, full_range(picture), coefficients, 1, 0, 1 << 16,
                           1 << 16);

  cv::Mat rgb(stored, CV_8UC3);
  scale_into(*scaler_, picture, rgb);

  if (orientation_.transpose) rgb = rgb.t();
  if (!orientation_.flip_x && !orientation_.flip_y) return rgb;
  cv::Mat upright;
  cv::flip(rgb, upright, orientation_.flip_x && orientation_.flip_y ? -1 : orientation_.flip_x ? 1 : 0);
  return upright;
}

cv::Mat Thumbnails::make(const AVFrame& picture) {
  scaler_.reset(sws_getCachedContext(scaler_.release(), picture.width, picture.height,
                                     static_cast<AVPixelFormat>(picture.format), kThumbnailWidth,
                                     kThumbnailHeight, AV_PIX_FMT_GRAY8, SWS_AREA | SWS_BITEXACT, nullptr,
                                     nullptr, nullptr));
  if (!scaler_) throw failure("a video picture of {} x {} cannot be shrunk", picture.width, picture.height);
  cv::Mat grey(kThumbnailHeight, kThumbnailWidth, CV_8UC1);
  scale_into(*scaler_, picture, grey);
  return grey;
}

}  // namespace fer
