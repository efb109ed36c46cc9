#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "fer/core/error.hpp"
#include "tree.hpp"

namespace fer {

template <class T>
concept Scalar = std::is_arithmetic_v<T> || std::same_as<T, std::string>;

/// What a scalar may be beyond its type.
struct Rule {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_is_out = false;
  bool high_is_out = false;
  std::vector<std::string> choices = {};  ///< of a text; empty: any that is not empty
};

inline Rule anything() { return {}; }
inline Rule from_to(double low, double high) { return {.low = low, .high = high}; }
inline Rule from_to_below(double low, double high) { return {.low = low, .high = high, .high_is_out = true}; }
inline Rule above_up_to(double low, double high) { return {.low = low, .high = high, .low_is_out = true}; }
inline Rule one_of(std::vector<std::string> choices) { return {.choices = std::move(choices)}; }

/// "from 0 to 1", "above 0, at most 10"; empty without a range.
std::string range_text(const Rule& rule);

/// "a, b or c"; empty without choices.
std::string choices_text(const Rule& rule);

/// "whole number", "number", "text", "true or false".
template <Scalar T>
std::string type_text() {
  if constexpr (std::same_as<T, bool>) return "true or false";
  if constexpr (std::same_as<T, std::string>) return "text";
  return std::floating_point<T> ? "number" : "whole number";
}

/// "WHERE: expected EXPECTED, got FOUND".
Error unexpected(const std::string& where, std::string_view expected, const Tree& found);

/// Reads the tree into `value`; throws unexpected() where it does not fit.
/// Numbers are decimal and finite, truth values `true` and `false`, texts not empty.
void read_scalar(const Tree& tree, const Rule& rule, const std::string& where, std::string& value);
void read_scalar(const Tree& tree, const Rule& rule, const std::string& where, double& value);
void read_scalar(const Tree& tree, const Rule& rule, const std::string& where, bool& value);
void read_scalar(const Tree& tree, const Rule& rule, const std::string& where, int& value);
void read_scalar(const Tree& tree, const Rule& rule, const std::string& where, std::uint64_t& value);

/// As YAML that reads back as an equal value; texts are quoted where they could mean anything else.
std::string scalar_yaml(const std::string& value);
std::string scalar_yaml(double value);
std::string scalar_yaml(bool value);
std::string scalar_yaml(int value);
std::string scalar_yaml(std::uint64_t value);

/// What says today what a key of earlier versions said, as a hint; empty for any other key.
std::string successor_of(std::string_view key);

/// Puts the environment's values for ${NAME} and ${NAME:-default} (which stands in where NAME is unset or
/// empty);
/// `$${` is a plain `${`. Throws a usage error that begins with `where` for a variable that is not set.
std::string expand_variables(const std::string& text, const std::string& where);

}  // namespace fer
