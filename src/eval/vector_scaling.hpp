#pragma once

#include <optional>
#include <span>
#include <vector>

#include "fer/core/calibration.hpp"

namespace fer {

/// The minimum that fit_calibration() describes, by Newton's method from the temperature on; checked labels
/// and logits. Nothing if it does not converge.
std::optional<Calibration> fit_vector_scaling(std::span<const int> labels,
                                              std::span<const std::vector<float>> logits, double temperature);

}  // namespace fer
