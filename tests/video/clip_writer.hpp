#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace fer::test {

/// A small video made for a test.
struct ClipSpec {
  std::string codec = "mpeg4";  ///< an encoder FFmpeg has by itself; "ffv1" (in .mkv) keeps every pixel
  cv::Size size = {64, 48};
  int clock = 60000;               ///< ticks a second; .avi and "mpeg2video" want the frame rate
  std::vector<double> times = {};  ///< one frame each, seconds
  std::function<cv::Mat(std::size_t index)> picture = {};  ///< RGB; default: grey, 10 + 3 * index
  int b_frames = 0;                                 ///< mpeg4: pictures stored in another order than shown
  int clockwise = 0;                                ///< degrees a player must turn the picture
  bool mirrored = false;                            ///< and then mirror, left to right
  bool sound_first = false;                         ///< an audio stream as stream 0
  double sound_start = 0;                           ///< seconds
  std::function<float(double seconds)> sound = {};  ///< -1 to 1; default: silence
  double pixel_aspect = 1;
  bool bt709 = false;        ///< says so; else nothing is said about colours
  bool front_index = false;  ///< .mp4: index before the pictures, so that a cut file still opens
};

/// `count` times at an even rate.
std::vector<double> even_times(std::size_t count, double fps, double first = 0);

/// Writes the clip; the name's extension chooses the container. Throws std::runtime_error.
void write_clip(const std::filesystem::path& path, const ClipSpec& spec);

/// The grey that the default picture of frame `index` has.
double grey_of(std::size_t index);

}  // namespace fer::test
