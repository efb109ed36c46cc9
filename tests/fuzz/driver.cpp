#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "fer/core/error.hpp"
#include "support/temp_folder.hpp"
#include "target.hpp"

namespace fer {

void require(bool holds, std::string_view what) {
  if (holds) return;
  std::cerr << "finding: " << what << std::endl;
  std::abort();
}

std::filesystem::path as_file(std::string_view bytes, std::string_view name) {
  static const test::TempFolder folder;
  const std::filesystem::path path = folder.path() / name;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  require(static_cast<bool>(file.flush()), "the temporary folder cannot be written");
  return path;
}

}  // namespace fer

/// What libFuzzer calls, and replay.cpp.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    fer::fuzz({reinterpret_cast<const char*>(data), size});
  } catch (const fer::Error& error) {
    fer::require(error.kind() != fer::ErrorKind::failure, error.what());
  }
  return 0;
}
