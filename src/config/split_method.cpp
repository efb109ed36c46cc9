#include "fer/config/split_method.hpp"

namespace fer {

bool has_folds(const SplitConfig& split) {
  return split.method == "kfold" || split.method == "random_kfold" || is_by_group(split);
}

bool is_by_group(const SplitConfig& split) { return split.method == "group_out"; }

}  // namespace fer
