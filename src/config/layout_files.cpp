#include "layout_files.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"
#include "scalar.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

/// Where a ready layout may lie, from the bin/ or tests/ that this program lies in: as installed, and beside
/// build/ where that is or holds the folder it was built in.
std::vector<fs::path> places_of_ready(const fs::path& name) {
  std::error_code ignored;
  const fs::path folder = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  std::vector<fs::path> places;
  for (const char* configs : {"../share/fer/configs", "../../configs", "../../../configs"})
    places.push_back((folder / configs / name).lexically_normal());
  return places;
}

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
  std::ranges::copy(places_of_ready(name), std::back_inserter(places));
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
