#include "read_ahead.hpp"

#include <algorithm>

#include "fer/core/mapped_file.hpp"

namespace fer {
namespace {

constexpr std::size_t kLeadBatches = 8;
/// So that an epoch's first batch does not wait for its whole first window.
constexpr std::size_t kBatchesAtOnce = 4;

}  // namespace

ReadAhead::ReadAhead(std::span<const cv::Mat> crops, const EpochReading& reading)
    : crops_(crops),
      crop_bytes_(crops.front().total() * crops.front().elemSize()),
      order_(reading.order.begin(), reading.order.end()),
      lead_(kLeadBatches * reading.batch_size),
      most_at_once_(kBatchesAtOnce * reading.batch_size),
      next_(reading.begin) {
  if (!reading.windows.empty()) sort_windows(reading);
}

void ReadAhead::sort_windows(const EpochReading& reading) {
  std::vector<std::size_t> window_of(crops_.size());
  for (std::size_t window = 0; window < reading.windows.size(); ++window) {
    for (const std::size_t crop : reading.windows[window]) window_of[crop] = window;
  }
  for (auto begin = order_.begin(); begin != order_.end();) {
    const auto end = std::find_if(begin, order_.end(),
                                  [&](std::size_t crop) { return window_of[crop] != window_of[*begin]; });
    const auto position = static_cast<std::size_t>(begin - order_.begin());
    if (position <= reading.begin) next_ = position;
    lead_ = std::max(lead_, static_cast<std::size_t>(end - begin));
    std::sort(begin, end);
    begin = end;
  }
}

void ReadAhead::come_to(std::size_t position) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return;
  const std::size_t end = std::min({order_.size(), position + lead_, next_ + most_at_once_});
  while (next_ < end) {
    const std::size_t run = end_of_run(next_, end);
    const std::uint8_t* first = crops_[order_[next_]].data;
    if (first != nullptr) fetch_ahead(std::span(first, (run - next_) * crop_bytes_));
    next_ = run;
  }
}

bool ReadAhead::is_behind(std::size_t crop, std::size_t other) const {
  return static_cast<std::size_t>(crops_[crop].data - crops_[other].data) == crop_bytes_;
}

/// Where the crops from `begin` on stop lying side by side.
std::size_t ReadAhead::end_of_run(std::size_t begin, std::size_t end) const {
  std::size_t last = begin + 1;
  while (last < end && is_behind(order_[last], order_[last - 1])) ++last;
  return last;
}

}  // namespace fer
