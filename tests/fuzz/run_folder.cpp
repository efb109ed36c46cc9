#include <array>

#include "fer/core/error.hpp"
#include "fer/report/overview_page.hpp"
#include "fer/report/training_files.hpp"
#include "fer/report/video_files.hpp"
#include "target.hpp"

namespace fer {
namespace {

/// The folder with this file alone.
void read_folder(std::string_view bytes, std::string_view name) {
  const std::filesystem::path file = as_file(bytes, name);
  const std::array folders{file.parent_path()};
  const auto read = [&] {
    for (const VideoOverview& video : read_overview(folders).videos) summary_json(video.summary);
  };
  try {
    read();
  } catch (const Error& error) {
    require(error.kind() == ErrorKind::data, error.what());
  }
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace fer

/// The JSON files of runs and of videos' results.
void fer::fuzz(std::string_view bytes) {
  for (const char* name : {"summary.json", "metrics.json", "manifest.json"}) read_folder(bytes, name);
  parse_manifest(bytes);
}
