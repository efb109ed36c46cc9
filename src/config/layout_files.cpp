#include "layout_files.hpp"

#include <vector>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/own_files.hpp"
#include "fer/core/text.hpp"
#include "scalar.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

Tree read_layout(const fs::path& file, const std::string& where) {
  try {
    return parse_document(read_file(file), file.string());
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::usage) throw;
    throw usage_error("{}: {}", where, error.what());
  }
}

void include_layout(Tree& source, const std::string& key, const fs::path& folder) {
  Tree* layout = entry_of(source, "layout");
  if (layout == nullptr) return;
  if (layout->kind == Tree::Kind::scalar) {
    const std::string where = layout->place + key;
    Tree held = read_layout(find_layout(expand_variables(layout->text, where), folder, where), where);
    held.name = layout->name;
    *layout = std::move(held);
  }
  const std::string place = layout->place;
  if (entry_of(source, "kind") == nullptr)
    source.items.push_back({.kind = Tree::Kind::scalar, .place = place, .name = "kind", .text = "layout"});
}

}  // namespace

fs::path find_layout(const fs::path& name, const fs::path& folder, const std::string& where) {
  std::vector<fs::path> places = {folder / name, name, "configs" / name};
  for (const fs::path& configs : own_folders(own_program(), "configs")) places.push_back(configs / name);
  std::error_code ignored;
  for (const fs::path& place : places) {
    if (fs::is_regular_file(place, ignored)) return place;
  }
  throw usage_error("{}{}there is no layout file '{}', neither here nor in configs/", where,
                    where.empty() ? "" : ": ", name.string());
}

void include_layouts(Tree& document, const fs::path& folder) {
  Tree* data = entry_of(document, "data");
  Tree* sources = data == nullptr ? nullptr : entry_of(*data, "sources");
  if (sources == nullptr) return;
  for (std::size_t i = 0; i < sources->items.size(); ++i)
    include_layout(sources->items[i], fmt::format("data.sources.{}.layout", i), folder);
}

}  // namespace fer
