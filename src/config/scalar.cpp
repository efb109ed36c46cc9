#include "scalar.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "fer/core/text.hpp"

namespace fer {
namespace {

bool within(const Rule& rule, double value) {
  return (rule.low_is_out ? value > rule.low : value >= rule.low) &&
         (rule.high_is_out ? value < rule.high : value <= rule.high);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

template <std::integral Number>
void read_whole(const Tree& tree, const Rule& rule, const std::string& where, Number& value) {
  const std::string& text = tree.text;
  const std::string_view digits = std::string_view(text).substr(text.starts_with('-') ? 1 : 0);
  if (tree.kind != Tree::Kind::scalar || digits.empty() || !std::ranges::all_of(digits, is_digit)) {
    throw unexpected(where, "a whole number", tree);
  }
  Number number{};
  const auto error = std::from_chars(text.data(), text.data() + text.size(), number).ec;
  if (error != std::errc{} || !within(rule, static_cast<double>(number))) {
    const std::string range = range_text(rule);
    using Limits = std::numeric_limits<Number>;
    throw unexpected(where,
                     "a whole number " +
                         (range.empty() ? fmt::format("from {} to {}", Limits::min(), Limits::max()) : range),
                     tree);
  }
  value = number;
}

/// Whether YAML takes the text as it stands for a string, with no quotes, in a block or in [ ].
bool is_plain(const std::string& text) {
  static const std::vector<std::string> kWords = {"null", "true", "false", "yes", "no", "on",
                                                  "off",  "y",    "n",     "inf", "nan"};
  const bool starts_well = !text.empty() && (is_name_start(text.front()) || text.front() == '/');
  return starts_well && !std::ranges::count(kWords, to_lower(text)) && std::ranges::all_of(text, [](char c) {
           return is_name_start(c) || is_digit(c) ||
                  std::string_view("/.-").find(c) != std::string_view::npos;
         });
}

std::string name_at(const std::string& text, std::size_t begin) {
  std::size_t end = begin;
  while (end < text.size() && (is_name_start(text[end]) || (end > begin && is_digit(text[end])))) ++end;
  return text.substr(begin, end - begin);
}

/// The value of `${NAME}` or `${NAME:-default}`, the braces' content given.
std::string variable(const std::string& content, const std::string& where) {
  const std::string name = name_at(content, 0);
  const std::string rest = content.substr(name.size());
  if (name.empty() || !(rest.empty() || rest.starts_with(":-"))) {
    throw usage_error("{}: expected ${{NAME}} or ${{NAME:-default}}, got '${{{}}}'", where, content);
  }
  const char* value = std::getenv(name.c_str());
  if (rest.empty() && value == nullptr) {
    throw usage_error("{}: the environment variable {} is not set; set it, or write ${{{}:-default}}", where,
                      name, name);
  }
  const bool stand_in = !rest.empty() && (value == nullptr || *value == '\0');
  return stand_in ? rest.substr(2) : value;
}

}  // namespace

std::string range_text(const Rule& rule) {
  if (std::isinf(rule.low)) return "";
  if (!rule.low_is_out && !rule.high_is_out) return fmt::format("from {} to {}", rule.low, rule.high);
  return fmt::format("{} {}, {} {}", rule.low_is_out ? "above" : "at least", rule.low,
                     rule.high_is_out ? "below" : "at most", rule.high);
}

std::string choices_text(const Rule& rule) {
  if (rule.choices.size() < 2) return join(rule.choices, "");
  const std::span<const std::string> all = rule.choices;
  return join(all.first(all.size() - 1), ", ") + " or " + all.back();
}

Error unexpected(const std::string& where, std::string_view expected, const Tree& found) {
  return usage_error("{}: expected {}, got {}", where, expected, found_text(found));
}

void read_scalar(const Tree& tree, const Rule& rule, const std::string& where, std::string& value) {
  const bool is_text = tree.kind == Tree::Kind::scalar && !tree.text.empty();
  if (rule.choices.empty() ? !is_text : !std::ranges::count(rule.choices, tree.text)) {
    const std::string expected = rule.choices.empty() ? "text" : choices_text(rule);
    throw usage_error("{}{}", unexpected(where, expected, tree).what(),
                      did_you_mean(tree.text, rule.choices));
  }
  value = tree.text;
}

void read_scalar(const Tree& tree, const Rule& rule, const std::string& where, double& value) {
  const auto number = tree.kind == Tree::Kind::scalar ? parse_number(tree.text) : std::nullopt;
  if (!number || !std::isfinite(*number)) throw unexpected(where, "a number", tree);
  if (!within(rule, *number)) throw unexpected(where, "a number " + range_text(rule), tree);
  value = *number;
}

void read_scalar(const Tree& tree, const Rule&, const std::string& where, bool& value) {
  if (tree.text != "true" && tree.text != "false") throw unexpected(where, "true or false", tree);
  value = tree.text == "true";
}

void read_scalar(const Tree& tree, const Rule& rule, const std::string& where, int& value) {
  read_whole(tree, rule, where, value);
}

void read_scalar(const Tree& tree, const Rule& rule, const std::string& where, std::uint64_t& value) {
  read_whole(tree, rule, where, value);
}

std::string scalar_yaml(const std::string& value) {
  if (is_plain(value)) return value;
  std::string quoted = "\"";
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const auto byte = static_cast<unsigned char>(c);
    if (value.compare(i, 2, "${") == 0) quoted += '$';
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += byte < 0x20 || byte == 0x7F ? fmt::format("\\x{:02X}", byte) : std::string(1, c);
  }
  return quoted + '"';
}

std::string scalar_yaml(double value) {
  std::string text = fmt::format("{}", value);
  // YAML 1.1 readers take 1e-05 for a text and 1.0e-05 for a number.
  const auto exponent = text.find('e');
  if (exponent != std::string::npos && text.find('.') == std::string::npos) text.insert(exponent, ".0");
  return text;
}

std::string scalar_yaml(bool value) { return value ? "true" : "false"; }
std::string scalar_yaml(int value) { return std::to_string(value); }
std::string scalar_yaml(std::uint64_t value) { return std::to_string(value); }

std::string successor_of(std::string_view key) {
  return key == "train.sampler" ? "'train.balance': [label] for balanced, [] for shuffle" : "";
}

std::string expand_variables(const std::string& text, const std::string& where) {
  std::string expanded;
  for (std::size_t i = 0; i < text.size();) {
    if (text.compare(i, 3, "$${") == 0) {
      expanded += "${";
      i += 3;
    } else if (text.compare(i, 2, "${") == 0) {
      const auto end = text.find('}', i);
      if (end == std::string::npos) throw usage_error("{}: '${{' without its '}}'", where);
      expanded += variable(text.substr(i + 2, end - i - 2), where);
      i = end + 1;
    } else {
      expanded += text[i++];
    }
  }
  return expanded;
}

}  // namespace fer
