#include "fer/core/name_pattern.hpp"

#include <algorithm>
#include <array>

#include "fer/core/error.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace fer {
namespace {

// No sane pattern comes near either with a name, and no system has longer paths.
constexpr std::uint32_t kMostSteps = 1'000'000;
constexpr std::size_t kLongestText = 4096;

PCRE2_SPTR units(std::string_view text) { return reinterpret_cast<PCRE2_SPTR>(text.data()); }

std::string message_of(int error) {
  std::array<PCRE2_UCHAR, 256> message{};
  pcre2_get_error_message(error, message.data(), message.size());
  return reinterpret_cast<const char*>(message.data());
}

/// PCRE2's table of names: for each group its number in two bytes, then its name.
struct NameTable {
  explicit NameTable(const pcre2_code* code) {
    pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &count);
    pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &entry_size);
    pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, &first);
  }

  std::size_t number(std::uint32_t entry) const {
    const PCRE2_SPTR at = first + entry * entry_size;
    return static_cast<std::size_t>(at[0]) << 8U | at[1];
  }
  std::string name(std::uint32_t entry) const {
    return reinterpret_cast<const char*>(first + entry * entry_size + 2);
  }

  std::uint32_t count = 0;
  std::uint32_t entry_size = 0;
  PCRE2_SPTR first = nullptr;
};

pcre2_code* compile(const std::string& text, bool ignore_case) {
  int error = 0;
  PCRE2_SIZE offset = 0;
  const std::uint32_t options =
      PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_DUPNAMES | (ignore_case ? PCRE2_CASELESS : 0);
  pcre2_code* code = pcre2_compile(units(text), text.size(), options, &error, &offset, nullptr);
  if (code == nullptr)
    throw usage_error("'{}' is no pattern: {} at character {}", text, message_of(error), offset + 1);
  return code;
}

}  // namespace

void NamePattern::Free::operator()(pcre2_real_code_8* code) const { pcre2_code_free(code); }

NamePattern::NamePattern(std::string text, bool ignore_case)
    : text_(std::move(text)), code_(compile(text_, ignore_case)) {
  const NameTable table(code_.get());
  for (std::uint32_t entry = 0; entry < table.count; ++entry) names_.push_back(table.name(entry));
  std::ranges::sort(names_);
  names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
}

std::optional<NamedTexts> NamePattern::match(std::string_view text) const { return match(text, kMostSteps); }

std::optional<NamedTexts> NamePattern::match(std::string_view text, std::uint32_t most_steps) const {
  if (text.size() > kLongestText)
    throw data_error("a text of {} bytes cannot be compared with the pattern '{}': more than {}: '{}'",
                     text.size(), text_, kLongestText, text);
  const std::unique_ptr<pcre2_match_context, decltype(&pcre2_match_context_free)> limits(
      pcre2_match_context_create(nullptr), &pcre2_match_context_free);
  pcre2_set_match_limit(limits.get(), most_steps);
  const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> found(
      pcre2_match_data_create_from_pattern(code_.get(), nullptr), &pcre2_match_data_free);
  const int result = pcre2_match(code_.get(), units(text), text.size(), 0, PCRE2_ANCHORED | PCRE2_ENDANCHORED,
                                 found.get(), limits.get());
  if (result == PCRE2_ERROR_NOMATCH) return std::nullopt;
  if (result < 0)
    throw data_error("'{}' cannot be compared with the pattern '{}': {}", text, text_, message_of(result));
  NamedTexts texts;
  const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(found.get());
  const NameTable table(code_.get());
  for (std::uint32_t entry = 0; entry < table.count; ++entry) {
    const std::size_t group = table.number(entry);
    if (ends[2 * group] == PCRE2_UNSET) continue;
    texts[table.name(entry)] = text.substr(ends[2 * group], ends[2 * group + 1] - ends[2 * group]);
  }
  return texts;
}

std::optional<NamedTexts> NamePattern::match_path(std::string_view path) const {
  const auto endings = static_cast<std::uint32_t>(1 + std::ranges::count(path, '/'));
  for (;;) {
    if (auto texts = match(path, kMostSteps / endings)) return texts;
    const auto slash = path.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    path.remove_prefix(slash + 1);
  }
}

std::vector<std::string> names_in(std::string_view text) {
  std::vector<std::string> names;
  for (std::size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at)) {
    const auto end = text.find('}', at);
    if (end == std::string_view::npos || end == at + 1)
      throw usage_error("'{}': expected a name and '}}' after the '{{' at character {}", text, at + 1);
    names.emplace_back(text.substr(at + 1, end - at - 1));
    at = end;
  }
  return names;
}

std::optional<std::string> fill_names(std::string_view text, const NamedTexts& texts) {
  std::string filled(text);
  std::size_t at = 0;
  for (const std::string& name : names_in(text)) {
    const auto found = texts.find(name);
    if (found == texts.end()) return std::nullopt;
    at = filled.find('{', at);
    filled.replace(at, name.size() + 2, found->second);
    at += found->second.size();
  }
  return filled;
}

}  // namespace fer
