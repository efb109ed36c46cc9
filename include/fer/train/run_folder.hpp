#pragma once

#include <filesystem>
#include <string>

namespace fer {

/// Makes `output/name`, or `output/name-2`, `-3`, … where it exists and holds something; with `exist_ok` the
/// first is used as it is. Throws a failure naming the path if it cannot be made or written.
std::filesystem::path make_run_folder(const std::filesystem::path& output, const std::string& name,
                                      bool exist_ok);

}  // namespace fer
