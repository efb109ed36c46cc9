#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "fer/core/folder_lock.hpp"

namespace fer {

/// A folder that nobody else writes results into as long as this lives.
struct RunFolder {
  std::filesystem::path path;
  FolderLock lock;
};

/// Makes `output/name`, or `output/name-2`, `-3`, … where it exists and holds something or is in use; with
/// `exist_ok` the first is used as it is. Throws a failure naming the path if it cannot be made or written,
/// or if with `exist_ok` another process uses it.
RunFolder make_run_folder(const std::filesystem::path& output, const std::string& name, bool exist_ok);

/// An existing one, to go on in. Throws a failure naming the path if another process uses it.
RunFolder take_run_folder(const std::filesystem::path& folder);

/// The latest of `output/name`, `output/name-2`, … that holds a state to go on from, or nothing.
std::optional<std::filesystem::path> find_run_to_resume(const std::filesystem::path& output,
                                                        const std::string& name);

}  // namespace fer
