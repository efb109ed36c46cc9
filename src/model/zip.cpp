#include "zip.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "byte_reader.hpp"
#include "fer/core/text.hpp"
#include "zip_format.hpp"

namespace fer {
namespace {

constexpr std::uint32_t kZip64End = 0x06064b50;
constexpr std::uint32_t kZip64Locator = 0x07064b50;
constexpr std::uint32_t kInZip64 = 0xffffffff;  // a 32-bit field whose value stands in the zip64 record
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kLocatorSize = 20;

constexpr std::uint64_t kMostPacked = 1032;  // bytes that deflate makes of one, at most

constexpr std::uint16_t kEncrypted = 1;
constexpr std::uint16_t kStored = 0;
constexpr std::uint16_t kDeflated = 8;

Error damaged(std::string_view what) { return data_error("the zip archive is damaged: {}", what); }

void expect(ByteReader& reader, std::uint32_t signature, std::string_view what) {
  if (reader.number<std::uint32_t>() != signature) throw damaged(what);
}

/// The record that ends the archive, possibly followed by a comment that fills the rest of the file.
std::size_t find_end(std::string_view file) {
  constexpr std::size_t kLongestComment = 0xffff;
  for (std::size_t comment = 0; comment <= kLongestComment && comment + kEndSize <= file.size(); ++comment) {
    ByteReader reader(file, file.size() - kEndSize - comment);
    const std::size_t position = reader.position();
    if (reader.number<std::uint32_t>() != kZipEnd) continue;
    reader.take(16);
    if (reader.number<std::uint16_t>() == comment) return position;
  }
  throw data_error("truncated: the end of the zip archive is missing");
}

/// Replaces the values that did not fit the directory's 32-bit fields.
void read_zip64(std::string_view extra, ZipArchive::Member& member) {
  ByteReader reader(extra);
  while (reader.rest().size() >= 4) {
    const auto kind = reader.number<std::uint16_t>();
    ByteReader field(reader.take(reader.number<std::uint16_t>()));
    if (kind != 1) continue;
    for (std::uint64_t* value : {&member.size, &member.packed_size, &member.header}) {
      if (*value == kInZip64) *value = field.number<std::uint64_t>();
    }
  }
}

}  // namespace

ZipArchive::ZipArchive(std::string_view file, std::uint64_t limit) : file_(file), limit_(limit) {
  const std::size_t end = find_end(file);
  ByteReader reader(file, end + 10);
  std::uint64_t count = reader.number<std::uint16_t>();
  reader.take(4);
  std::uint64_t offset = reader.number<std::uint32_t>();
  if (end >= kLocatorSize) {
    ByteReader locator(file, end - kLocatorSize);
    if (locator.number<std::uint32_t>() == kZip64Locator) {
      locator.take(4);
      const auto position = locator.number<std::uint64_t>();
      if (position > end) throw damaged("its zip64 record lies outside");
      ByteReader zip64(file, static_cast<std::size_t>(position));
      expect(zip64, kZip64End, "its zip64 record is not where it should be");
      zip64.take(28);
      count = zip64.number<std::uint64_t>();
      zip64.take(8);
      offset = zip64.number<std::uint64_t>();
    }
  }
  if (offset > end) throw damaged("its directory lies outside");
  read_directory(file.substr(static_cast<std::size_t>(offset), end - static_cast<std::size_t>(offset)),
                 count);
}

void ZipArchive::read_directory(std::string_view directory, std::uint64_t count) {
  ByteReader reader(directory);
  std::uint64_t left = file_.size();
  for (std::uint64_t i = 0; i < count; ++i) {
    expect(reader, kZipDirectoryRow, "its directory has fewer entries than it says");
    reader.take(4);
    Member member{.flags = reader.number<std::uint16_t>(), .method = reader.number<std::uint16_t>()};
    reader.take(4);
    member.crc = reader.number<std::uint32_t>();
    member.packed_size = reader.number<std::uint32_t>();
    member.size = reader.number<std::uint32_t>();
    const auto name_length = reader.number<std::uint16_t>();
    const auto extra_length = reader.number<std::uint16_t>();
    const auto comment_length = reader.number<std::uint16_t>();
    reader.take(8);
    member.header = reader.number<std::uint32_t>();
    const std::string name(reader.take(name_length));
    read_zip64(reader.take(extra_length), member);
    reader.take(comment_length);
    if (member.packed_size > left) throw damaged("its members are larger than the file, or overlap");
    left -= member.packed_size;
    if (!members_.emplace(name, member).second) throw damaged(in_quotes(name) + " stands in it twice");
  }
}

std::string_view ZipArchive::read(std::string_view name) {
  const auto found = members_.find(name);
  if (found == members_.end()) throw data_error("the zip archive has no {}", in_quotes(name));
  const Member& member = found->second;
  if ((member.flags & kEncrypted) != 0)
    throw data_error("{} in the zip archive is encrypted", in_quotes(name));
  if (member.header > file_.size()) throw damaged(in_quotes(name) + " lies outside");

  ByteReader reader(file_, static_cast<std::size_t>(member.header));
  expect(reader, kZipMember, in_quotes(name) + " is not where its directory says");
  reader.take(22);
  const auto name_length = reader.number<std::uint16_t>();
  const auto extra_length = reader.number<std::uint16_t>();
  reader.take(std::uint64_t{name_length} + extra_length);
  const std::string_view bytes = unpack(found->first, member, reader.take(member.packed_size));

  // torch.save can be told to leave the CRC out, it is 0 then.
  const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  if (member.crc != 0 && crc != member.crc) throw damaged(in_quotes(name) + " does not match its CRC-32");
  return bytes;
}

std::string_view ZipArchive::unpack(const std::string& name, const Member& member, std::string_view packed) {
  if (member.method == kStored) {
    if (member.size != member.packed_size) throw damaged(in_quotes(name) + " has two different sizes");
    return packed;
  }
  if (member.method != kDeflated) {
    throw data_error(
        "{} in the zip archive is packed by method {}; only stored and deflated members are read",
        in_quotes(name), member.method);
  }
  if (const auto done = unpacked_.find(name); done != unpacked_.end()) return done->second;
  constexpr std::uint64_t kLargest = std::numeric_limits<uInt>::max();
  if (member.size > limit_ || member.size / kMostPacked > member.packed_size ||
      std::max(member.size, member.packed_size) > kLargest) {
    throw data_error("refused: {} in the zip archive would unpack to {} bytes", in_quotes(name), member.size);
  }
  limit_ -= member.size;

  std::string bytes(static_cast<std::size_t>(member.size), '\0');
  z_stream stream{};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw failure("zlib could not be started");
  const int status = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  if (status != Z_STREAM_END || stream.avail_out != 0) throw damaged(in_quotes(name) + " cannot be unpacked");
  return unpacked_.emplace(name, std::move(bytes)).first->second;
}

}  // namespace fer
