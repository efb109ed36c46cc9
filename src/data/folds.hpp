#pragma once

#include <vector>

#include "fer/data/split.hpp"

namespace fer {

/// assign_folds() of method kfold.
std::vector<int> folds_by_subject(const Dataset& dataset, const SplitOptions& options);

/// assign_folds() of method group_out.
std::vector<int> folds_by_group(const Dataset& dataset, const SplitOptions& options);

/// assign_folds() of method random_kfold.
std::vector<int> folds_at_random(const Dataset& dataset, const SplitOptions& options);

}  // namespace fer
