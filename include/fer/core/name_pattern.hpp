#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct pcre2_real_code_8;  // PCRE2's, which no other header needs to know

namespace fer {

/// Texts by their names: what a pattern found, or the columns of a row.
using NamedTexts = std::map<std::string, std::string>;

/// A regular expression in PCRE2's syntax (UTF-8) whose groups have names: "(?<label>AN|HA)(?<take>\d)".
/// Several groups may share a name. May be used by several threads at once.
class NamePattern {
 public:
  /// Throws a usage error that says what is wrong at which character.
  explicit NamePattern(std::string text, bool ignore_case = false);

  const std::string& text() const { return text_; }

  /// The names of its groups, sorted, each once.
  const std::vector<std::string>& names() const { return names_; }

  /// What the groups found in a text that fits as a whole; a group that took no part is not among them.
  /// Nothing for a text that does not fit. Throws a data error for one of more than 4,096 bytes, and for one
  /// that takes PCRE2 more than a million steps.
  std::optional<NamedTexts> match(std::string_view text) const;

  /// The same of a path or of an ending of it that begins after a '/', the longest one that fits. The endings
  /// share the million steps.
  std::optional<NamedTexts> match_path(std::string_view path) const;

 private:
  struct Free {
    void operator()(pcre2_real_code_8* code) const;
  };

  std::optional<NamedTexts> match(std::string_view text, std::uint32_t most_steps) const;

  std::string text_;
  std::unique_ptr<pcre2_real_code_8, Free> code_;
  std::vector<std::string> names_;
};

/// The names in braces of a text such as "aligned/{name}_aligned.jpg". Throws a usage error for a brace that
/// is never closed, or closed without a name.
std::vector<std::string> names_in(std::string_view text);

/// The text with what the names stand for; nothing if one of them is not among `texts`.
std::optional<std::string> fill_names(std::string_view text, const NamedTexts& texts);

}  // namespace fer
