#pragma once

#include <string>

#include "fer/core/labels.hpp"
#include "fer/eval/metrics.hpp"
#include "fer/report/figure.hpp"

namespace fer {

/// The confusion matrix, labels down and predictions across: each cell has its count and its share of the
/// row, which also makes it dark. One column wide where the figures have room in it, else two; from about 23
/// classes on cells have no figures. Throws a failure if the matrix is that of another number of classes.
Figure confusion_figure(const Confusion& confusion, const ClassList& classes, const std::string& title);

}  // namespace fer
