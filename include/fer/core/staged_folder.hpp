#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "fer/core/folder_lock.hpp"

namespace fer {

/// The files of one result, which appear together or not at all. They are written to a hidden folder beside
/// the final one, `.NAME.part`, and moved by commit(), the one that tells of completeness last: where it
/// lies, the others do. Without commit() nothing is left behind, and what the final folder held is as it was.
/// Ended within commit(), each file there is the old or the new one, and the last one is missing.
class StagedFolder {
 public:
  /// `folder` need not exist. Something left behind by a process that was killed is removed. Throws a
  /// failure that names the path and the system's reason, or says that another process writes this result.
  StagedFolder(std::filesystem::path folder, std::string last_file);
  ~StagedFolder();
  StagedFolder(const StagedFolder&) = delete;
  StagedFolder& operator=(const StagedFolder&) = delete;

  /// Where to write the file of that name.
  std::filesystem::path operator/(const std::string& name) const { return staging_ / name; }

  /// Moves all files over older ones; takes what the final folder has of `possible` and was not written now
  /// away, so that nothing of an older result is mistaken for part of this one. Other files there stay.
  void commit(std::span<const std::string> possible);

 private:
  std::filesystem::path folder_;
  std::filesystem::path staging_;
  std::string last_file_;
  FolderLock lock_;  // of staging_
};

}  // namespace fer
