#pragma once

#include <span>
#include <vector>

namespace fer {

/// exp(logit / temperature), normalised to sum 1; any size of finite logits. temperature > 0.
std::vector<float> softmax(std::span<const float> logits, double temperature = 1.0);

/// The temperature in 0.05..20 that minimises the negative log-likelihood (Guo et al. 2017). Fit it on
/// validation data only. It changes no prediction, only how sure it is.
/// Returns 1 where the likelihood rises all the way to 0.05, as it does when every sample is right: such data
/// cannot tell how often the model errs, and 0.05 would claim never.
/// labels and logits as labels and probabilities in evaluate(), but any finite numbers; throws alike.
double fit_temperature(std::span<const int> labels, std::span<const std::vector<float>> logits);

}  // namespace fer
