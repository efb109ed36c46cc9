#pragma once

#include <map>
#include <string>
#include <vector>

namespace fer {

/// Labelled samples and what a classifier said of each; every list has one entry per sample.
struct ScoredSamples {
  std::vector<std::string> paths;
  std::vector<int> labels;
  std::vector<std::vector<float>> probabilities;  ///< calibrated, in class order
  std::vector<std::vector<float>> uncalibrated;   ///< the same before calibration; empty: not known
  std::vector<std::string> subjects;              ///< empty text: not known
  /// Of each attribute (session, sex, angle, …) the value; empty text: not known.
  std::map<std::string, std::vector<std::string>> attributes;
  /// Of each measure (brightness, face_size_px, …) the value; NaN: not known.
  std::map<std::string, std::vector<double>> measures;
};

/// Adds the samples of `more` behind those of `scored`. An attribute or measure that only one of them has is
/// not known of the other; uncalibrated probabilities are only kept where both have them.
void append(ScoredSamples& scored, const ScoredSamples& more);

}  // namespace fer
