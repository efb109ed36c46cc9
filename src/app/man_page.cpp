#include "man_page.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fer/core/text.hpp"

namespace fer {
namespace {

/// Text as roff shows it unchanged, and hyphens and quotes as a person can copy them.
std::string roff(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '\\':
        result += "\\(rs";
        break;
      case '-':
        result += "\\-";
        break;
      case '\'':
        result += "\\(aq";
        break;
      case '`':
        result += "\\(ga";
        break;
      case '~':
        result += "\\(ti";
        break;
      case '^':
        result += "\\(ha";
        break;
      default:
        result += c;
    }
  }
  return text.starts_with('.') ? fmt::format("\\&{}", result) : result;
}

std::string bold(std::string_view text) { return fmt::format("\\fB{}\\fR", roff(text)); }

std::string italic(std::string_view text) { return fmt::format("\\fI{}\\fR", roff(text)); }

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return result;
}

/// "-o, --output DIR"
std::string heading(const OptionEntry& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.names) names.push_back(bold(name));
  if (option.argument.empty()) return join(names, ", ");
  const std::string argument = fmt::format("{}{}", italic(option.argument), option.may_repeat ? " ..." : "");
  if (option.names.empty()) return argument;
  return option.argument_may_lack ? fmt::format("{} [{}]", join(names, ", "), argument)
                                  : fmt::format("{} {}", join(names, ", "), argument);
}

/// A statement of its own: with a full stop, unless it has one.
std::string sentence(std::string_view text) {
  const bool ended = text.empty() || text.ends_with('.') || text.ends_with('?');
  return fmt::format("{}{}", text, ended ? "" : ".");
}

/// What it does, and all that the table knows of its values.
std::string explanation(const OptionEntry& option) {
  std::vector<std::string> parts = {sentence(option.text)};
  if (option.only_choices) parts.push_back(fmt::format("One of {}.", join(option.choices, ", ")));
  if (!option.range.empty()) parts.push_back(sentence(fmt::format("A number: {}", option.range)));
  if (!option.standard.empty()) parts.push_back(fmt::format("Default: {}.", option.standard));
  if (option.required && !option.names.empty()) parts.emplace_back("Required.");
  if (!option.needs.empty()) parts.push_back(fmt::format("Only with {}.", join(option.needs, ", ")));
  if (!option.excludes.empty()) parts.push_back(fmt::format("Not with {}.", join(option.excludes, ", ")));
  return join(parts, " ");
}

std::string tagged(std::string_view tag, std::string_view text) {
  return fmt::format(".TP\n{}\n{}\n", tag, roff(text));
}

std::string options_text(std::span<const OptionEntry> options) {
  std::string text;
  for (const OptionEntry& option : options) text += tagged(heading(option), explanation(option));
  return text;
}

/// One list, or under headings where the options have several.
std::string grouped_options(const CommandEntry& program) {
  std::vector<std::string> groups;
  for (const OptionEntry& option : program.options) {
    if (std::ranges::find(groups, option.group) == groups.end()) groups.push_back(option.group);
  }
  std::string text;
  for (const std::string& group : groups) {
    if (group != groups.front()) text += fmt::format(".SS {}\n", roff(group));
    for (const OptionEntry& option : program.options) {
      if (option.group == group) text += tagged(heading(option), explanation(option));
    }
  }
  return text;
}

/// ".B fer-data check" and what follows it on the command line.
std::string synopsis_line(std::string_view words, const CommandEntry& command) {
  std::string line = fmt::format("{} [{}]", bold(words), italic("OPTION"));
  for (const OptionEntry& positional : command.positionals) {
    const std::string argument = heading(positional);
    line += positional.required ? fmt::format(" {}", argument) : fmt::format(" [{}]", argument);
  }
  return line;
}

std::string synopsis(const CommandEntry& program) {
  std::vector<std::string> lines;
  if (!program.needs_command) lines.push_back(synopsis_line(program.name, program));
  for (const CommandEntry& command : program.commands)
    lines.push_back(synopsis_line(fmt::format("{} {}", program.name, command.name), command));
  return fmt::format(".SH SYNOPSIS\n{}\n", join(lines, "\n.br\n"));
}

std::string description(const CommandEntry& program, const ManualTexts& texts) {
  std::string text = fmt::format(".SH DESCRIPTION\n{}\n", roff(program.text));
  for (const std::string& paragraph : texts.description) text += fmt::format(".PP\n{}\n", roff(paragraph));
  return text;
}

/// Lines as they stand, such as a list of backbones.
std::string verbatim(std::string_view text) {
  std::string result = ".PP\n.nf\n";
  for (const std::string& line : split(trim(text), '\n'))
    result += fmt::format("{}\n", line.empty() ? ".sp" : roff(line));
  return fmt::format("{}.fi\n", result);
}

std::string commands(const CommandEntry& program) {
  std::string text = program.commands.empty() ? "" : ".SH COMMANDS\n";
  for (const CommandEntry& command : program.commands) {
    text += fmt::format(".SS {}\n{}\n", roff(command.name), roff(sentence(command.text)));
    text += options_text(command.positionals);
    for (const OptionEntry& option : command.options) {
      if (option.names.back() != "--help") text += tagged(heading(option), explanation(option));
    }
    if (!command.footer.empty()) text += verbatim(command.footer);
  }
  return text;
}

std::string entries(std::string_view title, std::span<const ManualEntry> entries) {
  if (entries.empty()) return "";
  std::string text = fmt::format(".SH {}\n", title);
  for (const ManualEntry& entry : entries) text += tagged(bold(entry.term), entry.text);
  return text;
}

std::string see_also(std::string_view program) {
  std::vector<std::string> others;
  for (const ManualTexts& texts : manual_texts()) {
    if (texts.program != program) others.push_back(fmt::format("{}(1)", bold(texts.program)));
  }
  return fmt::format(".SH SEE ALSO\n{}\n", join(others, ",\n"));
}

}  // namespace

std::string man_page(const CommandEntry& program, const ManualTexts& texts, std::string_view version) {
  std::string page =
      fmt::format(".TH {} 1 \"\" \"fer {}\" \"User Commands\"\n", roff(upper(program.name)), version);
  page += fmt::format(".SH NAME\n{} \\- {}\n", roff(program.name),
                      roff(program.text.substr(0, program.text.find('.'))));
  page += synopsis(program) + description(program, texts);
  if (!program.positionals.empty()) page += ".SH ARGUMENTS\n" + options_text(program.positionals);
  page += ".SH OPTIONS\n" + grouped_options(program) + commands(program);
  if (!program.footer.empty()) page += verbatim(program.footer);
  page += entries("EXIT STATUS", exit_statuses()) + entries("ENVIRONMENT", environment_variables());
  page += entries("FILES", texts.files) + entries("EXAMPLES", texts.examples);
  return page + see_also(program.name);
}

}  // namespace fer
