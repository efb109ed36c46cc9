#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "fer/data/dataset.hpp"

namespace fer {

inline const ClassList kHappySad({"happy", "sad"});

/// What the reader of that name makes of `root`, before read_dataset() judges it.
inline Dataset read_with(const std::string& reader, const std::filesystem::path& root,
                         const LabelMap& labels = ClassList()) {
  for (const DatasetReader& row : dataset_readers()) {
    if (row.name == reader) return row.read(root, labels);
  }
  ADD_FAILURE() << "no reader " << reader;
  return {};
}

/// The paths of the samples, relative to `root`.
inline std::vector<std::string> paths_of(const Dataset& dataset, const std::filesystem::path& root) {
  std::vector<std::string> paths;
  for (const Sample& sample : dataset.samples) {
    paths.push_back(std::filesystem::path(sample.path).lexically_relative(root).string());
  }
  return paths;
}

/// "path: reason" for each rejected file, the path relative to `root`.
inline std::vector<std::string> rejections_of(const Dataset& dataset, const std::filesystem::path& root) {
  std::vector<std::string> texts;
  for (const RejectedFile& file : dataset.rejected) {
    texts.push_back(std::filesystem::path(file.path).lexically_relative(root).string() + ": " + file.reason);
  }
  return texts;
}

}  // namespace fer
