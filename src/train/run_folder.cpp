#include "fer/train/run_folder.hpp"

#include <utility>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"

namespace fer {
namespace {

bool is_empty_folder(const std::filesystem::path& path) {
  std::error_code unreadable;
  return std::filesystem::is_directory(path, unreadable) && std::filesystem::is_empty(path, unreadable);
}

std::filesystem::path numbered(const std::filesystem::path& output, const std::string& name, int number) {
  return output / (number == 1 ? name : name + "-" + std::to_string(number));
}

/// Whether this call made it.
bool make(const std::filesystem::path& folder) {
  std::error_code error;
  const bool made = std::filesystem::create_directory(folder, error);
  if (error && !std::filesystem::exists(folder))
    throw failure("{}: cannot make this folder: {}", folder.string(), error.message());
  return made;
}

/// What cannot be written shall show before hours of training.
void require_writable(const std::filesystem::path& folder) { const AtomicFile probe(folder / "probe"); }

}  // namespace

RunFolder make_run_folder(const std::filesystem::path& output, const std::string& name, bool exist_ok) {
  make_folder(output);
  for (int number = 1;; ++number) {
    std::filesystem::path folder = numbered(output, name, number);
    const bool made = make(folder);
    if (exist_ok) {
      make_folder(folder);
      return take_run_folder(folder);
    }
    if (!made && !is_empty_folder(folder)) continue;
    // Of runs that start at once one gets the folder; the others go on to the next number.
    auto lock = FolderLock::try_lock(folder);
    if (!lock || !is_empty_folder(folder)) continue;
    require_writable(folder);
    return {.path = std::move(folder), .lock = *std::move(lock)};
  }
}

RunFolder take_run_folder(const std::filesystem::path& folder) {
  auto lock = FolderLock::try_lock(folder);
  if (!lock) throw failure("{}: another process is writing into this folder", folder.string());
  require_writable(folder);
  return {.path = folder, .lock = *std::move(lock)};
}

std::optional<std::filesystem::path> find_run_to_resume(const std::filesystem::path& output,
                                                        const std::string& name) {
  std::optional<std::filesystem::path> found;
  for (int number = 1;; ++number) {
    const std::filesystem::path folder = numbered(output, name, number);
    if (!std::filesystem::exists(folder)) return found;
    if (std::filesystem::exists(folder / "state.safetensors")) found = folder;
  }
}

}  // namespace fer
