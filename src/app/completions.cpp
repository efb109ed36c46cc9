#include "completions.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fer/core/error.hpp"
#include "shell_completions.hpp"

namespace fer {

std::string completion_script(const CommandEntry& program, std::string_view shell) {
  if (shell == "bash") return bash_completion(program);
  if (shell == "zsh") return zsh_completion(program);
  if (shell == "fish") return fish_completion(program);
  throw usage_error("--completion: expected bash, zsh or fish, got '{}'", shell);
}

std::string brief(std::string_view text) {
  std::size_t end = text.size();
  for (const std::string_view mark : {"; ", ": ", ". ", " ("}) end = std::min(end, text.find(mark));
  return std::string(text.substr(0, end));
}

std::string function_name(const CommandEntry& program) {
  std::string name = fmt::format("_{}", program.name);
  std::ranges::replace(name, '-', '_');
  return name;
}

std::vector<std::string> command_names(const CommandEntry& program) {
  std::vector<std::string> names;
  for (const CommandEntry& command : program.commands) names.push_back(command.name);
  return names;
}

}  // namespace fer
