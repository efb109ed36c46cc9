#pragma once

#include <span>
#include <string>
#include <string_view>

namespace fer {

/// A word as sh reads it back: as it stands where nothing in it means anything to a shell, else in quotes.
std::string shell_word(std::string_view text);

/// Words with blanks between.
std::string shell_command(std::span<const std::string> words);

}  // namespace fer
