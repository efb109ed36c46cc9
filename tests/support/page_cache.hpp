#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <thread>
#include <vector>

namespace fer::test {

/// Takes a file that is written to disk and mapped nowhere out of the system's cache, where that is possible.
inline void evict(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
  ::close(descriptor);
}

/// How many of the pages that hold these mapped bytes are in memory.
inline std::size_t resident_pages(std::span<const std::uint8_t> bytes) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(bytes.data()) / page * page;
  const auto end = reinterpret_cast<std::uintptr_t>(bytes.data()) + bytes.size();
  std::vector<unsigned char> pages((end - begin + page - 1) / page);
  if (::mincore(reinterpret_cast<void*>(begin), end - begin, pages.data()) != 0) return 0;
  return static_cast<std::size_t>(
      std::ranges::count_if(pages, [](unsigned char in) { return (in & 1) != 0; }));
}

/// The same, once there are `wanted` or ten seconds have gone by: reading goes on in the background.
inline std::size_t resident_pages(std::span<const std::uint8_t> bytes, std::size_t wanted) {
  for (int i = 0; i < 1000 && resident_pages(bytes) < wanted; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return resident_pages(bytes);
}

}  // namespace fer::test
