#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fer {

/// A term and what it means: a file, a variable, an exit status; or a command and what it does.
struct ManualEntry {
  std::string term;
  std::string text;
};

/// What a program's manual says besides its options.
struct ManualTexts {
  std::string program;
  std::vector<std::string> description;  ///< a paragraph each
  std::vector<ManualEntry> files;
  std::vector<ManualEntry> examples;
};

/// Those of all programs.
std::span<const ManualTexts> manual_texts();

/// Throws a failure for a program without any.
const ManualTexts& manual_texts(std::string_view program);

/// The same for all programs.
std::span<const ManualEntry> exit_statuses();
std::span<const ManualEntry> environment_variables();

}  // namespace fer
