#include "fer/eval/label_noise.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "check.hpp"
#include "fer/core/error.hpp"

namespace fer {
namespace {

// As cleanlab has them, so that the results are the same to the sample.
constexpr double kTolerance = 1e-6;
constexpr double kLeastThreshold = 2e-6;
constexpr std::int64_t kLeastSamples = 1;  // of a label, that stay beyond doubt

using Reals = std::vector<std::vector<double>>;

std::vector<std::int64_t> count_labels(std::span<const int> labels, std::size_t classes) {
  std::vector<std::int64_t> counts(classes);
  for (const int label : labels) ++counts[static_cast<std::size_t>(label)];
  return counts;
}

std::vector<double> class_thresholds(std::span<const int> labels,
                                     std::span<const std::vector<float>> probabilities,
                                     std::span<const std::int64_t> counts) {
  std::vector<double> thresholds(counts.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto label = static_cast<std::size_t>(labels[i]);
    thresholds[label] += probabilities[i][label];
  }
  for (std::size_t k = 0; k < counts.size(); ++k) {
    thresholds[k] = counts[k] == 0
                        ? std::numeric_limits<double>::quiet_NaN()
                        : std::max(thresholds[k] / static_cast<double>(counts[k]), kLeastThreshold);
  }
  return thresholds;
}

/// The class of which a sample is thought to be; nothing where no probability reaches its threshold, as none
/// does where that is NaN.
std::optional<std::size_t> confident_class(std::span<const float> row, std::span<const double> thresholds) {
  std::optional<std::size_t> only;
  for (std::size_t k = 0; k < row.size(); ++k) {
    if (!(row[k] >= thresholds[k] - kTolerance)) continue;
    if (only) return static_cast<std::size_t>(std::ranges::max_element(row) - row.begin());
    only = k;
  }
  return only;
}

/// The values as whole numbers with the same sum, which is whole: where rounding errs, those move that it
/// moved furthest.
std::vector<std::int64_t> round_keeping_sum(std::span<const double> values) {
  std::vector<double> whole;
  for (const double value : values) whole.push_back(std::nearbyint(value));
  const double sum = std::nearbyint(std::accumulate(values.begin(), values.end(), 0.0));
  double missing = sum - std::accumulate(whole.begin(), whole.end(), 0.0);
  while (std::abs(missing) > 0.5) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t k) { return values[k] - whole[k]; });
    if (missing > 0) std::ranges::reverse(order);
    const double step = missing > 0 ? 1 : -1;
    for (std::size_t i = 0; i < order.size() && std::abs(missing) > 0.5; ++i, missing -= step)
      whole[order[i]] += step;
  }
  return {whole.begin(), whole.end()};
}

NoiseCounts scaled_to_labels(const NoiseCounts& confident, std::span<const std::int64_t> counts) {
  NoiseCounts estimated;
  for (std::size_t label = 0; label < confident.size(); ++label) {
    const auto& row = confident[label];
    const auto sum = static_cast<double>(std::accumulate(row.begin(), row.end(), std::int64_t{0}));
    std::vector<double> scaled;
    for (const std::int64_t count : row)
      scaled.push_back(static_cast<double>(count) / sum * static_cast<double>(counts[label]));
    estimated.push_back(round_keeping_sum(scaled));
  }
  return estimated;
}

/// How many samples of one label to doubt in favour of each class. Where fewer than kLeastSamples would stay,
/// the classes give way evenly.
std::vector<std::int64_t> doubted_counts(const std::vector<std::int64_t>& estimated, std::size_t label) {
  const auto lacking = static_cast<double>(std::max<std::int64_t>(0, kLeastSamples - estimated[label]));
  const auto nonzero = std::ranges::count_if(estimated, [](std::int64_t count) { return count != 0; });
  const double less = lacking / static_cast<double>(std::max<std::ptrdiff_t>(1, nonzero - 1));
  std::vector<std::int64_t> counts;
  for (const std::int64_t count : estimated)
    counts.push_back(static_cast<std::int64_t>(std::max(0.0, static_cast<double>(count) - less)));
  counts[label] = 0;
  return counts;
}

/// What the search for suspects goes by.
struct Evidence {
  std::span<const int> labels;
  std::span<const std::vector<float>> probabilities;
};

/// Marks the suspects of one label.
void doubt(const Evidence& evidence, std::size_t label, std::span<const std::int64_t> counts,
           std::vector<bool>& doubted) {
  std::vector<std::size_t> samples;
  for (std::size_t i = 0; i < evidence.labels.size(); ++i) {
    if (static_cast<std::size_t>(evidence.labels[i]) == label) samples.push_back(i);
  }
  if (std::ssize(samples) <= kLeastSamples) return;
  for (std::size_t other = 0; other < counts.size(); ++other) {
    if (counts[other] == 0) continue;
    std::vector<std::size_t> order = samples;
    std::ranges::stable_sort(order, {}, [&](std::size_t i) {
      const std::vector<float>& row = evidence.probabilities[i];
      return static_cast<double>(row[label]) - static_cast<double>(row[other]);
    });
    for (std::size_t i = 0; i < static_cast<std::size_t>(counts[other]); ++i) doubted[order[i]] = true;
  }
}

/// The model votes for the label, or as good as that.
bool is_believed(std::span<const float> row, int label) {
  const auto place = static_cast<std::size_t>(label);
  const auto other = static_cast<std::size_t>(strongest_other(row, label));
  const double own = static_cast<double>(row[place]) + kTolerance;
  const auto rival = static_cast<double>(row[other]);
  return own > rival || (own == rival && place < other);
}

}  // namespace

LabelNoise find_label_noise(std::span<const int> labels, std::span<const std::vector<float>> probabilities,
                            int classes, SuspectOrder order) {
  if (classes < 2)
    throw failure("labels of {} classes cannot be doubted: two at least were expected", classes);
  check_rows(labels, probabilities, classes);
  const auto size = static_cast<std::size_t>(classes);
  const std::vector<std::int64_t> counts = count_labels(labels, size);
  LabelNoise noise;
  noise.thresholds = class_thresholds(labels, probabilities, counts);
  noise.confident.assign(size, std::vector<std::int64_t>(size));
  std::vector<bool> confident(labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto label = static_cast<std::size_t>(labels[i]);
    const auto found = confident_class(probabilities[i], noise.thresholds);
    if (!found) continue;
    ++noise.confident[label][*found];
    confident[i] = *found != label;
  }
  for (std::size_t k = 0; k < size; ++k)
    noise.confident[k][k] = std::max<std::int64_t>(1, noise.confident[k][k]);
  noise.estimated = scaled_to_labels(noise.confident, counts);

  std::vector<bool> doubted(labels.size());
  for (std::size_t label = 0; label < size; ++label) {
    doubt({.labels = labels, .probabilities = probabilities}, label,
          doubted_counts(noise.estimated[label], label), doubted);
  }
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (!doubted[i] || is_believed(probabilities[i], labels[i])) continue;
    noise.suspects.push_back({.sample = i,
                              .label = labels[i],
                              .suggested = strongest_other(probabilities[i], labels[i]),
                              .score = suspect_score(probabilities[i], labels[i], order),
                              .confident = confident[i]});
  }
  std::ranges::stable_sort(noise.suspects, {}, &Suspect::score);
  return noise;
}

double suspect_score(std::span<const float> probabilities, int label, SuspectOrder order) {
  const double own = probabilities[static_cast<std::size_t>(label)];
  if (order == SuspectOrder::self_confidence) return own;
  const double other = probabilities[static_cast<std::size_t>(strongest_other(probabilities, label))];
  return (own - other + 1) / 2;
}

int strongest_other(std::span<const float> probabilities, int label) {
  int strongest = label == 0 ? 1 : 0;
  for (int k = 0; k < static_cast<int>(probabilities.size()); ++k) {
    if (k != label &&
        probabilities[static_cast<std::size_t>(k)] > probabilities[static_cast<std::size_t>(strongest)])
      strongest = k;
  }
  return strongest;
}

std::int64_t count_noise(const NoiseCounts& counts) {
  std::int64_t sum = 0;
  for (std::size_t label = 0; label < counts.size(); ++label) {
    for (std::size_t other = 0; other < counts.size(); ++other)
      sum += other == label ? 0 : counts[label][other];
  }
  return sum;
}

}  // namespace fer
