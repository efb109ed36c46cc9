#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "fer/core/stopwatch.hpp"
#include "recordings.hpp"

namespace fer {

/// Where work on several recordings stands, by the size of their files, which is known before they are read.
class BatchProgress {
 public:
  explicit BatchProgress(std::span<const Recording> recordings);

  /// From here on the work is on this recording, those before are done.
  void begin(std::size_t recording) { current_ = recording; }

  /// What came before the current one cost no time: results were there.
  void skipped(std::size_t recording);

  /// "[2/7] clip.mp4", or the name alone where there is only one.
  std::string title() const;

  /// "all 03:10<12:40": so far and to go, with a share 0..1 of the current recording done; empty where there
  /// is only one.
  std::string note(double share) const;

 private:
  std::vector<std::string> names_;
  std::vector<double> bytes_;  ///< 0 of those skipped
  std::size_t current_ = 0;
  Stopwatch watch_;
};

}  // namespace fer
