#include "documents.hpp"

#include <utility>

#include "fer/config/load.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "layout_files.hpp"

namespace fer {

Tree read_document(const std::filesystem::path& path) {
  std::string text;
  try {
    text = read_file(path);
  } catch (const Error& error) {
    throw usage_error("{}", error.what());
  }
  return parse_document(text, path.string());
}

Tree merge_documents(std::span<const std::filesystem::path> files, std::span<const std::string> overrides) {
  const Experiment defaults;
  Tree tree = parse_document(dump_experiment(defaults), "");
  for (const auto& path : files) {
    Tree document = read_document(path);
    include_layouts(document, path.parent_path());
    merge(tree, std::move(document));
  }
  for (const std::string& assignment : overrides) apply_override(tree, assignment);
  return tree;
}

Experiment load_experiment(std::span<const std::filesystem::path> files,
                           std::span<const std::string> overrides) {
  return read_experiment(merge_documents(files, overrides));
}

}  // namespace fer
