#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fer {

/// A zip archive (PKWARE's APPNOTE) of members that are stored as they are. Throws a failure beyond 4 GB.
class ZipWriter {
 public:
  void add(std::string_view name, std::string_view bytes);

  /// The whole archive.
  std::string finish() &&;

 private:
  std::string file_;
  std::string directory_;
  std::uint16_t count_ = 0;
};

}  // namespace fer
