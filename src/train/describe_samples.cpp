#include "fer/train/describe_samples.hpp"

#include <limits>

#include "fer/data/attributes.hpp"
#include "fer/vision/image_quality.hpp"

namespace fer {
namespace {

void add_measures(const FaceCrops& faces, std::size_t sample, ScoredSamples& described) {
  constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
  const auto add = [&](const char* name, double value) { described.measures[name].push_back(value); };
  const ImageQuality quality = image_quality(faces.crops[sample]);
  add("brightness", quality.brightness);
  add("contrast", quality.contrast);
  add("sharpness", quality.sharpness);
  const auto& face = faces.faces[sample];
  add("face_size_px", face ? face->size : kUnknown);
  add("detector_score", face ? face->score : kUnknown);
}

}  // namespace

ScoredSamples describe_samples(const FaceCrops& faces, std::span<const std::size_t> samples) {
  ScoredSamples described;
  const bool several = has_several_sources(faces.dataset);
  std::vector<std::string> found;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Sample& sample = faces.dataset.samples[samples[i]];
    described.paths.push_back(sample.path);
    described.labels.push_back(sample.label);
    described.subjects.push_back(sample.subject);
    for (const auto& [name, value] : sample.attributes) {
      described.attributes[name].resize(samples.size());
      described.attributes[name][i] = value;
    }
    if (several) described.attributes["source"].push_back(sample.source);
    add_measures(faces, samples[i], described);
    found.emplace_back(faces.faces[samples[i]] ? "found" : "none");
  }
  described.attributes.try_emplace("face", std::move(found));
  return described;
}

}  // namespace fer
