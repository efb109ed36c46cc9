#include "fer/core/files.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "fer/core/error.hpp"
#include "fer/core/mapped_file.hpp"
#include "new_file.hpp"

namespace fer {
namespace {

/// Hidden, and the same each time, so that what a killed process left is found by whoever writes the file
/// next.
std::filesystem::path temporary_name(const std::filesystem::path& path, int number) {
  const std::string ending = number == 0 ? "" : fmt::format("-{}", number);
  return path.parent_path() / fmt::format(".{}.tmp{}", path.filename().string(), ending);
}

}  // namespace

std::string read_file(const std::filesystem::path& path) {
  const auto unreadable = [&] {
    return data_error("{}: cannot read: {}", path.string(), std::strerror(errno));
  };
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw unreadable();
  struct Closer {
    int descriptor;
    ~Closer() { ::close(descriptor); }
  } closer{descriptor};

  struct stat info {};
  std::string bytes;
  if (::fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode))
    bytes.reserve(static_cast<std::size_t>(info.st_size));
  std::array<char, 1 << 16> buffer;
  for (;;) {
    const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
    if (got == 0) return bytes;
    if (got < 0 && errno != EINTR) throw unreadable();
    if (got > 0) bytes.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

AtomicFile::AtomicFile(std::filesystem::path path) : path_(std::move(path)), descriptor_(-1) {
  for (int number = 0; descriptor_ < 0; ++number) {  // until the name is one that no other writer uses
    temporary_ = temporary_name(path_, number);
    remove_abandoned(temporary_);
    descriptor_ = create_locked(temporary_);
    if (descriptor_ < 0 && errno != EEXIST) throw cannot("write", path_);
  }
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) throw cannot("write", path_);
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void AtomicFile::commit() {
  flush_to_disk(descriptor_, path_);
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) throw cannot("replace", path_);
  ::close(std::exchange(descriptor_, -1));
}

void write_file(const std::filesystem::path& path, std::string_view bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

void make_folder(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) throw failure("{}: cannot make this folder: {}", path.string(), error.message());
}

void remove_file(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::remove(path, error);
  if (error) throw failure("{}: cannot be removed: {}", path.string(), error.message());
}

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
    throw failure("SHA-256 is not available in this OpenSSL");
  }
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

}  // namespace fer
