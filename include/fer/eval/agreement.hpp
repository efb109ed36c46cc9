#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fer/eval/interval.hpp"

namespace fer {

/// What two raters, such as a person and a model, say of one frame. Categories are 0..categories-1.
struct Rating {
  int human = 0;
  int model = 0;
  double weight = 1;         ///< of how many frames it tells; finite, above 0
  std::string cluster = {};  ///< ratings that tell of each other, as frames that follow one another do
};

/// Of one category; each share is 0 where its denominator is. Weighted, but for the support.
struct CategoryAgreement {
  double precision = 0;
  double recall = 0;
  double f1 = 0;
  std::int64_t support = 0;  ///< ratings in which the human says it
  double prevalence = 0;     ///< share of the ratings in which the human says it
  double prevalence_of_model = 0;
};

/// How far two raters agree on frames.
struct FrameAgreement {
  std::int64_t frames = 0;
  double share = 0;  ///< of the weight on which both say the same
  double kappa = 0;  ///< Cohen's, weighted by frame; NaN where chance agrees on all
  std::int64_t clusters = 0;
  std::optional<Interval> share_ci95 = {};  ///< clusters drawn with replacement; nothing for one cluster
  std::optional<Interval> kappa_ci95 = {};
  std::vector<CategoryAgreement> per_category = {};
  std::vector<std::vector<double>> confusion = {};  ///< [human][model], sums of weights
};

/// With weights that are one over the probability with which each frame was drawn, shares and kappa estimate
/// (Hajek's ratio estimator) those of all frames. No ratings: all zero, kappa NaN.
/// Throws a failure for a category or a weight out of range.
FrameAgreement frame_agreement(std::span<const Rating> ratings, int categories,
                               const BootstrapOptions& options = {});

/// Where and when a rated frame was.
struct RatedMoment {
  std::string track;     ///< names the video and the face in it
  double timestamp = 0;  ///< seconds
};

/// Fewer tracks say little of the spread between them.
inline constexpr std::int64_t kTracksToResample = 10;

/// Clusters by "track": that of each moment, where there are kTracksToResample of them or more, else by
/// "block": the `block` seconds of its track, counted from 0 s, in which it lies. Frames within a block
/// follow one another and are anything but independent. Throws a usage error unless block > 0.
Clusters clusters_of(std::span<const RatedMoment> moments, double block);

/// A frame that was drawn for rating.
struct DrawnFrame {
  std::string stratum;
  double weight = 1;  ///< of how many frames of its stratum it was drawn to tell
};

/// Of how many frames each rated one tells: the stratum's frames shared evenly by those of it that were
/// rated. `strata` names the stratum of each rated frame; `drawn` are all that were drawn, whose weights sum
/// to their stratum's size. So a frame that was drawn but not rated is taken to be as the others of its
/// stratum.
std::vector<double> stratum_weights(std::span<const std::string> strata, std::span<const DrawnFrame> drawn);

}  // namespace fer
