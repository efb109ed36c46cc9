#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "byte_reader.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/model/tensor_file.hpp"
#include "pickle.hpp"
#include "weight_bytes.hpp"
#include "zip.hpp"

namespace fer {
namespace {

/// The storages' bytes in the file, by key.
using Storages = std::map<std::string, std::string_view, std::less<>>;

/// What a file may grow to in memory, by unpacking and by tensors that repeat a storage's elements.
std::uint64_t memory_limit(std::string_view file) { return 8 * file.size() + (1U << 20U); }

/// The object itself, or what it says under "state_dict" or "model".
const PickleDict& find_state_dict(const Pickle& pickle) {
  const auto* top = std::get_if<PickleDict>(&pickle.root->value);
  if (top == nullptr) {
    throw data_error("holds {}, a state dict (name -> tensor) was expected", kind_of(*pickle.root));
  }
  for (const std::string_view key : {"state_dict", "model"}) {
    const PickleNode* inner = find(*top, key);
    if (inner == nullptr) continue;
    if (const auto* dict = std::get_if<PickleDict>(&inner->value)) return *dict;
  }
  return *top;
}

TensorMap make_tensors(const Pickle& pickle, const Storages& storages, std::uint64_t limit) {
  TensorMap tensors;
  for (const auto& [key, value] : find_state_dict(pickle).items) {
    const auto* name = std::get_if<std::string_view>(&key->value);
    if (name == nullptr) throw data_error("holds no state dict: {} stands for a name", kind_of(*key));
    const auto* tensor = std::get_if<PickleTensor>(&value->value);
    if (tensor == nullptr) {
      throw data_error("holds no state dict: {} is {}, a tensor was expected", in_quotes(*name),
                       kind_of(*value));
    }
    try {
      const TensorView view = view_of(*tensor);
      const auto bytes = static_cast<std::uint64_t>(byte_count(element_count(view.sizes), view.dtype));
      if (bytes > limit) throw data_error("the tensors would need many times the file's size");
      limit -= bytes;
      tensors.insert_or_assign(std::string(*name),
                               copy_tensor(storages.find(tensor->storage->key)->second, view));
    } catch (const Error& error) {
      throw data_error("tensor {}: {}", in_quotes(*name), error.what());
    }
  }
  return tensors;
}

/// "archive" where the archive holds archive/data.pkl.
std::string find_folder(const ZipArchive& archive) {
  for (const auto& member : archive.members()) {
    const auto slash = member.first.find('/');
    if (slash != std::string::npos && member.first.substr(slash) == "/data.pkl") {
      return member.first.substr(0, slash);
    }
  }
  throw data_error("is a zip archive, but not one that torch.save wrote: it has no data.pkl");
}

TensorMap parse_zip(std::string_view file) {
  ZipArchive archive(file, memory_limit(file));
  const std::string folder = find_folder(archive);
  if (archive.members().contains(folder + "/constants.pkl")) {
    throw data_error("holds a TorchScript program, a state dict was expected");
  }
  const std::string byteorder = folder + "/byteorder";
  if (archive.members().contains(byteorder) && archive.read(byteorder) != "little") {
    throw data_error("was written in byte order {}, only little is read", in_quotes(archive.read(byteorder)));
  }
  const Pickle pickle = read_pickle(archive.read(folder + "/data.pkl"));
  Storages storages;
  for (const auto& [key, storage] : pickle.storages) {
    const std::string_view bytes = archive.read(fmt::format("{}/data/{}", folder, key));
    if (bytes.size() < static_cast<std::uint64_t>(byte_count(storage.count, storage.dtype))) {
      throw data_error("truncated: storage {} has {} bytes for {} elements", in_quotes(key), bytes.size(),
                       storage.count);
    }
    storages.emplace(key, bytes);
  }
  return make_tensors(pickle, storages, memory_limit(file));
}

Pickle next_pickle(ByteReader& reader) {
  Pickle pickle = read_pickle(reader.rest());
  reader.take(pickle.length);
  return pickle;
}

void check_preamble(ByteReader& reader) {
  constexpr double kMagic = 0x1950a86a20f9469cfc6cp0;
  constexpr std::int64_t kProtocol = 1001;
  const Pickle magic = next_pickle(reader);
  const auto* number = std::get_if<double>(&magic.root->value);
  if (number == nullptr || *number != kMagic) {
    throw data_error("is a pickle, but not one that torch.save wrote: the magic number is missing");
  }
  const Pickle protocol = next_pickle(reader);
  const auto* version = std::get_if<std::int64_t>(&protocol.root->value);
  if (version == nullptr || *version != kProtocol) throw data_error("is of an unknown torch.save protocol");
  const Pickle system = next_pickle(reader);
  const auto* facts = std::get_if<PickleDict>(&system.root->value);
  const PickleNode* little = facts == nullptr ? nullptr : find(*facts, "little_endian");
  if (little == nullptr || !std::holds_alternative<bool>(little->value)) {
    throw data_error("is damaged: torch.save's system information is missing");
  }
  if (!std::get<bool>(little->value)) throw data_error("was written in byte order big, only little is read");
}

/// Five pickles (magic number, protocol, system, the object, the storages' keys), then the storages.
TensorMap parse_legacy(std::string_view file) {
  ByteReader reader(file);
  check_preamble(reader);
  const Pickle pickle = next_pickle(reader);
  const Pickle keys = next_pickle(reader);
  const auto* list = std::get_if<PickleList>(&keys.root->value);
  if (list == nullptr)
    throw data_error("is damaged: {} instead of the list of storages", kind_of(*keys.root));
  Storages storages;
  for (const PickleNode* item : list->items) {
    const auto* key = std::get_if<std::string_view>(&item->value);
    const auto known = key == nullptr ? pickle.storages.end() : pickle.storages.find(*key);
    if (known == pickle.storages.end())
      throw data_error("is damaged: it lists a storage that no tensor uses");
    if (reader.number<std::int64_t>() != known->second.count) {
      throw data_error("is damaged: storage {} has another length than its tensors say", in_quotes(*key));
    }
    const auto bytes = byte_count(known->second.count, known->second.dtype);
    storages.emplace(*key, reader.take(static_cast<std::uint64_t>(bytes)));
  }
  for (const auto& known : pickle.storages) {
    if (!storages.contains(known.first)) {
      throw data_error("is damaged: storage {} is missing", in_quotes(known.first));
    }
  }
  return make_tensors(pickle, storages, memory_limit(file));
}

}  // namespace

TensorMap parse_pth(std::string_view file) {
  switch (weight_format(file)) {
    case WeightFormat::zip:
      return parse_zip(file);
    case WeightFormat::pickle:
      return parse_legacy(file);
    case WeightFormat::safetensors:
      throw data_error("is a safetensors file, one that torch.save wrote was expected");
    case WeightFormat::unknown:
      break;
  }
  if (file.empty()) throw data_error("truncated: the file is empty");
  throw data_error("is no file that torch.save wrote: neither a zip archive nor a pickle");
}

TensorMap read_pth(const std::filesystem::path& path) {
  const std::string file = read_file(path);
  return naming_path(path, [&] { return parse_pth(file); });
}

}  // namespace fer
