#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace fer {

/// The whole file. Throws a data error that names the path if it is missing, a folder or unreadable.
std::string read_file(const std::filesystem::path& path);

/// A file that appears whole or not at all: written beside its final place, moved there by commit().
/// Without commit() nothing is left behind. Every file the project writes goes through here.
class AtomicFile {
 public:
  /// Throws a failure that names the path and the system's reason if the folder cannot be written.
  explicit AtomicFile(std::filesystem::path path);
  ~AtomicFile();
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;

  /// Throws a failure on a short write, a full disk or an I/O error.
  void write(std::string_view bytes);

  /// Flushes to disk, then renames over `path`.
  void commit();

  /// Where the bytes lie until commit(), for libraries that insist on writing a file themselves.
  const std::filesystem::path& temporary_path() const { return temporary_; }

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int descriptor_;
};

/// An AtomicFile with these bytes. Throws as it does.
void write_file(const std::filesystem::path& path, std::string_view bytes);

/// Makes the folder and its parents. Throws a failure that names the path and the system's reason.
void make_folder(const std::filesystem::path& path);

/// Takes the file, or an empty folder, away if it is there. Throws a failure that names the path and the
/// system's reason.
void remove_file(const std::filesystem::path& path);

/// SHA-256 as 64 lower-case hexadecimal digits.
std::string sha256(std::string_view bytes);

}  // namespace fer
