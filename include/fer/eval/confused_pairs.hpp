#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "fer/eval/metrics.hpp"

namespace fer {

/// Samples of one class that were taken for another.
struct ConfusedPair {
  int label = 0;
  int predicted = 0;
  std::int64_t count = 0;
  double share = 0;                  ///< of the samples with this label
  Interval share_ci95;               ///< Wilson's
  double mean_confidence = 0;        ///< mean probability of the wrong answer
  std::vector<std::size_t> samples;  ///< their positions, the one surest of the wrong answer first
};

/// Every pair that occurs, most samples first. labels and probabilities as in evaluate(), which checks them.
std::vector<ConfusedPair> confused_pairs(std::span<const int> labels,
                                         std::span<const std::vector<float>> probabilities, int classes);

/// A class as a wrong answer.
struct WrongAnswer {
  int predicted = 0;
  std::int64_t count = 0;   ///< samples of other classes taken for it
  std::int64_t others = 0;  ///< samples of other classes

  double share() const { return static_cast<double>(count) / static_cast<double>(others); }
};

/// How many samples of other classes were taken for this one ("bias to neutral", where it is that); nothing
/// where there are no samples of others.
std::optional<WrongAnswer> wrong_answer(const Confusion& confusion, int predicted);

/// The class that most samples of others were taken for; nothing where all are right.
std::optional<WrongAnswer> favourite_wrong_answer(const Confusion& confusion);

/// A label and the class that its samples were taken for.
struct FrequentPair {
  int label = 0;
  int predicted = 0;
  std::int64_t count = 0;
  std::int64_t labelled = 0;  ///< samples with this label
};

/// The pair that occurs most often, the first of equals; nothing where all are right.
std::optional<FrequentPair> most_frequent_pair(const Confusion& confusion);

}  // namespace fer
