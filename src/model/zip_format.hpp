#pragma once

#include <cstdint>

namespace fer {

// What begins a part of a zip archive (APPNOTE 6.3.10, section 4.3).
inline constexpr std::uint32_t kZipMember = 0x04034b50;
inline constexpr std::uint32_t kZipDirectoryRow = 0x02014b50;
inline constexpr std::uint32_t kZipEnd = 0x06054b50;

}  // namespace fer
