#pragma once

#include <optional>
#include <string>

#include "fer/core/labels.hpp"
#include "fer/video/summary.hpp"

namespace fer {

/// "neutral" -> "Neutral".
std::string heading(std::string name);

/// "Neutral (48), Angry (8), Disgust (8), Uncertain (2)"; "-" of no face.
std::string distribution_text(const EmotionCounts& counts, const ClassList& classes);

/// A share as "62.50"; "-" for nothing.
std::string percent_text(const std::optional<double>& share);

/// "64", or "50/64" where only 50 of the sampled frames show a face.
std::string frames_text(std::int64_t with_face, std::int64_t sampled);

/// The dominant emotion as a heading, or "-".
std::string dominant_text(const EmotionCounts& counts, const ClassList& classes);

}  // namespace fer
