#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "fer/core/error.hpp"
#include "fer/video/frame_source.hpp"
#include "support/images.hpp"

namespace fer::test {

/// A recording of frames at given times. The one pixel of each tells its index, see index_of().
class ScriptedSource : public FrameSource {
 public:
  /// New shots begin at the frames `shots`; a length in seconds where the container says one.
  explicit ScriptedSource(std::vector<double> times, std::set<std::int64_t> shots = {},
                          std::optional<double> duration = {})
      : times_(std::move(times)), shots_(std::move(shots)) {
    facts_.duration_seconds = duration;
    facts_.frames_announced = static_cast<std::int64_t>(times_.size());
  }

  const std::filesystem::path& path() const override { return path_; }
  const VideoFacts& facts() const override { return facts_; }

  std::optional<Frame> next() override {
    if (next_ == times_.size()) return std::nullopt;
    const auto index = static_cast<std::int64_t>(next_++);
    shot_ += shots_.contains(index) ? 1 : 0;
    return Frame{.index = index, .timestamp = times_[next_ - 1]};
  }

  cv::Mat image() const override {
    const auto index = static_cast<int>(next_ - 1);
    return {1, 1, CV_8UC3, cv::Scalar(index % 256, index / 256)};
  }

  cv::Mat thumbnail() const override {
    return noise_image({kThumbnailWidth, kThumbnailHeight}, shot_).reshape(1);
  }

  bool damaged() const override { return false; }
  std::vector<std::string> warnings() const override { return {}; }

 private:
  std::filesystem::path path_ = "scripted.mp4";
  VideoFacts facts_ = {.width = 1, .height = 1, .fps = 30};
  std::vector<double> times_;
  std::set<std::int64_t> shots_;
  std::size_t next_ = 0;
  std::uint64_t shot_ = 1;
};

/// Which frame of a ScriptedSource an image is.
inline int index_of(const cv::Mat& image) {
  const auto pixel = image.at<cv::Vec3b>(0, 0);
  return pixel[0] + 256 * pixel[1];
}

/// `count` times at an even rate.
inline std::vector<double> times_at(double fps, int count) {
  std::vector<double> times;
  for (int i = 0; i < count; ++i) times.push_back(i / fps);
  return times;
}

}  // namespace fer::test
