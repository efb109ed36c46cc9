#include "fer/core/pace.hpp"

#include <algorithm>
#include <cmath>

namespace fer {

void Pace::at(std::size_t done, double seconds) {
  if (done < done_) {
    *this = Pace(done, seconds);
    return;
  }
  const double taken = std::max(0.0, seconds - at_);
  const double memory = std::max(15.0, (seconds - begun_) / 3);
  const double kept = std::exp(-taken / memory);
  steps_ = kept * steps_ + static_cast<double>(done - done_);
  spent_ = kept * spent_ + taken;
  done_ = done;
  at_ = seconds;
}

std::optional<double> Pace::seconds_for(std::size_t steps) const {
  if (steps == 0) return 0.0;
  if (rate() <= 0) return std::nullopt;
  return static_cast<double>(steps) / rate();
}

}  // namespace fer
