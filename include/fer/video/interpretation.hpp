#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fer/core/labels.hpp"
#include "fer/eval/baseline.hpp"
#include "fer/video/smoother.hpp"

namespace fer {

/// Which shares of the classes to expect in a video.
enum class ExpectedPrior {
  train,     ///< those of the training, as the model does by itself
  uniform,   ///< all alike
  estimate,  ///< those that fit the video best (estimate_prior() over all its faces)
};

/// Throws a usage error that lists the names for an unknown one.
ExpectedPrior expected_prior(std::string_view name);

/// A stretch of a recording.
struct TimeRange {
  double start = 0;  ///< seconds
  double end = 0;    ///< from here on is outside
};

/// How labels follow from the model's probabilities.
struct Interpretation {
  ExpectedPrior prior = ExpectedPrior::train;
  std::optional<TimeRange> rest = {};            ///< when each face is neutral, for a baseline of its own
  std::optional<NeutralBaseline> baseline = {};  ///< one for every face, from elsewhere; not beside `rest`
  std::string baseline_name = {};                ///< where that is from
  Smoothing smoothing = {};
  double abstain = 0;  ///< a face whose highest probability is below this is `uncertain`; 0: none is

  bool corrects() const { return prior != ExpectedPrior::train || rest || baseline; }
};

/// The class that a baseline is about; throws a usage error where there is none.
int require_neutral(const ClassList& classes);

/// "none", "prior uniform", "baseline 0-5 s, prior estimate": what summaries call it.
std::string correction_text(const Interpretation& interpretation);

}  // namespace fer
