#include <algorithm>

#include "fer/core/text.hpp"
#include "readers.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

/// The folders a file lies in, from the root down.
std::vector<std::string> folders_below(const fs::path& root, const fs::path& file) {
  std::vector<std::string> folders;
  for (const auto& folder : file.lexically_relative(root).parent_path()) folders.push_back(folder.string());
  return folders;
}

bool in_split_folder(const std::vector<std::string>& folders) {
  return !folders.empty() && !split_name(folders[0]).empty();
}

}  // namespace

Dataset read_folder(const fs::path& root, const LabelMap& labels) {
  Dataset dataset{.classes = labels.classes(), .samples = {}, .rejected = {}};
  const std::vector<fs::path> files = image_files(root);
  const bool split_folders = std::ranges::any_of(
      files, [&](const fs::path& file) { return in_split_folder(folders_below(root, file)); });
  for (const fs::path& file : files) {
    const auto reject = [&](std::string reason) {
      dataset.rejected.push_back({file.string(), std::move(reason)});
    };
    const std::vector<std::string> folders = folders_below(root, file);
    const std::size_t depth = split_folders ? 1 : 0;
    if (split_folders && !in_split_folder(folders)) {
      reject("lies outside the folders train, val and test");
    } else if (folders.size() <= depth) {
      reject("lies in no class folder");
    } else if (const auto label = labels.find(folders[depth])) {
      dataset.samples.push_back({.path = file.string(),
                                 .label = *label,
                                 .subject = {},
                                 .split = split_folders ? split_name(folders[0]) : "",
                                 .attributes = {},
                                 .pixels = {}});
    } else {
      reject("its folder " + not_a_class(folders[depth], labels));
      if (!labels.leaves_out(folders[depth])) dataset.rejected.back().unknown_class = folders[depth];
    }
  }
  return dataset;
}

}  // namespace fer
