#include "new_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace fer {
namespace {

/// remove_abandoned() may have come between open and flock: then the file is gone or locked. A file system
/// without locks does no harm: there nobody gets one, so nobody removes anything.
bool lock(int descriptor) {
  struct stat info {};
  const bool locked_by_another = ::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  return !locked_by_another && ::fstat(descriptor, &info) == 0 && info.st_nlink > 0;
}

}  // namespace

Error cannot(std::string_view verb, const std::filesystem::path& path) {
  return failure("{}: cannot {}: {}", path.string(), verb, std::strerror(errno));
}

int create_locked(const std::filesystem::path& path) {
  int descriptor = -1;
  do {
    descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0 || lock(descriptor)) return descriptor;
  ::close(descriptor);
  errno = EEXIST;
  return -1;
}

void flush_to_disk(int descriptor, const std::filesystem::path& path) {
  while (::fsync(descriptor) != 0) {
    if (errno == EINVAL) return;  // a file system that cannot sync, which is no reason to lose the file
    if (errno != EINTR) throw cannot("write", path);
  }
}

}  // namespace fer
