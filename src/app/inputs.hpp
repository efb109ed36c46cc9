#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fer {

/// By the extension.
bool is_video_name(const std::filesystem::path& path);

/// The files behind a program's arguments, in their order, each once: files as they are, of folders those
/// `wanted` (sorted, not of folders inside), of patterns such as 'clips/*.mp4' all that match. A name that is
/// no file stays: reading it gives the error. Throws a data error for a folder or pattern that yields
/// nothing, which calls what was looked for `what`.
std::vector<std::filesystem::path> find_inputs(std::span<const std::string> arguments,
                                               bool (*wanted)(const std::filesystem::path&),
                                               std::string_view what);

}  // namespace fer
