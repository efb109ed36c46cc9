#pragma once

#include "fer/model/classifier.hpp"

namespace fer {

/// The weights under the classifier's own names; what it does not know in its other spelling stays as it is.
/// A 1x1 convolution becomes the linear layer it stands for. Where the other library's BatchNorms add
/// something else to the variance, their weights are scaled so that in evaluation mode nothing changes.
TensorMap in_own_spelling(const Classifier& classifier, const TensorMap& weights);

}  // namespace fer
