#include "inputs.hpp"

#include <glob.h>

#include <algorithm>
#include <array>
#include <set>

#include "fer/core/error.hpp"
#include "fer/core/text.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> matching(const std::string& pattern) {
  glob_t found{};
  std::vector<fs::path> paths;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  if (paths.empty()) throw data_error("{}: no file matches this pattern", pattern);
  return paths;
}

std::vector<fs::path> inside(const fs::path& folder, bool (*wanted)(const fs::path&), std::string_view what) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file() && wanted(entry.path())) paths.push_back(entry.path());
  }
  if (paths.empty()) throw data_error("{}: there is no {} in this folder", folder.string(), what);
  std::ranges::sort(paths);
  return paths;
}

}  // namespace

bool is_video_name(const fs::path& path) {
  static const std::array<std::string, 13> kExtensions = {".mp4",  ".m4v", ".mov",  ".avi", ".mkv",
                                                          ".webm", ".mpg", ".mpeg", ".wmv", ".mts",
                                                          ".ts",   ".flv", ".3gp"};
  return std::ranges::count(kExtensions, to_lower(path.extension().string())) > 0;
}

std::vector<fs::path> find_inputs(std::span<const std::string> arguments, bool (*wanted)(const fs::path&),
                                  std::string_view what) {
  std::vector<fs::path> paths;
  for (const std::string& argument : arguments) {
    std::vector<fs::path> found = {argument};
    if (fs::is_directory(argument)) {
      found = inside(argument, wanted, what);
    } else if (!fs::exists(argument) && argument.find_first_of("*?[") != std::string::npos) {
      found = matching(argument);
    }
    paths.insert(paths.end(), found.begin(), found.end());
  }
  std::set<fs::path> seen;
  std::erase_if(paths, [&](const fs::path& path) { return !seen.insert(fs::weakly_canonical(path)).second; });
  return paths;
}

}  // namespace fer
