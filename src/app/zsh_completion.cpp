#include <fmt/format.h>

#include "completions.hpp"
#include "fer/core/text.hpp"
#include "shell_command.hpp"
#include "shell_completions.hpp"

namespace fer {
namespace {

/// With a backslash before each of the characters that mean something there.
std::string escaped(std::string_view text, std::string_view special) {
  std::string result;
  for (const char c : text) {
    if (c == '\\' || special.find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

/// ":FILE:_files", as _arguments wants it; both colons stand for an argument that may lack.
std::string argument_spec(const OptionEntry& entry) {
  if (entry.argument.empty()) return "";
  std::vector<std::string> actions;
  if (!entry.choices.empty()) actions.push_back(fmt::format("({})", join(entry.choices, " ")));
  if (entry.kind == ArgumentKind::files) actions.emplace_back("_files");
  if (entry.kind == ArgumentKind::folders) actions.emplace_back("_files -/");
  std::string action = actions.empty() ? " " : actions.front();
  if (actions.size() == 2) {
    action = fmt::format("_alternative \"words:{0}:{1}\" \"files:{0}:{2}\"", entry.argument, actions[0],
                         actions[1]);
  }
  return fmt::format(":{}{}:{}", entry.argument_may_lack ? ":" : "", escaped(entry.argument, ":"), action);
}

/// A spec for each of its names; one given once excludes the others.
std::string option_specs(const OptionEntry& option) {
  const bool takes_value = !option.argument.empty();
  std::string specs;
  for (const std::string& name : option.names) {
    const std::string excluded = option.may_repeat ? "*" : fmt::format("({})", join(option.names, " "));
    const std::string_view how = !takes_value ? "" : name.starts_with("--") ? "=" : "+";
    specs += fmt::format(" \\\n      {}",
                         shell_word(fmt::format("{}{}{}[{}]{}", excluded, name, how,
                                                escaped(brief(option.text), "[]:"), argument_spec(option))));
  }
  return specs;
}

std::string all_option_specs(const CommandEntry& command, bool with_help = true) {
  std::string specs;
  for (const OptionEntry& option : command.options) {
    if (with_help || option.names.back() != "--help") specs += option_specs(option);
  }
  return specs;
}

std::string positional_specs(const CommandEntry& command) {
  std::string specs;
  for (const OptionEntry& positional : command.positionals) {
    specs += fmt::format(" \\\n      {}", shell_word(fmt::format("{}{}", positional.may_repeat ? "*" : "",
                                                                 argument_spec(positional))));
  }
  return specs;
}

std::string command_list(const CommandEntry& program) {
  std::string list;
  for (const CommandEntry& command : program.commands)
    list += fmt::format("        {}\n", shell_word(fmt::format("{}:{}", command.name, brief(command.text))));
  return list;
}

std::string command_cases(const CommandEntry& program) {
  std::string cases;
  for (const CommandEntry& command : program.commands) {
    cases += fmt::format("        {}) _arguments{}{}{} ;;\n", command.name, all_option_specs(command),
                         program.options_may_follow_command ? all_option_specs(program, false) : "",
                         positional_specs(command));
  }
  return cases;
}

std::string body_with_commands(const CommandEntry& program) {
  const std::string_view others = program.positionals.empty() ? "" : "; _files";
  return fmt::format(
      "  local context state state_descr line\n"
      "  typeset -A opt_args\n"
      "  _arguments -C{} \\\n      ':command:->command' '*::argument:->rest'\n"
      "  case $state in\n"
      "    command)\n"
      "      local -a commands=(\n{}      )\n"
      "      _describe command commands{} ;;\n"
      "    rest)\n"
      "      case $line[1] in\n"
      "{}"
      "        *) _files ;;\n"
      "      esac ;;\n"
      "  esac\n",
      all_option_specs(program), command_list(program), others, command_cases(program));
}

}  // namespace

std::string zsh_completion(const CommandEntry& program) {
  const std::string body =
      program.commands.empty()
          ? fmt::format("  _arguments{}{}\n", all_option_specs(program), positional_specs(program))
          : body_with_commands(program);
  return fmt::format(
      "#compdef {0}\n"
      "# zsh completion for {0}, as '{0} --completion zsh' prints it\n"
      "{1}() {{\n"
      "{2}"
      "}}\n"
      "if [[ $funcstack[1] == {1} ]]; then {1} \"$@\"; else compdef {1} {0}; fi\n",
      program.name, function_name(program), body);
}

}  // namespace fer
