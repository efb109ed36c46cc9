#pragma once

#include <span>
#include <vector>

#include "fer/core/calibration.hpp"

namespace fer {

/// The temperature in 0.05..20 that minimises the negative log-likelihood (Guo et al. 2017). Fit it on
/// validation data only. It changes no prediction, only how sure it is.
/// Returns 1 where the likelihood rises all the way to 0.05, as it does when every sample is right: such data
/// cannot tell how often the model errs, and 0.05 would claim never.
/// labels and logits as labels and probabilities in evaluate(), but any finite numbers; throws alike.
double fit_temperature(std::span<const int> labels, std::span<const std::vector<float>> logits);

/// What the method makes of validation data; throws as fit_temperature() does. Vector scaling, which may
/// change predictions, is drawn towards the temperature T: it minimises the summed negative log-likelihood
/// plus 15 * sum((T scale - 1)^2 + bias^2). A few samples a class leave it near the temperature, thousands
/// make it free of it, and it is finite for classes that never or always are right.
/// Its likelihood of the data is never below the temperature's. It changes nothing where no temperature can
/// be told; where its solver does not converge (logits beyond all measure) the temperature is returned.
Calibration fit_calibration(CalibrationMethod method, std::span<const int> labels,
                            std::span<const std::vector<float>> logits);

}  // namespace fer
