#pragma once

#include <span>
#include <vector>

#include "fer/video/smoother.hpp"

namespace fer {

/// What a continuous-time Markov chain says of a track: posteriors (forward-backward) and the most probable
/// sequence of labels (Viterbi; the first class of equals, and staying before changing).
///
/// The chain starts in any class alike and leaves a class at the rate 1 / dwell for any other alike. Over dt
/// seconds and K classes it is therefore found in the same class with 1/K + (1 - 1/K) exp(-dt K / ((K - 1)
/// dwell)): what a gap hides may have changed and changed back.
///
/// A row's likelihood of a class is (0.99 p + 0.01 / K)^w, p its probability. The 1 % stands for frames that
/// say nothing of the face whatever they claim, so none can outweigh everything else. w is below 1 where rows
/// lie so dense that they repeat each other: what disturbs a frame (a blink, a syllable, motion blur) lasts
/// about 0.25 s, so that rows less than that apart share their say. Each neighbour leaves a row half of
/// min(1, dt / 0.25 s), a missing one half. n rows within T seconds thus count as 1 + T / 0.25 s: as many as
/// are independent, whatever the frame rate.
///
/// dwell > 0 seconds. Takes time and memory linear in the length of the track.
std::vector<SmoothedRow> markov_smooth(std::span<const TimedProbabilities> track, double dwell);

}  // namespace fer
