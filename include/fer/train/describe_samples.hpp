#pragma once

#include <span>

#include "fer/data/face_crops.hpp"
#include "fer/eval/scored_samples.hpp"

namespace fer {

/// What is known of the samples at these positions, without probabilities: those are the caller's to add.
/// Besides what the data set says there is the attribute `face` (found or none), `source` where there are
/// several, and there are the measures
/// `brightness`, `contrast` and `sharpness` of the crop (see ImageQuality), `face_size_px` (the shorter side
/// of the detected face's box in the original image) and `detector_score`; a data set's own attribute of one
/// of these names stands. Reads the crops' pixels.
ScoredSamples describe_samples(const FaceCrops& faces, std::span<const std::size_t> samples);

}  // namespace fer
