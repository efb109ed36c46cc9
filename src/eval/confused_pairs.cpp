#include "fer/eval/confused_pairs.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <utility>

namespace fer {

std::vector<ConfusedPair> confused_pairs(std::span<const int> labels,
                                         std::span<const std::vector<float>> probabilities, int classes) {
  std::vector<std::int64_t> labelled(static_cast<std::size_t>(classes));
  std::map<std::pair<int, int>, std::vector<std::size_t>> wrong;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    ++labelled[static_cast<std::size_t>(labels[i])];
    const int predicted = predicted_class(probabilities[i]);
    if (predicted != labels[i]) wrong[{labels[i], predicted}].push_back(i);
  }
  std::vector<ConfusedPair> pairs;
  for (auto& [classes_of_pair, samples] : wrong) {
    const auto [label, predicted] = classes_of_pair;
    const auto confidence = [&, answer = static_cast<std::size_t>(predicted)](std::size_t sample) {
      return static_cast<double>(probabilities[sample][answer]);
    };
    std::ranges::stable_sort(samples, std::greater{}, confidence);
    const auto count = static_cast<std::int64_t>(samples.size());
    const std::int64_t all = labelled[static_cast<std::size_t>(label)];
    const auto add = [&](double sum, std::size_t sample) { return sum + confidence(sample); };
    const double confidences = std::accumulate(samples.begin(), samples.end(), 0.0, add);
    pairs.push_back({.label = label,
                     .predicted = predicted,
                     .count = count,
                     .share = static_cast<double>(count) / static_cast<double>(all),
                     .share_ci95 = wilson_interval(count, all),
                     .mean_confidence = confidences / static_cast<double>(count),
                     .samples = std::move(samples)});
  }
  std::ranges::stable_sort(pairs, std::greater{}, &ConfusedPair::count);
  return pairs;
}

std::optional<WrongAnswer> wrong_answer(const Confusion& confusion, int predicted) {
  WrongAnswer answer{.predicted = predicted, .count = 0, .others = 0};
  for (std::size_t label = 0; label < confusion.size(); ++label) {
    if (static_cast<int>(label) == predicted) continue;
    const auto& row = confusion[label];
    answer.count += row[static_cast<std::size_t>(predicted)];
    answer.others += std::accumulate(row.begin(), row.end(), std::int64_t{0});
  }
  if (answer.others == 0) return std::nullopt;
  return answer;
}

std::optional<WrongAnswer> favourite_wrong_answer(const Confusion& confusion) {
  std::optional<WrongAnswer> favourite;
  for (int predicted = 0; predicted < static_cast<int>(confusion.size()); ++predicted) {
    const auto answer = wrong_answer(confusion, predicted);
    if (answer && answer->count > (favourite ? favourite->count : 0)) favourite = answer;
  }
  return favourite;
}

std::optional<FrequentPair> most_frequent_pair(const Confusion& confusion) {
  std::optional<FrequentPair> most;
  for (std::size_t label = 0; label < confusion.size(); ++label) {
    const auto& row = confusion[label];
    for (std::size_t predicted = 0; predicted < row.size(); ++predicted) {
      if (predicted == label || row[predicted] <= (most ? most->count : 0)) continue;
      most = {.label = static_cast<int>(label),
              .predicted = static_cast<int>(predicted),
              .count = row[predicted],
              .labelled = std::accumulate(row.begin(), row.end(), std::int64_t{0})};
    }
  }
  return most;
}

}  // namespace fer
