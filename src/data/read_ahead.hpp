#pragma once

#include <cstddef>
#include <mutex>
#include <opencv2/core.hpp>
#include <span>
#include <vector>

namespace fer {

/// What an epoch goes through.
struct EpochReading {
  std::span<const std::size_t> order = {};             ///< of the crops that are read
  std::vector<std::vector<std::size_t>> windows = {};  ///< BatchOrder's; may hold more crops than are read
  std::size_t batch_size = 1;
  std::size_t begin = 0;  ///< position in `order` where reading begins
};

/// Has the system fetch an epoch's crops before they are needed: a window ahead and as they lie in the file,
/// or without windows a few batches ahead. Several threads may tell how far they are.
class ReadAhead {
 public:
  /// Continuous crops of one size, which outlive this.
  ReadAhead(std::span<const cv::Mat> crops, const EpochReading& reading);

  /// Batches up to `position` of the order are being made. Returns at once if another thread is here.
  void come_to(std::size_t position);

 private:
  void sort_windows(const EpochReading& reading);
  bool is_behind(std::size_t crop, std::size_t other) const;
  std::size_t end_of_run(std::size_t begin, std::size_t end) const;

  std::span<const cv::Mat> crops_;
  std::size_t crop_bytes_;
  std::vector<std::size_t> order_;  // in which they are fetched
  std::size_t lead_;
  std::size_t most_at_once_;
  std::mutex mutex_;
  std::size_t next_;
};

}  // namespace fer
