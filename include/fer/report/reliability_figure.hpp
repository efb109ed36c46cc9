#pragma once

#include <string>

#include "fer/core/calibration.hpp"
#include "fer/eval/evaluation.hpp"
#include "fer/report/figure.hpp"

namespace fer {

/// The reliability diagram, before and after calibration side by side over two columns (after alone in one
/// where the other is not known): accuracy by confidence, its 95 % interval, its distance to the mean
/// confidence, the diagonal on which both are equal, and below it how many samples there are. `calibration`
/// names what was done. Throws a failure for an evaluation without bins.
Figure reliability_figure(const Evaluation& evaluation, const Calibration& calibration,
                          const std::string& title);

}  // namespace fer
