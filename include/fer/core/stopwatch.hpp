#pragma once

#include <chrono>

namespace fer {

/// Seconds since it was made, by a clock that is never set.
class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(Clock::now() - started_).count(); }

  /// The seconds so far, counting anew from here.
  double restart() {
    const double so_far = seconds();
    started_ = Clock::now();
    return so_far;
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point started_ = Clock::now();
};

}  // namespace fer
