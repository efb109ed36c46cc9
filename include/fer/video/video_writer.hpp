#pragma once

#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace fer {

/// What VideoWriter writes.
struct VideoWriterOptions {
  cv::Size size = {};  ///< of the frames: any, odd ones too
  double fps = 25;     ///< nominal: for the encoder, and the last frame where no end is known
  int threads = 2;     ///< of the encoder
  std::filesystem::path sound_from = {};  ///< the file whose first sound is kept; empty: silent
  double sound_zero = 0;                  ///< what that file's own clock shows at time 0: VideoFacts::zero

  /// FFmpeg's encoders to try, in this order: those that need no hardware.
  std::vector<std::string> encoders = {"libx264", "libopenh264", "mpeg4"};
};

/// Writes a video that browsers play: H.264 and AAC in an MP4 file with its index in front. Every frame keeps
/// its own time, to 1/60000 s; where a file cannot have what was asked for, warnings() says so. Constant
/// memory but for the index. The file appears whole, at finish(), or not at all.
///
/// Frames of odd width or height get one more column or row, a copy of the last; tiny ones are enlarged to
/// 16 x 16 likewise. Sound in AAC or MP3 is copied, other sound encoded as AAC.
class VideoWriter {
 public:
  /// Throws a usage error for options out of range, and a failure that names the path and the reason if the
  /// file cannot be written. Sound that cannot be read is left out, with a warning.
  VideoWriter(const std::filesystem::path& path, const VideoWriterOptions& options);
  ~VideoWriter();
  VideoWriter(VideoWriter&&) noexcept;
  VideoWriter& operator=(VideoWriter&&) noexcept;

  /// Appends a frame, RGB with 8 bits, shown from `timestamp` on: seconds, at least 0, strictly increasing.
  /// Throws a failure for another frame or time, and on a full disk or an I/O error.
  void write(const cv::Mat& rgb, double timestamp);

  /// Ends the last frame, the sound and the file at `end`, seconds; the last frame is shown for 1 / fps where
  /// that is not after its time. Throws a failure as write() does, and if there was no frame.
  void finish(double end);

  /// Sentences about what the file lacks, complete after finish(); without its path.
  std::vector<std::string> warnings() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fer
