#include "zip_writer.hpp"

#include <zlib.h>

#include <limits>

#include "fer/core/error.hpp"
#include "zip_format.hpp"

namespace fer {
namespace {

template <class Number>
void put(std::string& out, Number value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

constexpr std::uint16_t kZipVersion = 20;
constexpr std::uint32_t kFirstDay = 0x00210000;  // 1 January 1980, for equal files from equal tensors

std::uint32_t fitting(std::size_t size) {
  if (size > std::numeric_limits<std::uint32_t>::max()) throw failure("the archive would be beyond 4 GB");
  return static_cast<std::uint32_t>(size);
}

/// What a member's own header and its row in the directory have in common.
std::string facts(std::string_view name, std::string_view bytes) {
  const auto* data = reinterpret_cast<const Bytef*>(bytes.data());
  std::string out;
  put(out, kZipVersion);
  put(out, std::uint16_t{0});  // flags
  put(out, std::uint16_t{0});  // stored
  put(out, kFirstDay);
  put(out, static_cast<std::uint32_t>(crc32_z(0, data, bytes.size())));
  put(out, fitting(bytes.size()));
  put(out, fitting(bytes.size()));
  put(out, static_cast<std::uint16_t>(name.size()));
  put(out, std::uint16_t{0});  // extra
  return out;
}

}  // namespace

void ZipWriter::add(std::string_view name, std::string_view bytes) {
  const std::uint32_t begin = fitting(file_.size());
  const std::string common = facts(name, bytes);
  put(file_, kZipMember);
  file_.append(common).append(name).append(bytes);
  put(directory_, kZipDirectoryRow);
  put(directory_, kZipVersion);
  directory_.append(common);
  put(directory_, std::uint16_t{0});  // comment
  put(directory_, std::uint16_t{0});  // disk
  put(directory_, std::uint16_t{0});  // inner attributes
  put(directory_, std::uint32_t{0});  // outer ones
  put(directory_, begin);
  directory_.append(name);
  ++count_;
}

std::string ZipWriter::finish() && {
  const std::uint32_t begin = fitting(file_.size());
  file_.append(directory_);
  put(file_, kZipEnd);
  put(file_, std::uint32_t{0});  // disks
  put(file_, count_);
  put(file_, count_);
  put(file_, fitting(directory_.size()));
  put(file_, begin);
  put(file_, std::uint16_t{0});  // comment
  return std::move(file_);
}

}  // namespace fer
