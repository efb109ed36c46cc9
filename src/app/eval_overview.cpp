#include "eval_overview.hpp"

#include <fmt/format.h>

#include <ostream>

#include "fer/core/files.hpp"
#include "fer/report/overview_page.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

fs::path page_folder(const OverviewOptions& options, const Overview& overview) {
  if (!options.output.empty()) return options.output;
  const fs::path first =
      overview.runs.empty() ? overview.videos.front().folder : overview.runs.front().folder;
  return fs::absolute(first / "").lexically_normal().parent_path().parent_path();
}

}  // namespace

void describe_overview(CLI::App& command, OverviewOptions& options) {
  command
      .add_option("folders", options.folders,
                  "Folders of runs, evaluations, cross-validations or videos, or folders that hold such")
      ->type_name("FOLDER")
      ->required();
  command
      .add_option("-o,--output", options.output,
                  "Folder for index.html; otherwise the one that holds the first of them")
      ->type_name("DIR");
}

int write_overview(const OverviewOptions& options, const Console& console) {
  const Overview overview = read_overview(options.folders);
  const fs::path folder = page_folder(options, overview);
  make_folder(folder);
  write_file(folder / "index.html", overview_page(overview, folder));
  console.out << fmt::format("{} runs, {} videos: {}\n", overview.runs.size(), overview.videos.size(),
                             (folder / "index.html").string())
              << std::flush;
  return kOk;
}

}  // namespace fer
