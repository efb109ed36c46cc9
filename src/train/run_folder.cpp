#include "fer/train/run_folder.hpp"

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

}  // namespace

std::filesystem::path make_run_folder(const std::filesystem::path& output, const std::string& name,
                                      bool exist_ok) {
  make_folder(output);
  for (int number = 1;; ++number) {
    const std::filesystem::path folder = numbered(output, name, number);
    // Of two runs that start at once only one makes the folder; the other goes on to the next number.
    std::error_code error;
    const bool made = std::filesystem::create_directory(folder, error);
    if (error && !std::filesystem::exists(folder)) {
      throw failure("{}: cannot make this folder: {}", folder.string(), error.message());
    }
    if (made || exist_ok || is_empty_folder(folder)) {
      make_folder(folder);
      const AtomicFile probe(folder / "probe");  // what cannot be written shall show before hours of training
      return folder;
    }
  }
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
