#pragma once

#include <span>

#include "fer/video/frame_source.hpp"

namespace fer {

/// Pictures as the frames of a video, at an even rate from 0 s on. A picture that cannot be read is left out:
/// its place in time stays empty, and damaged() and a warning tell of it. Pictures may differ in size; the
/// facts are those of the first.
class ImageSequence : public FrameSource {
 public:
  /// `name` is what the sequence is called in results: its folder or pattern. The pictures come in the given
  /// order. Throws a usage error for a rate that is not above 0, a data error if not one picture can be read.
  ImageSequence(std::filesystem::path name, std::vector<std::filesystem::path> pictures, double fps);

  const std::filesystem::path& path() const override { return name_; }
  const VideoFacts& facts() const override { return facts_; }
  std::optional<Frame> next() override;
  void skip_towards(double timestamp) override;
  cv::Mat image() const override;
  cv::Mat thumbnail() const override;
  bool damaged() const override { return !unreadable_.empty(); }
  std::vector<std::string> warnings() const override;

 private:
  std::filesystem::path name_;
  std::vector<std::filesystem::path> pictures_;
  VideoFacts facts_;
  std::size_t next_ = 0;  ///< the picture to read next
  cv::Mat picture_;       ///< the current one; empty before the first and after the last
  std::vector<std::string> unreadable_;
};

/// Sorts as people count: `img2.png` before `img10.png`. Numbers are compared by value, the rest byte by
/// byte.
void sort_naturally(std::vector<std::filesystem::path>& paths);

}  // namespace fer
