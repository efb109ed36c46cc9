// Runs a target over files that are kept, without libFuzzer: replay FILE_OR_FOLDER...

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <vector>

#include "fer/core/files.hpp"
#include "target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

constexpr rlim_t kMoreMemory = 64 << 20;  // bytes; the files have a few thousand
constexpr rlim_t kStack = 1 << 20;
constexpr std::chrono::seconds kLongest{10};

void limit(decltype(RLIMIT_AS) resource, rlim_t bytes) {
  const rlimit limit{.rlim_cur = bytes, .rlim_max = bytes};
  fer::require(::setrlimit(resource, &limit) == 0, "the memory cannot be limited");
}

/// The process may take that much more memory than it has now. Where nothing instruments it: AddressSanitizer
/// reserves terabytes, and needs more of the stack.
void limit_memory() {
#ifndef __SANITIZE_ADDRESS__
  std::ifstream statm("/proc/self/statm");
  rlim_t pages = 0;
  statm >> pages;
  limit(RLIMIT_AS, pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + kMoreMemory);
  limit(RLIMIT_STACK, kStack);
#endif
}

std::vector<fs::path> files_of(int count, char** arguments) {
  std::vector<fs::path> files;
  for (int i = 1; i < count; ++i) {
    if (fs::is_regular_file(arguments[i])) files.emplace_back(arguments[i]);
    if (!fs::is_directory(arguments[i])) continue;
    for (const auto& entry : fs::directory_iterator(arguments[i])) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

void replay(const fs::path& file) {
  const std::string bytes = fer::read_file(file);
  const auto start = std::chrono::steady_clock::now();
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  fer::require(std::chrono::steady_clock::now() - start < kLongest, "takes too long");
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<fs::path> files = files_of(count, arguments);
  limit_memory();
  for (const fs::path& file : files) {
    std::cout << file.string() << std::endl;  // the last one is the culprit
    replay(file);
  }
  std::cout << files.size() << " files" << std::endl;
  return files.empty() ? 1 : 0;
}
