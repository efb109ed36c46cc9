#include <fmt/format.h>

#include "completions.hpp"
#include "fer/core/text.hpp"
#include "shell_completions.hpp"

namespace fer {
namespace {

/// In single quotes, as fish reads it.
std::string fish_word(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\\' || c == '\'') result += '\\';
    result += c;
  }
  return result + "'";
}

/// Which arguments are offered; -x takes nothing else, -F names of files, too.
std::string argument_flags(const OptionEntry& entry) {
  std::string words = join(entry.choices, " ");
  if (entry.kind == ArgumentKind::folders) words += " (__fish_complete_directories)";
  const std::string offered = words.empty() ? "" : fmt::format(" -a {}", fish_word(words));
  if (entry.kind == ArgumentKind::files) return fmt::format(" -F{}", offered);
  return fmt::format(" -f{}", offered);
}

std::string option_line(const OptionEntry& option, std::string_view start) {
  std::string line(start);
  for (const std::string& name : option.names)
    line += name.starts_with("--") ? fmt::format(" -l {}", name.substr(2))
                                   : fmt::format(" -s {}", name.substr(1));
  if (!option.argument.empty()) {
    if (!option.argument_may_lack) line += " -r";
    line += argument_flags(option);
  }
  return fmt::format("{} -d {}\n", line, fish_word(brief(option.text)));
}

std::string lines_of(const CommandEntry& command, std::string_view start) {
  std::string lines;
  for (const OptionEntry& option : command.options) lines += option_line(option, start);
  for (const OptionEntry& positional : command.positionals)
    lines += fmt::format("{}{}\n", start, argument_flags(positional));
  return lines;
}

std::string completion_lines(const CommandEntry& program, const std::string& start) {
  const std::string names = join(command_names(program), " ");
  std::string lines;
  for (const CommandEntry& command : program.commands) {
    lines += fmt::format("{} -n 'not __fish_seen_subcommand_from {}' -a {} -d {}\n", start, names,
                         command.name, fish_word(brief(command.text)));
    lines += lines_of(command, fmt::format("{} -n '__fish_seen_subcommand_from {}'", start, command.name));
  }
  return lines;
}

/// The program's own options stand before a command, and behind it only where they may.
std::string own_start(const CommandEntry& program, const std::string& start) {
  if (program.commands.empty() || program.options_may_follow_command) return start;
  return fmt::format("{} -n 'not __fish_seen_subcommand_from {}'", start, join(command_names(program), " "));
}

}  // namespace

std::string fish_completion(const CommandEntry& program) {
  const std::string start = fmt::format("complete -c {}", program.name);
  return fmt::format("# fish completion for {0}, as '{0} --completion fish' prints it\n{1} -f\n{2}{3}",
                     program.name, start, lines_of(program, own_start(program, start)),
                     completion_lines(program, start));
}

}  // namespace fer
