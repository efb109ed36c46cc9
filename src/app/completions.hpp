#pragma once

#include <string>
#include <string_view>

#include "option_table.hpp"

namespace fer {

/// The script by which a shell, "bash", "zsh" or "fish", completes a program's commands, options and their
/// arguments. Throws a usage error for another shell.
std::string completion_script(const CommandEntry& program, std::string_view shell);

/// A text's first statement, for where a line must do: up to the first "; ", ": ", ". " or bracket.
std::string brief(std::string_view text);

}  // namespace fer
