#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace fer {

/// What can stand in the place of an argument, besides its choices.
enum class ArgumentKind { anything, files, folders };

/// An option, or with no names a positional argument, as its program describes it.
struct OptionEntry {
  std::vector<std::string> names = {};  ///< with their dashes, short ones first
  std::string argument = {};            ///< what it is called, such as "FILE"; empty: a flag
  ArgumentKind kind = ArgumentKind::anything;
  std::vector<std::string> choices = {};  ///< words that mean something
  bool only_choices = false;              ///< other words are refused, and the text does not list them
  std::string range = {};                 ///< such as "2 to 1000"; empty: any number, or none
  std::string standard = {};              ///< the value it has unless given
  bool required = false;
  bool may_repeat = false;           ///< it takes several values
  bool argument_may_lack = false;    ///< --resume or --resume RUN
  std::string group = {};            ///< the heading in --help
  std::string text = {};             ///< what it does
  std::vector<std::string> needs{};  ///< options it goes with, by their long names
  std::vector<std::string> excludes{};
};

/// A program, or one of its commands.
struct CommandEntry {
  std::string name = {};
  std::string text = {};
  std::string footer = {};
  std::vector<OptionEntry> options = {};
  std::vector<OptionEntry> positionals = {};
  std::vector<CommandEntry> commands = {};
  bool needs_command = false;
  bool options_may_follow_command = false;  ///< its own options, behind the command, too
};

/// Words that shells offer for an option; it takes others, too.
CLI::Validator suggested(const std::vector<std::string>& words);

/// What --help shows, as plain values: hidden options and commands are left out.
CommandEntry option_table(const CLI::App& app);

}  // namespace fer
