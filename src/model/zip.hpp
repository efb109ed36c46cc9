#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace fer {

/// A zip archive in memory (PKWARE's APPNOTE), zip64 included. Throws a data error for what is truncated,
/// damaged, encrypted or packed other than by deflate.
class ZipArchive {
 public:
  /// `file` has to outlive the archive. Members may unpack to `limit` bytes altogether.
  ZipArchive(std::string_view file, std::uint64_t limit);

  struct Member {
    std::uint16_t flags = 0;
    std::uint16_t method = 0;
    std::uint32_t crc = 0;
    std::uint64_t packed_size = 0;
    std::uint64_t size = 0;
    std::uint64_t header = 0;  ///< where its local header lies
  };
  const std::map<std::string, Member, std::less<>>& members() const { return members_; }

  /// The member's bytes, valid as long as the archive; checked against its CRC-32 where one was recorded.
  /// Throws a data error if there is no such member.
  std::string_view read(std::string_view name);

 private:
  void read_directory(std::string_view directory, std::uint64_t count);
  std::string_view unpack(const std::string& name, const Member& member, std::string_view packed);

  std::string_view file_;
  std::uint64_t limit_;
  std::map<std::string, Member, std::less<>> members_;
  std::map<std::string, std::string, std::less<>> unpacked_;
};

}  // namespace fer
