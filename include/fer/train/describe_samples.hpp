#pragma once

#include <span>

#include "fer/data/face_crops.hpp"
#include "fer/eval/scored_samples.hpp"

namespace fer {

/// What is known of the samples at these positions, without probabilities: those are the caller's to add.
ScoredSamples describe_samples(const FaceCrops& faces, std::span<const std::size_t> samples);

}  // namespace fer
