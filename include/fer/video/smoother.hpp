#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fer {

enum class SmoothingMethod {
  none,
  ema,     ///< exponential moving average: follows, with a delay
  median,  ///< of each class over a window centred on the frame: no delay, single outliers vanish
};

struct Smoothing {
  SmoothingMethod method = SmoothingMethod::median;
  double window = 1.0;  ///< seconds, > 0
};

/// Throws a usage error that lists the names for an unknown one.
SmoothingMethod smoothing_method(std::string_view name);

/// "none", "median 1 s": what summaries call it.
std::string smoothing_text(const Smoothing& smoothing);

/// Class probabilities of one track at one time.
struct TimedProbabilities {
  double timestamp = 0;  ///< seconds
  std::span<const float> probabilities;
};

/// One smoothed row for each row of `track`, which is in the order of time and holds the frames with a face
/// only: a gap adds nothing, it merely lets time pass. Each row sums to 1 again.
///
/// ema: weight 1 - exp(-2 dt / window) for the new row, dt being the time since the one before; at an even
/// frame rate its mean age is that of a plain average over `window`.
/// median: over the rows at most window / 2 before or after.
/// The whole track is needed at once. Throws a usage error for a window that is not positive.
std::vector<std::vector<float>> smooth(std::span<const TimedProbabilities> track, const Smoothing& smoothing);

}  // namespace fer
