#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fer {

/// The text as one line of a terminal can show it: '?' for control characters and for bytes that are no
/// UTF-8.
std::string printable(std::string_view text);

/// Columns that printable text takes on a terminal: two for wide letters (East Asian ones, emoji), none for
/// marks that combine with the letter before them.
std::size_t display_width(std::string_view text);

/// Printable text in at most so many columns: the middle of a longer one gives way to "…", so that
/// the endings of file names stay.
std::string shortened(std::string_view text, std::size_t columns);

}  // namespace fer
