#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <ostream>
#include <string>

namespace fer {

/// How long work tells the caller where it stands: `done` of `total` steps (total 0: not known).
using ProgressFn = std::function<void(std::size_t done, std::size_t total)>;

/// One line of the form `Epoch 12/50  87%|#####  | 96/110 [00:21<00:03, 4.6/s] loss 0.412`, redrawn in place
/// at most ten times a second. Draws nothing unless `enabled` (the stream is a terminal).
class ProgressBar {
 public:
  ProgressBar(std::ostream& out, bool enabled, std::string title);
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void update(std::size_t done, std::size_t total, const std::string& note = {});

  /// Wipes the line, so that other output can follow.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  std::ostream& out_;
  bool enabled_;
  std::string title_;
  Clock::time_point started_ = Clock::now();
  Clock::time_point drawn_{};
};

/// The text of the bar, `seconds` after the start.
std::string progress_line(const std::string& title, std::size_t done, std::size_t total, double seconds);

/// "07:05", or "1:02:03" from an hour on.
std::string clock_text(double seconds);

}  // namespace fer
