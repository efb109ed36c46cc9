#include "model/zip.hpp"

#include "fer/core/error.hpp"
#include "target.hpp"

/// A zip archive, each of its members read.
void fer::fuzz(std::string_view bytes) {
  const std::uint64_t limit = 8 * bytes.size();
  std::uint64_t read = 0;
  ZipArchive archive(bytes, limit);
  for (const auto& [name, member] : archive.members()) {
    try {
      read += archive.read(name).size();
    } catch (const Error& error) {
      require(error.kind() == ErrorKind::data, error.what());
    }
  }
  require(read <= limit + bytes.size(), "a zip bomb");
}
