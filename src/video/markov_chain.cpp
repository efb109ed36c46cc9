#include "markov_chain.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace fer {
namespace {

constexpr double kIndependence = 0.25;  // seconds
constexpr double kUninformative = 0.01;

/// One value per class for each row, one row after the other.
class Table {
 public:
  Table(std::size_t rows, std::size_t classes) : classes_(classes), values_(rows * classes) {}

  std::span<double> operator[](std::size_t row) {
    return std::span(values_).subspan(row * classes_, classes_);
  }

 private:
  std::size_t classes_;
  std::vector<double> values_;
};

/// Chances over a stretch of time: to be found in the same class, and in each of the others.
struct Transition {
  double same;
  double other;
};

class MarkovChain {
 public:
  MarkovChain(std::span<const TimedProbabilities> track, double dwell)
      : rows_(track.size()), classes_(track.front().probabilities.size()), evidence_(rows_, classes_) {
    for (std::size_t i = 1; i < rows_; ++i)
      transitions_.push_back(transition(track[i].timestamp - track[i - 1].timestamp, dwell));
    for (std::size_t i = 0; i < rows_; ++i) {
      const double weight = (i == 0 ? 0.5 : share(track[i].timestamp - track[i - 1].timestamp)) +
                            (i + 1 == rows_ ? 0.5 : share(track[i + 1].timestamp - track[i].timestamp));
      for (std::size_t k = 0; k < classes_; ++k) {
        const double p =
            (1 - kUninformative) * track[i].probabilities[k] + kUninformative / static_cast<double>(classes_);
        evidence_[i][k] = weight * std::log(p);
      }
    }
  }

  std::vector<int> most_probable_labels() {
    std::vector<double> score(evidence_[0].begin(), evidence_[0].end());
    std::vector<int> came_from(rows_ * classes_);
    for (std::size_t i = 1; i < rows_; ++i) {
      const Transition& step = transitions_[i - 1];
      const auto best = static_cast<int>(std::ranges::max_element(score) - score.begin());
      const double change = score[static_cast<std::size_t>(best)] + std::log(step.other);
      for (std::size_t k = 0; k < classes_; ++k) {
        const double stay = score[k] + std::log(step.same);
        came_from[i * classes_ + k] = stay >= change ? static_cast<int>(k) : best;
        score[k] = std::max(stay, change) + evidence_[i][k];
      }
    }
    std::vector<int> labels(rows_);
    labels.back() = static_cast<int>(std::ranges::max_element(score) - score.begin());
    for (std::size_t i = rows_ - 1; i > 0; --i)
      labels[i - 1] = came_from[i * classes_ + static_cast<std::size_t>(labels[i])];
    return labels;
  }

  /// Forward, then backward; each row is scaled to sum 1, so nothing underflows.
  std::vector<std::vector<float>> posteriors() {
    Table forward(rows_, classes_);
    std::ranges::fill(forward[0], 1.0);
    for (std::size_t i = 0; i < rows_; ++i) {
      if (i > 0) spread(forward[i - 1], forward[i], transitions_[i - 1]);
      add_evidence(forward[i], i);
    }
    std::vector<std::vector<float>> rows(rows_);
    std::vector<double> later(classes_, 1.0);
    std::vector<double> both(classes_);
    for (std::size_t i = rows_; i-- > 0;) {
      for (std::size_t k = 0; k < classes_; ++k) both[k] = forward[i][k] * later[k];
      scale(both);
      rows[i].assign(both.begin(), both.end());
      if (i == 0) break;
      add_evidence(later, i);
      spread(later, both, transitions_[i - 1]);
      later.swap(both);
    }
    return rows;
  }

 private:
  /// What the time to one neighbour leaves a row of its weight.
  static double share(double seconds) { return std::min(1.0, seconds / kIndependence) / 2; }

  Transition transition(double seconds, double dwell) const {
    if (classes_ == 1) return {.same = 1, .other = 0};
    const auto others = static_cast<double>(classes_ - 1);
    const double forgotten = -std::expm1(-seconds * (others + 1) / (others * dwell));
    const double other = forgotten / (others + 1);
    return {.same = 1 - others * other, .other = other};
  }

  static void scale(std::span<double> row) {
    double sum = 0;
    for (const double value : row) sum += value;
    for (double& value : row) value /= sum;
  }

  /// `from` sums to 1.
  static void spread(std::span<const double> from, std::span<double> to, const Transition& step) {
    for (std::size_t k = 0; k < from.size(); ++k) to[k] = step.other * (1 - from[k]) + step.same * from[k];
  }

  void add_evidence(std::span<double> row, std::size_t at) {
    for (std::size_t k = 0; k < classes_; ++k) row[k] *= std::exp(evidence_[at][k]);
    scale(row);
  }

  std::size_t rows_;
  std::size_t classes_;
  Table evidence_;                       // ln likelihood
  std::vector<Transition> transitions_;  // from each row to the next
};

}  // namespace

std::vector<SmoothedRow> markov_smooth(std::span<const TimedProbabilities> track, double dwell) {
  if (track.empty()) return {};
  MarkovChain chain(track, dwell);
  const std::vector<int> labels = chain.most_probable_labels();
  std::vector<std::vector<float>> posteriors = chain.posteriors();
  std::vector<SmoothedRow> rows;
  rows.reserve(track.size());
  for (std::size_t i = 0; i < track.size(); ++i)
    rows.push_back({.probabilities = std::move(posteriors[i]), .label = labels[i]});
  return rows;
}

}  // namespace fer
