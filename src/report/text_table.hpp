#pragma once

#include <span>
#include <string>
#include <vector>

namespace fer {

/// Aligned columns with two blanks between, the first one to the left, numbers to the right. All rows have
/// as many fields as the first.
std::string text_table(std::span<const std::vector<std::string>> rows);

}  // namespace fer
