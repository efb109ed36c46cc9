#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <string_view>

namespace fer {

/// A file in the system's folder for temporary ones that goes when this does.
class ScratchPath {
 public:
  explicit ScratchPath(std::string_view ending)
      : path_(std::filesystem::temp_directory_path() / fmt::format("fer-{}{}", ::getpid(), ending)) {}
  ~ScratchPath() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  ScratchPath(const ScratchPath&) = delete;
  ScratchPath& operator=(const ScratchPath&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace fer
