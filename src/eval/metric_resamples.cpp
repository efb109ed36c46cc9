#include "metric_resamples.hpp"

namespace fer {

std::vector<Metrics> metric_resamples(std::span<const SampleScore> scores, int classes,
                                      const Resampling& resampling, const BootstrapOptions& options) {
  std::vector<Metrics> resamples;
  for (int resample = 0; resample < options.resamples; ++resample) {
    MetricSums sums(classes);
    resampling.draw(options.seed, resample, [&](std::size_t sample) { sums.add(scores[sample]); });
    resamples.push_back(sums.metrics());
    if (options.progress) options.progress(resamples.size(), static_cast<std::size_t>(options.resamples));
  }
  return resamples;
}

}  // namespace fer
