#pragma once

#include <string>
#include <string_view>

#include "manual_texts.hpp"
#include "option_table.hpp"

namespace fer {

/// The program's page for section 1, in the language of man(7): its options and commands as the table has
/// them, its other parts from `texts`.
std::string man_page(const CommandEntry& program, const ManualTexts& texts, std::string_view version);

}  // namespace fer
