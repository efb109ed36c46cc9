#pragma once

#include <filesystem>
#include <string_view>

namespace fer {

/// What each target defines: our own code over the bytes of a file that a stranger made. May throw usage and
/// data errors, which is what damaged files are for. Anything else is a finding: a failure (which would blame
/// the machine), another exception, memory out of proportion, a time-out, or what the sanitizers say.
void fuzz(std::string_view bytes);

/// Ends the program, and so makes a finding, if it does not hold.
void require(bool holds, std::string_view what);

/// The bytes as a file of that name, in a folder that is this process' own and is gone with it.
std::filesystem::path as_file(std::string_view bytes, std::string_view name);

}  // namespace fer
