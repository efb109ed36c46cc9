#include "fer/core/staged_folder.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

/// A file over an older one, a folder in an older one's place.
void put(const fs::path& from, const fs::path& to) {
  std::error_code error;
  if (fs::is_directory(from, error)) fs::remove_all(to, error);
  fs::rename(from, to, error);
  if (error) throw failure("{}: cannot be written: {}", to.string(), error.message());
}

bool is_same_folder(const struct stat& one, const fs::path& path) {
  struct stat other {};
  return ::stat(path.c_str(), &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/// Makes the folder, empty, and keeps it for this process.
FolderLock make_staging(const fs::path& staging, const fs::path& result) {
  for (;;) {
    std::error_code ignored;
    if (!fs::is_directory(staging, ignored)) fs::remove(staging, ignored);
    make_folder(staging);
    struct stat made {};
    ::stat(staging.c_str(), &made);
    auto lock = FolderLock::try_lock(staging);
    if (!lock) throw failure("{}: another process is writing this result", result.string());
    if (!is_same_folder(made, staging)) continue;  // its owner took it away meanwhile
    for (const auto& entry : fs::directory_iterator(staging)) fs::remove_all(entry.path(), ignored);
    return *std::move(lock);
  }
}

}  // namespace

StagedFolder::StagedFolder(fs::path folder, std::string last_file)
    : folder_(std::move(folder)), last_file_(std::move(last_file)) {
  if (!folder_.has_filename()) folder_ = folder_.parent_path();  // a slash at the end
  staging_ = folder_.parent_path() / fmt::format(".{}.part", folder_.filename().string());
  lock_ = make_staging(staging_, folder_);
}

StagedFolder::~StagedFolder() {
  std::error_code ignored;
  fs::remove_all(staging_, ignored);
}

void StagedFolder::commit(std::span<const std::string> possible) {
  make_folder(folder_);
  remove_file(folder_ / last_file_);
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(staging_)) names.push_back(entry.path().filename());
  std::ranges::sort(names);
  for (const std::string& name : names) {
    if (name != last_file_) put(staging_ / name, folder_ / name);
  }
  for (const std::string& name : possible) {
    if (!std::ranges::binary_search(names, name)) remove_file(folder_ / name);
  }
  if (std::ranges::binary_search(names, last_file_)) put(staging_ / last_file_, folder_ / last_file_);
}

}  // namespace fer
