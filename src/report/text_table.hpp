#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fer {

/// Aligned columns with two blanks between, the first one to the left, numbers to the right. All rows have
/// as many fields as the first.
std::string text_table(std::span<const std::vector<std::string>> rows);

/// The same for Markdown, the first row as the head; bars in fields are escaped.
std::string markdown_table(std::span<const std::vector<std::string>> rows);

/// The same as a LaTeX `tabular`, which needs the package booktabs.
std::string latex_table(std::span<const std::vector<std::string>> rows);

/// Text that LaTeX prints as it stands: what has a meaning there is escaped, χ, κ and ² become formulas, and
/// control characters blanks. Other letters beyond ASCII stay; LaTeX since 2018 reads those of Europe.
std::string latex_text(std::string_view text);

}  // namespace fer
