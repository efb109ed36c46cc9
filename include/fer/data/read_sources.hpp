#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "fer/data/dataset.hpp"

namespace fer {

/// "fer2013_csv" or "csv" for a file, by the columns its first line names; "kdef" for a folder in which half
/// of the images at least have KDEF's names, else "folder". Throws a data error for what is not there.
std::string guess_dataset_kind(const std::filesystem::path& root);

/// All sources as one data set, like read_dataset(), only that a class may be without images.
Dataset read_sources(std::span<const DatasetSource> sources, const ClassList& classes);

}  // namespace fer
