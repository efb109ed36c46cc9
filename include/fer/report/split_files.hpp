#pragma once

#include <span>
#include <string>

#include "fer/data/protocol.hpp"

namespace fer {

/// For people: a row for each part or fold, with its samples, subjects and samples of each class. `what`
/// heads the first column.
std::string split_table(const std::string& what, std::span<const PartCounts> rows, const ClassList& classes);

}  // namespace fer
