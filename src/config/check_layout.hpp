#pragma once

#include <string>

#include "fer/config/layout_config.hpp"
#include "tree.hpp"

namespace fer {

/// Throws a usage error for a layout that does not say enough, or whose pattern or names in braces make no
/// sense. `key` is where it stands in `tree`, which knows the places.
void check_layout(const LayoutConfig& layout, const std::string& key, const Tree& tree);

}  // namespace fer
