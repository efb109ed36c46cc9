#pragma once

#include <cstddef>
#include <optional>

namespace fer {

/// How fast work goes, so that what is left can be told. The last 15 seconds count most, of long work the
/// last third: one slow step does not make the forecast jump, yet it follows what lasts.
class Pace {
 public:
  /// So many steps were done before.
  explicit Pace(std::size_t done = 0, double seconds = 0) : done_(done), at_(seconds), begun_(seconds) {}

  /// So many steps are done, `seconds` after the beginning. Fewer than before: it begins anew, from here.
  void at(std::size_t done, double seconds);

  /// Steps a second; 0: not known yet.
  double rate() const { return spent_ > 0 ? steps_ / spent_ : 0; }

  /// Seconds for so many steps more; nothing where that is not known yet.
  std::optional<double> seconds_for(std::size_t steps) const;

 private:
  std::size_t done_;
  double at_;         ///< seconds, when that was
  double begun_;      ///< likewise, when counting began
  double steps_ = 0;  ///< those done and
  double spent_ = 0;  ///< the seconds spent on them, older ones fading
};

}  // namespace fer
