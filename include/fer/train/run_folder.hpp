#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace fer {

/// Makes `output/name`, or `output/name-2`, `-3`, … where it exists and holds something; with `exist_ok` the
/// first is used as it is. Throws a failure naming the path if it cannot be made or written.
std::filesystem::path make_run_folder(const std::filesystem::path& output, const std::string& name,
                                      bool exist_ok);

/// The latest of `output/name`, `output/name-2`, … that holds a state to go on from, or nothing.
std::optional<std::filesystem::path> find_run_to_resume(const std::filesystem::path& output,
                                                        const std::string& name);

}  // namespace fer
