#include "fer/train/describe_samples.hpp"

namespace fer {

ScoredSamples describe_samples(const FaceCrops& faces, std::span<const std::size_t> samples) {
  ScoredSamples described;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Sample& sample = faces.dataset.samples[samples[i]];
    described.paths.push_back(sample.path);
    described.labels.push_back(sample.label);
    described.subjects.push_back(sample.subject);
    for (const auto& [name, value] : sample.attributes) {
      described.attributes[name].resize(samples.size());
      described.attributes[name][i] = value;
    }
  }
  return described;
}

}  // namespace fer
