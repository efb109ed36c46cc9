#include "batch_progress.hpp"

#include <fmt/format.h>

#include <numeric>

#include "fer/core/progress.hpp"

namespace fer {

BatchProgress::BatchProgress(std::span<const Recording> recordings) {
  for (const Recording& recording : recordings) {
    names_.push_back(recording.path.filename().string());
    bytes_.push_back(static_cast<double>(recording.bytes()));
  }
}

void BatchProgress::skipped(std::size_t recording) { bytes_[recording] = 0; }

std::string BatchProgress::title() const {
  if (names_.size() < 2) return names_[current_];
  return fmt::format("[{}/{}] {}", current_ + 1, names_.size(), names_[current_]);
}

std::string BatchProgress::note(double share) const {
  if (names_.size() < 2) return {};
  const auto current = bytes_.begin() + static_cast<std::ptrdiff_t>(current_);
  const double done = std::accumulate(bytes_.begin(), current, 0.0) + share * *current;
  const double all = std::accumulate(bytes_.begin(), bytes_.end(), 0.0);
  const double seconds = watch_.seconds();
  return fmt::format("all {}<{}", clock_text(seconds),
                     done > 0 ? clock_text(seconds * (all / done - 1)) : "--:--");
}

}  // namespace fer
