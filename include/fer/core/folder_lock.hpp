#pragma once

#include <filesystem>
#include <optional>

namespace fer {

/// Keeps a folder for one process, or one part of it, as long as this lives. It leaves no file there, and
/// goes with the process however that ends. File systems without locks (flock) let everybody in.
class FolderLock {
 public:
  /// Nothing where someone else has it. Throws a failure that names the path if there is no such folder.
  static std::optional<FolderLock> try_lock(const std::filesystem::path& folder);

  FolderLock() = default;
  ~FolderLock();
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&& other) noexcept;

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_ = -1;
};

}  // namespace fer
