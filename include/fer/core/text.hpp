#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fer {

/// ASCII lower case; other bytes stay as they are.
std::string to_lower(std::string_view text);

/// Without leading and trailing blanks, tabs and line ends.
std::string_view trim(std::string_view text);

/// What stands between the separators, empty texts included: one more than there are separators.
std::vector<std::string> split(std::string_view text, char separator);
/// The parts with the separator between them.
std::string join(std::span<const std::string> parts, std::string_view separator);

/// The whole text as a number, or nothing.
std::optional<double> parse_number(std::string_view text);
/// Likewise a whole number; nothing where it does not fit.
std::optional<long long> parse_integer(std::string_view text);

/// Seconds of "2h", "90m", "45s" or "1h30m"; nothing for anything else.
std::optional<double> parse_duration(std::string_view text);

/// The candidate closest to `name` by edit distance (case ignored), if it is close enough to be a typing
/// slip: at most two edits, or a third of the name's length.
std::optional<std::string> nearest(std::string_view name, std::span<const std::string> candidates);

/// ", did you mean 'x'?" or nothing; the usual end of an error about an unknown name.
std::string did_you_mean(std::string_view name, std::span<const std::string> candidates);

/// 'name' for a message: one line of bounded length, whatever a file says.
std::string in_quotes(std::string_view name);

/// Now, as in "2026-11-26T17:30:00Z".
std::string utc_now();

}  // namespace fer
