#include "fer/core/own_files.hpp"

#include <algorithm>

namespace fer {

namespace fs = std::filesystem;

fs::path own_program() {
  std::error_code none;
  return fs::read_symlink("/proc/self/exe", none);
}

std::vector<fs::path> own_folders(const fs::path& program, const fs::path& in_checkout) {
  std::vector<fs::path> folders;
  const auto add = [&](const fs::path& folder) {
    const fs::path plain = folder.lexically_normal();
    if (std::ranges::find(folders, plain) == folders.end()) folders.push_back(plain);
  };
  if (!program.empty()) {
    const fs::path folder = program.parent_path();
    add(folder / "../share/fer" / in_checkout.filename());
    add(folder / "../.." / in_checkout);
    add(folder / "../../.." / in_checkout);
  }
  const fs::path checkout = FER_CHECKOUT;
  add(checkout.empty() ? "/usr/share/fer" / in_checkout.filename() : checkout / in_checkout);
  return folders;
}

}  // namespace fer
