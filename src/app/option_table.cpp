#include "option_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "fer/core/text.hpp"

namespace fer {
namespace {

/// CLI11 keeps nothing of ours with an option but the name of what checks it.
constexpr std::string_view kSuggested = "suggested ";

std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back(fmt::format("-{}", name));
  for (const std::string& name : option.get_lnames()) names.push_back(fmt::format("--{}", name));
  return names;
}

std::vector<std::string> long_names(const std::set<CLI::Option*>& options) {
  std::vector<std::string> names;
  for (const CLI::Option* option : options) names.push_back(option->get_name());
  std::ranges::sort(names);
  return names;
}

/// "INT in [2 - 1000]" -> "2 to 1000"; "" for what is no range.
std::string range_text(const std::string& constraint) {
  if (constraint == "POSITIVE") return "more than 0";
  if (constraint == "NONNEGATIVE") return "0 or more";
  const std::size_t from = constraint.find(" in [");
  const std::size_t between = constraint.find(" - ");
  if (from == std::string::npos || between == std::string::npos || !constraint.ends_with(']')) return "";
  const std::size_t first = from + std::string_view(" in [").size();
  const std::size_t second = between + std::string_view(" - ").size();
  return fmt::format("{} to {}", constraint.substr(first, between - first),
                     constraint.substr(second, constraint.size() - 1 - second));
}

bool has_any(std::string_view text, std::span<const std::string_view> words) {
  return std::ranges::any_of(
      words, [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

ArgumentKind kind_of(const OptionEntry& entry) {
  static constexpr std::array<std::string_view, 2> kFolders = {"DIR", "RUN"};
  static constexpr std::array<std::string_view, 4> kFiles = {"FILE", "DATA", "MODEL", "CHECKPOINT"};
  if (has_any(entry.argument, kFolders)) return ArgumentKind::folders;
  const bool positional = entry.names.empty() && entry.choices.empty();
  return has_any(entry.argument, kFiles) || positional ? ArgumentKind::files : ArgumentKind::anything;
}

/// CLI11 has an argument's name and what checks it in one text: "TEXT:{auto,fp32}", "N:INT in [2 - 1000]".
void set_argument(OptionEntry& entry, const std::string& type) {
  const std::size_t colon = type.find(':');
  entry.argument = type.substr(0, colon);
  const std::string constraint = colon == std::string::npos ? "" : type.substr(colon + 1);
  entry.only_choices = constraint.starts_with('{') && constraint.ends_with('}');
  if (entry.only_choices)
    entry.choices = split(constraint.substr(1, constraint.size() - 2), ',');
  else
    entry.range = range_text(constraint);
}

std::vector<std::string> suggestions(const CLI::Option& option) {
  try {
    const std::string name = const_cast<CLI::Option&>(option).get_validator(0)->get_name();
    if (!name.starts_with(kSuggested)) return {};
    return split(std::string_view(name).substr(kSuggested.size()), ' ');
  } catch (const CLI::OptionNotFound&) {  // there is no other way to ask whether anything checks it
    return {};
  }
}

OptionEntry entry_of(const CLI::Option& option) {
  OptionEntry entry;
  entry.names = option.get_positional() ? std::vector<std::string>{} : names_of(option);
  if (option.get_items_expected_max() > 0) {
    set_argument(entry, option.get_type_name());
    entry.may_repeat = option.get_items_expected_max() > 1;
    entry.argument_may_lack = option.get_items_expected_min() == 0 && !option.get_positional();
    entry.standard = option.get_default_str();
  }
  if (entry.choices.empty()) entry.choices = suggestions(option);
  entry.kind = kind_of(entry);
  if (option.get_positional()) entry.argument = option.get_name(/*positional=*/true);
  entry.required = option.get_required();
  entry.group = option.get_group();
  entry.text = option.get_description();
  entry.needs = long_names(option.get_needs());
  entry.excludes = long_names(option.get_excludes());
  return entry;
}

}  // namespace

CLI::Validator suggested(const std::vector<std::string>& words) {
  return CLI::Validator("").name(fmt::format("{}{}", kSuggested, join(words, " ")));
}

CommandEntry option_table(const CLI::App& app) {
  CommandEntry table;
  table.name = app.get_name();
  table.text = app.get_description();
  table.footer = app.get_footer();
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    (option->get_positional() ? table.positionals : table.options).push_back(entry_of(*option));
  }
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    if (!command->get_group().empty()) table.commands.push_back(option_table(*command));
  }
  table.needs_command = app.get_require_subcommand_min() > 0;
  table.options_may_follow_command = app.get_fallthrough();
  return table;
}

}  // namespace fer
