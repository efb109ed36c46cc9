#include <fmt/format.h>

#include "fer/core/text.hpp"
#include "shell_completions.hpp"

namespace fer {
namespace {

/// The function of the script that offers what it is told; "$word" is what has been typed so far.
constexpr std::string_view kOffer = R"(
  case $1 in
    files) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -W "$2" -- "$word") ;;
    folders) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -W "$2" -- "$word") ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$2" -- "$word") ;;
  esac
)";

std::string_view kind_word(ArgumentKind kind) {
  switch (kind) {
    case ArgumentKind::files:
      return "files";
    case ArgumentKind::folders:
      return "folders";
    case ArgumentKind::anything:
      break;
  }
  return "words";
}

std::string offer(const std::string& function, ArgumentKind kind, const std::vector<std::string>& words) {
  return fmt::format("{}_offer {} '{}'", function, kind_word(kind), join(words, " "));
}

/// What follows an option that takes a value.
std::string value_cases(const CommandEntry& command, const std::string& function) {
  std::string cases;
  for (const OptionEntry& option : command.options) {
    if (option.argument.empty()) continue;
    cases += fmt::format("        {}) {}; return ;;\n", join(option.names, "|"),
                         offer(function, option.kind, option.choices));
  }
  return cases;
}

/// What may stand for a positional argument: of the command's arguments and its own commands all.
std::string positional_offer(const CommandEntry& command, const std::string& function) {
  ArgumentKind kind = ArgumentKind::anything;
  std::vector<std::string> words = command_names(command);
  for (const OptionEntry& positional : command.positionals) {
    if (positional.kind != ArgumentKind::anything) kind = positional.kind;
    words.insert(words.end(), positional.choices.begin(), positional.choices.end());
  }
  return offer(function, kind, words);
}

std::string option_names(const CommandEntry& command) {
  std::vector<std::string> names;
  for (const OptionEntry& option : command.options)
    names.insert(names.end(), option.names.begin(), option.names.end());
  return join(names, " ");
}

/// The branch of one command; `pattern` is its name, '' that of the program itself.
std::string command_case(const CommandEntry& command, std::string_view pattern, const std::string& function) {
  return fmt::format(
      "    {0})\n"
      "      case $before in\n"
      "{1}"
      "      esac\n"
      "      if [[ $word == -* ]]; then {2}_offer words '{3}'; else {4}; fi ;;\n",
      pattern, value_cases(command, function), function, option_names(command),
      positional_offer(command, function));
}

/// The command with the options of the program that may stand behind it.
CommandEntry with_shared_options(CommandEntry command, const CommandEntry& program) {
  if (!program.options_may_follow_command) return command;
  for (const OptionEntry& option : program.options) {
    if (option.names.back() != "--help") command.options.push_back(option);
  }
  return command;
}

}  // namespace

std::string bash_completion(const CommandEntry& program) {
  const std::string function = function_name(program);
  std::string cases = command_case(program, "''", function);
  for (const CommandEntry& command : program.commands)
    cases += command_case(with_shared_options(command, program), command.name, function);
  std::string search;
  if (!program.commands.empty()) {
    search = fmt::format(
        "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
        "    case ${{COMP_WORDS[i]}} in {}) command=${{COMP_WORDS[i]}}; break ;; esac\n"
        "  done\n",
        join(command_names(program), "|"));
  }
  return fmt::format(
      "# bash completion for {0}, as '{0} --completion bash' prints it\n"
      "{1}_offer() {{{2}}}\n"
      "{1}() {{\n"
      "  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} command= i\n"
      "  COMPREPLY=()\n"
      "  if [[ $word == = ]]; then word=; elif [[ $before == = ]]; then "
      "before=${{COMP_WORDS[COMP_CWORD-2]}}; fi\n"
      "{3}"
      "  case $command in\n"
      "{4}"
      "  esac\n"
      "}}\n"
      "complete -F {1} {0}\n",
      program.name, function, kOffer, search, cases);
}

}  // namespace fer
