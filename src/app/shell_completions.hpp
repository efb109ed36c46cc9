#pragma once

#include <string>
#include <vector>

#include "option_table.hpp"

namespace fer {

std::string bash_completion(const CommandEntry& program);
std::string zsh_completion(const CommandEntry& program);
std::string fish_completion(const CommandEntry& program);

/// The program's name as a function's: "fer-train" -> "_fer_train".
std::string function_name(const CommandEntry& program);

std::vector<std::string> command_names(const CommandEntry& program);

}  // namespace fer
