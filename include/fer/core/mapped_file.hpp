#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>

namespace fer {

/// The bytes of a file as memory the system pages in, and out again when it needs the room. Read-only: a
/// write through a pointer ends the program. The bytes stay when the file is removed or replaced; a file that
/// somebody shortens in place ends the program too, so map only files that nobody rewrites.
class MappedFile {
 public:
  MappedFile() = default;
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;

  /// Nothing if there is no such regular file or it cannot be read.
  static std::optional<MappedFile> open(const std::filesystem::path& path);

  std::span<const std::uint8_t> bytes() const { return bytes_; }

 private:
  friend class ScratchFile;
  explicit MappedFile(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  std::span<const std::uint8_t> bytes_;
};

/// Asks the system to have these bytes of a mapped file in memory soon, and does not wait until they are.
/// Says nothing where it cannot: reading them merely takes longer then.
void fetch_ahead(std::span<const std::uint8_t> bytes);

/// A large file that several threads write piece by piece, without a name of its own until commit(). It lies
/// beside its final place and is locked (flock) as long as it lives, so that what a killed process left
/// behind can be told from what another one is writing. Errors are failures that name the path and the
/// system's reason.
class ScratchFile {
 public:
  /// Makes `<path>.scratch-<16 hexadecimal digits>`.
  explicit ScratchFile(std::filesystem::path path);
  ~ScratchFile();
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  /// Takes the name away: whatever happens, nothing is left behind. commit() is not possible any more.
  void unlink();

  /// Claims disk space for the first `size` bytes where the file system can do so; elsewhere a full disk
  /// shows in write().
  void reserve(std::uint64_t size);

  /// Writes at `offset`; threads may write different places at the same time.
  void write(std::uint64_t offset, std::span<const std::uint8_t> bytes);

  /// Flushes to disk, then renames over `path`.
  void commit();

  /// All that is written by now.
  MappedFile map() const;

 private:
  std::filesystem::path path_;
  std::filesystem::path scratch_;  // empty: it has no such name (any more)
  int descriptor_ = -1;
};

/// Whether `name` is what a ScratchFile for `path_name` is called until its commit().
bool is_scratch_name(std::string_view name, std::string_view path_name);

/// Removes a scratch file unless its writer lives; errors are ignored.
void remove_abandoned(const std::filesystem::path& scratch);

}  // namespace fer
