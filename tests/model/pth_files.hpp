#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/weight_files.hpp"

namespace fer::test {

// Pickles by hand, in the opcodes torch.save writes.

inline std::string py_text(std::string_view text) {
  return fmt::format("X{}{}", little_endian(text.size(), 4), text);
}
inline std::string py_integer(std::int64_t value) {
  return "\x8a\x08" + little_endian(static_cast<std::uint64_t>(value), 8);
}
inline std::string py_global(const std::string& module, const std::string& name) {
  return fmt::format("c{}\n{}\n", module, name);
}
inline std::string py_tuple(const std::string& items) { return fmt::format("({}t", items); }
inline std::string py_dict(const std::string& keys_and_values) {
  return fmt::format("}}({}u", keys_and_values);
}
inline std::string py_pickle(const std::string& object) { return fmt::format("\x80\x02{}.", object); }

struct PyTensor {
  std::string key = "0";
  std::string type = "FloatStorage";
  std::int64_t count = 4;
  std::int64_t offset = 0;
  std::vector<std::int64_t> sizes = {4};
  std::vector<std::int64_t> strides = {1};
};

inline std::string py_integers(const std::vector<std::int64_t>& values) {
  std::string items;
  for (const std::int64_t value : values) items += py_integer(value);
  return py_tuple(items);
}

inline std::string py_storage(const PyTensor& tensor, const std::string& view = "") {
  return py_tuple(py_text("storage") + py_global("torch", tensor.type) + py_text(tensor.key) +
                  py_text("cpu") + py_integer(tensor.count) + view) +
         "Q";
}

inline std::string py_tensor(const PyTensor& tensor) {
  return py_global("torch._utils", "_rebuild_tensor_v2") +
         py_tuple(py_storage(tensor) + py_integer(tensor.offset) + py_integers(tensor.sizes) +
                  py_integers(tensor.strides) + "\x89" + py_global("collections", "OrderedDict") + ")R") +
         "R";
}

/// {"w": tensor}
inline std::string py_state(const PyTensor& tensor) {
  return py_pickle(py_dict(py_text("w") + py_tensor(tensor)));
}

// Zip archives by hand.

struct ZipMember {
  std::string name;
  std::string bytes;
  std::uint16_t method = 0;
  std::uint16_t flags = 0;
  std::uint64_t size = bytes.size();  ///< unpacked
  std::uint32_t crc = 0;              ///< 0: not recorded
};

inline ZipMember deflated(const std::string& name, const std::string& bytes) {
  std::string packed(compressBound(bytes.size()) + 16, '\0');
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return {.name = name, .bytes = packed, .method = 8, .size = bytes.size()};
}

/// In zip64 form every size, offset and count stands in the zip64 records only.
inline std::string zip_of(const std::vector<ZipMember>& members, bool zip64 = false) {
  std::string file;
  std::string directory;
  for (const ZipMember& member : members) {
    const auto both = little_endian(member.flags, 2) + little_endian(member.method, 2) + little_endian(0, 4) +
                      little_endian(member.crc, 4);
    const std::string sizes = little_endian(zip64 ? 0xffffffff : member.bytes.size(), 4) +
                              little_endian(zip64 ? 0xffffffff : member.size, 4);
    const std::string extra =
        !zip64 ? ""
               : little_endian(1, 2) + little_endian(24, 2) + little_endian(member.size, 8) +
                     little_endian(member.bytes.size(), 8) + little_endian(file.size(), 8);
    directory += "PK\1\2" + little_endian(45, 2) + little_endian(45, 2) + both + sizes +
                 little_endian(member.name.size(), 2) + little_endian(extra.size(), 2) +
                 little_endian(0, 10) + little_endian(zip64 ? 0xffffffff : file.size(), 4) + member.name +
                 extra;
    file += "PK\3\4" + little_endian(45, 2) + both + sizes + little_endian(member.name.size(), 2) +
            little_endian(3, 2) + member.name + "pad" + member.bytes;
  }
  const std::size_t begin = file.size();
  file += directory;
  if (zip64) {
    const std::size_t record = file.size();
    file += "PK\6\6" + little_endian(44, 8) + little_endian(0, 12) + little_endian(members.size(), 8) +
            little_endian(members.size(), 8) + little_endian(directory.size(), 8) + little_endian(begin, 8);
    file += "PK\6\7" + little_endian(0, 4) + little_endian(record, 8) + little_endian(1, 4);
  }
  return file + "PK\5\6" + little_endian(0, 4) + little_endian(zip64 ? 0xffff : members.size(), 2) +
         little_endian(zip64 ? 0xffff : members.size(), 2) + little_endian(directory.size(), 4) +
         little_endian(zip64 ? 0xffffffff : begin, 4) + little_endian(0, 2);
}

/// Four floats 1, 2, 3, 4.
inline std::string four_floats() { return std::string("\0\0\x80\x3f\0\0\0\x40\0\0\x40\x40\0\0\x80\x40", 16); }

/// As torch.save lays them out, with one storage "0".
inline std::string pth_zip(const std::string& pickle, const std::string& storage = four_floats()) {
  return zip_of({{.name = "x/data.pkl", .bytes = pickle}, {.name = "x/data/0", .bytes = storage}});
}

inline std::string legacy_preamble(bool little = true) {
  return py_pickle("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19") + py_pickle(py_integer(1001)) +
         py_pickle(py_dict(py_text("little_endian") + (little ? "\x88" : "\x89")));
}

inline std::string pth_legacy(const std::string& pickle, const std::string& storage = four_floats()) {
  return legacy_preamble() + pickle + py_pickle("](" + py_text("0") + "e") +
         little_endian(storage.size() / 4, 8) + storage;
}

}  // namespace fer::test
