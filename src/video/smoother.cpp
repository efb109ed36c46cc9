#include "fer/video/smoother.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "fer/video/frame_sampler.hpp"
#include "markov_chain.hpp"

namespace fer {
namespace {

struct MethodRow {
  std::string_view name;
  SmoothingMethod method;
  double window;  // where none is asked for
};

constexpr std::array<MethodRow, 5> kMethods = {{
    {"none", SmoothingMethod::none, 1},
    {"ema", SmoothingMethod::ema, 1},
    {"median", SmoothingMethod::median, 1},
    {"majority", SmoothingMethod::majority, 1},
    {"hmm", SmoothingMethod::hmm, 2},
}};

const MethodRow& row_of(SmoothingMethod method) {
  return *std::ranges::find(kMethods, method, &MethodRow::method);
}

double window_of(const Smoothing& smoothing) {
  return smoothing.window.value_or(row_of(smoothing.method).window);
}

using Rows = std::vector<std::vector<float>>;

void normalise(std::vector<float>& row) {
  const double sum = std::accumulate(row.begin(), row.end(), 0.0);
  if (sum <= 0) return;
  for (float& value : row) value = static_cast<float>(value / sum);
}

Rows moving_average(std::span<const TimedProbabilities> track, double window) {
  Rows rows;
  rows.reserve(track.size());
  for (std::size_t i = 0; i < track.size(); ++i) {
    const auto& now = track[i].probabilities;
    std::vector<float> row(now.begin(), now.end());
    if (i > 0) {
      const double weight = 1 - std::exp(-2 * (track[i].timestamp - track[i - 1].timestamp) / window);
      for (std::size_t k = 0; k < row.size(); ++k)
        row[k] = static_cast<float>(weight * row[k] + (1 - weight) * rows.back()[k]);
      normalise(row);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::size_t most_probable(std::span<const float> probabilities) {
  return static_cast<std::size_t>(std::ranges::max_element(probabilities) - probabilities.begin());
}

/// The rows at most window / 2 before or after a time that only moves on.
class Window {
 public:
  Window(std::span<const TimedProbabilities> track, double window)
      : track_(track), reach_(window / 2 + kTimeTolerance) {}

  /// Calls `enter` and `leave` with the probabilities of each row that does so.
  template <class Enter, class Leave>
  void move_to(double time, const Enter& enter, const Leave& leave) {
    while (end_ < track_.size() && track_[end_].timestamp <= time + reach_)
      enter(track_[end_++].probabilities);
    while (track_[begin_].timestamp < time - reach_) leave(track_[begin_++].probabilities);
  }

  std::span<const TimedProbabilities> rows() const { return track_.subspan(begin_, end_ - begin_); }

 private:
  std::span<const TimedProbabilities> track_;
  double reach_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

/// The mean of the two middle ones for an even count.
float median_of(std::span<const float> sorted) {
  const std::size_t middle = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/// Where every class's median is 0 (each row sure of another class) the frame keeps its own row.
Rows moving_median(std::span<const TimedProbabilities> track, double seconds) {
  Rows rows;
  rows.reserve(track.size());
  Window window(track, seconds);
  Rows sorted(track.empty() ? 0 : track.front().probabilities.size());  // of each class, those in the window
  const auto enter = [&](std::span<const float> values) {
    for (std::size_t k = 0; k < sorted.size(); ++k)
      sorted[k].insert(std::ranges::upper_bound(sorted[k], values[k]), values[k]);
  };
  const auto leave = [&](std::span<const float> values) {
    for (std::size_t k = 0; k < sorted.size(); ++k)
      sorted[k].erase(std::ranges::lower_bound(sorted[k], values[k]));
  };
  for (const auto& [time, probabilities] : track) {
    window.move_to(time, enter, leave);
    std::vector<float> row;
    for (const std::vector<float>& values : sorted) row.push_back(median_of(values));
    if (std::ranges::all_of(row, [](float value) { return value <= 0; }))
      row.assign(probabilities.begin(), probabilities.end());
    normalise(row);
    rows.push_back(std::move(row));
  }
  return rows;
}

/// Of the classes with the most votes the one of the highest sum over `rows`.
int winner(std::span<const int> votes, std::span<const TimedProbabilities> rows) {
  const int most = std::ranges::max(votes);
  std::vector<double> sums(votes.size());
  for (std::size_t k = 0; k < votes.size(); ++k) {
    if (votes[k] < most) continue;
    for (const TimedProbabilities& row : rows) sums[k] += row.probabilities[k];
  }
  return static_cast<int>(std::ranges::max_element(sums) - sums.begin());
}

std::vector<SmoothedRow> moving_majority(std::span<const TimedProbabilities> track, double seconds) {
  std::vector<SmoothedRow> rows;
  rows.reserve(track.size());
  Window window(track, seconds);
  std::vector<int> votes(track.empty() ? 0 : track.front().probabilities.size());
  const auto enter = [&](std::span<const float> values) { ++votes[most_probable(values)]; };
  const auto leave = [&](std::span<const float> values) { --votes[most_probable(values)]; };
  for (const TimedProbabilities& now : track) {
    window.move_to(now.timestamp, enter, leave);
    SmoothedRow& row = rows.emplace_back(SmoothedRow{{}, winner(votes, window.rows())});
    for (const int count : votes)
      row.probabilities.push_back(static_cast<float>(count) / static_cast<float>(window.rows().size()));
  }
  return rows;
}

void check_finite(std::span<const TimedProbabilities> track) {
  for (const auto& [time, probabilities] : track) {
    if (!std::ranges::all_of(probabilities, [](float value) { return std::isfinite(value); }))
      throw failure("the probabilities at {} s are not finite (did the model's training diverge?)", time);
  }
}

Rows unsmoothed(std::span<const TimedProbabilities> track) {
  Rows rows;
  for (const auto& [time, probabilities] : track)
    rows.emplace_back(probabilities.begin(), probabilities.end());
  return rows;
}

std::vector<SmoothedRow> labelled(Rows rows) {
  std::vector<SmoothedRow> result;
  result.reserve(rows.size());
  for (std::vector<float>& row : rows) {
    const auto label = static_cast<int>(most_probable(row));
    result.push_back({.probabilities = std::move(row), .label = label});
  }
  return result;
}

}  // namespace

SmoothingMethod smoothing_method(std::string_view name) {
  std::vector<std::string> names;
  for (const MethodRow& row : kMethods) {
    if (row.name == name) return row.method;
    names.emplace_back(row.name);
  }
  throw usage_error("unknown smoothing '{}', expected one of {}{}", name, join(names, ", "),
                    did_you_mean(name, names));
}

std::string smoothing_text(const Smoothing& smoothing) {
  const std::string_view name = row_of(smoothing.method).name;
  if (smoothing.method == SmoothingMethod::none) return std::string(name);
  return fmt::format("{} {} s", name, window_of(smoothing));
}

std::vector<SmoothedRow> smooth(std::span<const TimedProbabilities> track, const Smoothing& smoothing) {
  check_finite(track);
  const double window = window_of(smoothing);
  if (smoothing.method != SmoothingMethod::none && !(window > 0))
    throw usage_error("smoothing window: {} s, expected a number above 0", window);
  switch (smoothing.method) {
    case SmoothingMethod::ema:
      return labelled(moving_average(track, window));
    case SmoothingMethod::median:
      return labelled(moving_median(track, window));
    case SmoothingMethod::majority:
      return moving_majority(track, window);
    case SmoothingMethod::hmm:
      return markov_smooth(track, window);
    case SmoothingMethod::none:
      break;
  }
  return labelled(unsmoothed(track));
}

}  // namespace fer
