#pragma once

#include <functional>

#include "fer/model/classifier.hpp"

namespace fer {

/// Adds a tensor of doubles up over the processes of a training, in place. All call it in the same order.
/// False: this process's batch does not count, and nothing of it was added.
using SumFn = std::function<bool(at::Tensor&)>;

/// From now on the classifier's BatchNorms in training mode take mean and variance, and what their gradients
/// need of them, over the batches of all processes: together these compute what one would with the whole
/// batch. An empty function: each for itself again.
void share_norms(Classifier& classifier, const SumFn& sum);

}  // namespace fer
