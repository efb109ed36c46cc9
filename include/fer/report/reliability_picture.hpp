#pragma once

#include <opencv2/core.hpp>
#include <string>

#include "fer/core/calibration.hpp"
#include "fer/eval/evaluation.hpp"

namespace fer {

/// The reliability diagram as an RGB picture at twice screen resolution, before and after calibration side by
/// side (after alone where the other is not known): accuracy by confidence, its 95 % interval, its distance
/// to the mean confidence, the diagonal on which both are equal, and below it how many samples there are.
/// `calibration` names what was done. Throws a failure for an evaluation without bins.
cv::Mat draw_reliability(const Evaluation& evaluation, const Calibration& calibration,
                         const std::string& title);

}  // namespace fer
