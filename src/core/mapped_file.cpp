#include "fer/core/mapped_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <random>
#include <string>
#include <utility>

#include "new_file.hpp"

namespace fer {
namespace {

constexpr std::string_view kMark = ".scratch-";
constexpr std::size_t kDigits = 16;

/// Never the same twice, so that nobody removes a file for another one that had its name.
std::string random_digits() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

/// The whole file, or nothing with errno set.
std::optional<std::span<const std::uint8_t>> map_descriptor(int descriptor) {
  struct stat info {};
  if (::fstat(descriptor, &info) != 0) return std::nullopt;
  if (!S_ISREG(info.st_mode)) {
    errno = EINVAL;
    return std::nullopt;
  }
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size == 0) return std::span<const std::uint8_t>{};
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor, 0);
  if (address == MAP_FAILED) return std::nullopt;
  return std::span(static_cast<const std::uint8_t*>(address), size);
}

}  // namespace

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::uint8_t*>(bytes_.data()), bytes_.size());
}

MappedFile::MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

std::optional<MappedFile> MappedFile::open(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return std::nullopt;
  const auto bytes = map_descriptor(descriptor);
  ::close(descriptor);
  if (!bytes) return std::nullopt;
  return MappedFile(*bytes);
}

void fetch_ahead(std::span<const std::uint8_t> bytes) {
  // Linux takes no more from a call than the disk's read_ahead_kb, 128 as a rule, and drops the rest.
  constexpr std::size_t kAtOnce = 128 * 1024;
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  while (!bytes.empty()) {
    const std::uintptr_t before =
        reinterpret_cast<std::uintptr_t>(bytes.data()) % page;  // only whole pages go
    const std::size_t piece = std::min(bytes.size(), kAtOnce - before);
    ::madvise(const_cast<std::uint8_t*>(bytes.data()) - before, piece + before, MADV_WILLNEED);
    bytes = bytes.subspan(piece);
  }
}

ScratchFile::ScratchFile(std::filesystem::path path) : path_(std::move(path)) {
  do {
    scratch_ = path_;
    scratch_ += std::string(kMark) + random_digits();
    descriptor_ = create_locked(scratch_);
  } while (descriptor_ < 0 && errno == EEXIST);
  if (descriptor_ < 0) throw cannot("write", scratch_);
}

ScratchFile::~ScratchFile() {
  unlink();
  ::close(descriptor_);
}

void ScratchFile::unlink() {
  if (!scratch_.empty()) ::unlink(scratch_.c_str());
  scratch_.clear();
}

void ScratchFile::reserve(std::uint64_t size) {
  if (size == 0) return;
  while (::fallocate(descriptor_, 0, 0, static_cast<off_t>(size)) != 0) {
    if (errno == EOPNOTSUPP || errno == ENOSYS) return;
    if (errno != EINTR) throw cannot("write", path_);
  }
}

void ScratchFile::write(std::uint64_t offset, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno != EINTR) throw cannot("write", path_);
    if (written <= 0) continue;
    offset += static_cast<std::uint64_t>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void ScratchFile::commit() {
  flush_to_disk(descriptor_, path_);
  if (::rename(scratch_.c_str(), path_.c_str()) != 0) throw cannot("replace", path_);
  scratch_.clear();
}

MappedFile ScratchFile::map() const {
  const auto bytes = map_descriptor(descriptor_);
  if (!bytes) throw cannot("map", path_);
  return MappedFile(*bytes);
}

bool is_scratch_name(std::string_view name, std::string_view path_name) {
  if (!name.starts_with(path_name)) return false;
  name.remove_prefix(path_name.size());
  return name.starts_with(kMark) && name.size() == kMark.size() + kDigits &&
         name.find_first_not_of("0123456789abcdef", kMark.size()) == std::string_view::npos;
}

void remove_abandoned(const std::filesystem::path& scratch) {
  const int descriptor = ::open(scratch.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
  if (descriptor < 0) return;
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) ::unlink(scratch.c_str());
  ::close(descriptor);
}

}  // namespace fer
