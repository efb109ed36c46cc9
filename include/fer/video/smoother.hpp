#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fer {

/// Ways of smoothing over time.
enum class SmoothingMethod {
  none,
  ema,       ///< exponential moving average: follows, with a delay
  median,    ///< of each class over a window centred on the frame: no delay, single outliers vanish
  majority,  ///< votes of the frames in such a window
  hmm,       ///< hidden Markov model: a label changes only where the evidence outweighs how rare changes are
};

/// How probabilities are smoothed over time.
struct Smoothing {
  SmoothingMethod method = SmoothingMethod::median;
  /// Seconds, > 0: over how long ema, median and majority gather (1 by default), or for hmm the mean time an
  /// expression lasts (2 by default).
  std::optional<double> window = {};
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

/// What smoothing makes of one moment.
struct SmoothedRow {
  std::vector<float> probabilities;  ///< in class order; sum 1
  int label = 0;
};

/// One smoothed row for each row of `track`, which is in the order of time and holds the frames with a face
/// only: a gap adds nothing, it merely lets time pass. The label is the most probable class, the first of
/// equals, where nothing else is said.
///
/// ema: weight 1 - exp(-2 dt / window) for the new row, dt being the time since the one before; at an even
/// frame rate its mean age is that of a plain average over `window`.
/// median: over the rows at most window / 2 before or after.
/// majority: over the same rows, each of which votes for its most probable class. Probabilities are shares of
/// the votes; of classes with equally many the label is the one of the higher mean probability.
/// hmm: a Markov chain of classes that leaves each after `window` seconds on average, for any other alike,
/// observed through the rows. Probabilities are the classes' posteriors given the whole track; labels are the
/// most probable sequence (Viterbi), so at a change a label may differ from the most probable class. Rows
/// are to be calibrated and free of a class prior of their own; markov_chain.hpp says how they count.
///
/// The whole track is needed at once. Throws a usage error for a window that is not positive, and a
/// failure for a probability that is not finite.
std::vector<SmoothedRow> smooth(std::span<const TimedProbabilities> track, const Smoothing& smoothing);

}  // namespace fer
