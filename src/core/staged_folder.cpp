#include "fer/core/staged_folder.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

void remove_file(const fs::path& path) {
  std::error_code error;
  fs::remove(path, error);
  if (error) throw failure("{}: cannot be removed: {}", path.string(), error.message());
}

}  // namespace

StagedFolder::StagedFolder(fs::path folder, std::string last_file)
    : folder_(std::move(folder)), last_file_(std::move(last_file)) {
  if (!folder_.has_filename()) folder_ = folder_.parent_path();  // a slash at the end
  staging_ = folder_.parent_path() / fmt::format(".{}.part", folder_.filename().string());
  std::error_code ignored;
  fs::remove_all(staging_, ignored);
  make_folder(staging_);
}

StagedFolder::~StagedFolder() {
  std::error_code ignored;
  fs::remove_all(staging_, ignored);
}

void StagedFolder::commit(std::span<const std::string> possible) {
  make_folder(folder_);
  remove_file(folder_ / last_file_);
  for (const std::string& name : possible) remove_file(folder_ / name);
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(staging_)) names.push_back(entry.path().filename());
  std::ranges::sort(names, {}, [&](const std::string& name) { return std::pair(name == last_file_, name); });
  for (const std::string& name : names) {
    std::error_code error;
    fs::rename(staging_ / name, folder_ / name, error);
    if (error) throw failure("{}: cannot be written: {}", (folder_ / name).string(), error.message());
  }
}

}  // namespace fer
