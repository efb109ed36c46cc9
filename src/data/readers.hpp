#pragma once

#include <filesystem>
#include <vector>

#include "fer/data/dataset.hpp"

namespace fer {

Dataset read_kdef(const std::filesystem::path& root, const ClassList& classes);
Dataset read_folder(const std::filesystem::path& root, const ClassList& classes);
Dataset read_csv(const std::filesystem::path& list, const ClassList& classes);
Dataset read_fer2013_csv(const std::filesystem::path& list, const ClassList& classes);

/// Every file below `folder` whose extension is one of an image format, hidden ones left out, sorted.
std::vector<std::filesystem::path> image_files(const std::filesystem::path& folder);

/// "train", "val" or "test" for the spellings in use ("Training", "validation", "PublicTest" …), else empty.
std::string split_name(std::string_view word);

}  // namespace fer
