#include "fer/data/read_sources.hpp"

#include <algorithm>
#include <fstream>

#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "readers.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

void require(const fs::path& root) {
  std::error_code ignored;
  if (!fs::exists(root, ignored)) throw data_error("{}: there is no such file or folder", root.string());
}

bool is_fer2013_list(const fs::path& file) {
  std::string line;
  std::getline(std::ifstream(file), line);
  std::vector<std::string> columns = split(to_lower(line), ',');
  for (std::string& column : columns) column = trim(column);
  return std::ranges::count(columns, "pixels") > 0 && std::ranges::count(columns, "emotion") > 0;
}

bool has_kdef_names(const fs::path& folder) {
  const std::vector<fs::path> files = image_files(folder);
  const auto named = std::ranges::count_if(
      files, [](const fs::path& file) { return parse_kdef_name(file.filename().string()).has_value(); });
  return named > 0 && 2 * named >= std::ssize(files);
}

}  // namespace

std::string guess_dataset_kind(const fs::path& root) {
  require(root);
  if (!fs::is_directory(root)) return is_fer2013_list(root) ? "fer2013_csv" : "csv";
  return has_kdef_names(root) ? "kdef" : "folder";
}

Dataset read_sources(std::span<const DatasetSource> sources, const ClassList& classes) {
  Dataset whole{.classes = classes, .samples = {}, .rejected = {}};
  const std::vector<std::string> names = source_names(sources);
  for (std::size_t i = 0; i < sources.size(); ++i) {
    Dataset part = read_source(sources[i], names[i], classes);
    if (part.samples.empty() && part.rejected.empty()) {
      throw data_error("{}: holds no image ({} was looked for)", sources[i].root.string(),
                       reader_of(sources[i]).summary);
    }
    std::ranges::move(part.warnings, std::back_inserter(whole.warnings));
    std::ranges::move(part.samples, std::back_inserter(whole.samples));
    std::ranges::move(part.rejected, std::back_inserter(whole.rejected));
  }
  if (whole.samples.empty()) {
    const RejectedFile& first = whole.rejected.front();
    throw data_error("{}: {}; no file is a sample, {} were rejected", first.path, first.reason,
                     whole.rejected.size());
  }
  return whole;
}

}  // namespace fer
