#pragma once

#include <filesystem>
#include <vector>

#include "fer/data/dataset.hpp"

namespace fer {

Dataset read_kdef(const std::filesystem::path& root, const LabelMap& labels);
Dataset read_folder(const std::filesystem::path& root, const LabelMap& labels);
Dataset read_csv(const std::filesystem::path& list, const LabelMap& labels);
Dataset read_fer2013_csv(const std::filesystem::path& list, const LabelMap& labels);

/// Numbers 0..255 with blanks between; empty if it is anything else than a 48x48 image.
std::vector<std::uint8_t> parse_fer2013_pixels(std::string_view text);

/// Why a word's samples are no samples: "'contempt' is no class" and the nearest, or that it is left out.
std::string not_a_class(std::string_view word, const LabelMap& labels);

/// Every file below `folder` whose extension is one of an image format, hidden ones left out, sorted.
std::vector<std::filesystem::path> image_files(const std::filesystem::path& folder);

/// "train", "val" or "test" for the spellings in use ("Training", "validation", "PublicTest" …), else empty.
std::string split_name(std::string_view word);

}  // namespace fer
