#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "fer/train/training_result.hpp"

namespace fer {

/// The epochs of a run for TensorBoard: scalars loss/train, loss/val, accuracy/train, accuracy/val,
/// macro_f1/val, lr and images_per_second, the step being the epoch. Times are those of the training itself,
/// without the time between an interruption and going on.
class EventFile {
 public:
  /// Writes `folder/events.out.tfevents.STARTED.HOST.fer` with the whole history, then removes what
  /// earlier runs of ours left in the folder, so that a resumed training shows no epoch twice. `started`:
  /// Unix seconds at which this process began, later than those of earlier ones, as a TensorBoard that is
  /// running goes on only to a file with a later name. Throws a failure that names the path if it cannot be
  /// written.
  EventFile(const std::filesystem::path& folder, std::span<const EpochResult> history, std::int64_t started);

  /// Adds an epoch in one piece; TensorBoard may read meanwhile. Throws a failure that names the path and the
  /// system's reason if the file is gone or the disk full; what was there stays readable.
  void append(const EpochResult& epoch);

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  double time_;  // Unix seconds, end of the last epoch
};

/// CRC-32C (Castagnoli; RFC 3720, B.4), the checksum of the file's records.
std::uint32_t crc32c(std::string_view bytes);

}  // namespace fer
