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
  std::vector<std::string> subjects;              ///< empty text: not known
  /// Of each attribute (session, sex, angle, …) the value; empty text: not known.
  std::map<std::string, std::vector<std::string>> attributes;
};

}  // namespace fer
