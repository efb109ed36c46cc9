#pragma once

#include <filesystem>
#include <string_view>

#include "fer/core/error.hpp"

namespace fer {

/// That something cannot be done with a file, for the reason in errno.
Error cannot(std::string_view verb, const std::filesystem::path& path);

/// Makes a file and locks it, so that remove_abandoned() leaves it alone. Its descriptor, or -1 and errno:
/// EEXIST where the name is taken, or was taken away again meanwhile.
int create_locked(const std::filesystem::path& path);

/// Flushes a file to disk, where its file system can. Throws a failure that names `path`.
void flush_to_disk(int descriptor, const std::filesystem::path& path);

}  // namespace fer
