#pragma once

#include "fer/config/data_config.hpp"

namespace fer {

/// The method deals samples out to folds.
bool has_folds(const SplitConfig& split);

/// The folds are the values of an attribute: how many there are the data tell.
bool is_by_group(const SplitConfig& split);

}  // namespace fer
