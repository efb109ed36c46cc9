#include "fer/eval/scored_samples.hpp"

#include <limits>

namespace fer {
namespace {

template <class T>
void append_list(std::vector<T>& list, const std::vector<T>& more) {
  list.insert(list.end(), more.begin(), more.end());
}

/// Names that only one side has are `unknown` on the other.
template <class T>
void append_lists(std::map<std::string, std::vector<T>>& lists,
                  const std::map<std::string, std::vector<T>>& more, std::size_t samples,
                  std::size_t more_samples, const T& unknown) {
  for (const auto& [name, values] : more) {
    lists[name].resize(samples, unknown);
    append_list(lists[name], values);
  }
  for (auto& [name, values] : lists) values.resize(samples + more_samples, unknown);
}

}  // namespace

void append(ScoredSamples& scored, const ScoredSamples& more) {
  const std::size_t samples = scored.labels.size(), more_samples = more.labels.size();
  const bool uncalibrated = scored.uncalibrated.size() == samples && more.uncalibrated.size() == more_samples;
  append_list(scored.paths, more.paths);
  append_list(scored.labels, more.labels);
  append_list(scored.probabilities, more.probabilities);
  append_list(scored.uncalibrated, more.uncalibrated);
  if (!uncalibrated) scored.uncalibrated.clear();
  append_list(scored.subjects, more.subjects);
  append_lists(scored.attributes, more.attributes, samples, more_samples, std::string());
  append_lists(scored.measures, more.measures, samples, more_samples,
               std::numeric_limits<double>::quiet_NaN());
}

}  // namespace fer
