#include "fer/engine/onnx_file.hpp"

#include <fstream>

#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "message_reader.hpp"

namespace fer {
namespace {

constexpr std::uint64_t kMetadataProps = 14;  // of ModelProto; a StringStringEntryProto has key and value
constexpr std::uint64_t kKey = 1;
constexpr std::uint64_t kValue = 2;

/// Whether the metadata's word for `key` is `second`, not `first` or none.
bool is_second(const Metadata& metadata, const std::string& key, std::string_view first,
               std::string_view second) {
  const auto found = metadata.find(key);
  if (found == metadata.end() || found->second == first) return false;
  if (found->second == second) return true;
  throw data_error("its network's {} is {}: this program knows {} and {}", key, in_quotes(found->second),
                   first, second);
}

}  // namespace

bool is_onnx_file(const std::filesystem::path& path) {
  if (to_lower(path.extension().string()) == ".onnx") return true;
  std::ifstream file(path, std::ios::binary);
  std::string begin(9, '\0');
  if (!file.read(begin.data(), static_cast<std::streamsize>(begin.size()))) return false;
  // ir_version first; in a safetensors file its length could begin so, but the header's brace comes ninth.
  return begin[0] == '\x08' && begin[8] != '{';
}

Metadata onnx_metadata(std::string_view file) {
  Metadata metadata;
  MessageReader model(file);
  while (model.next()) {
    if (model.field() != kMetadataProps) continue;
    std::string key;
    std::string value;
    MessageReader entry(model.content());
    while (entry.next()) {
      if (entry.field() == kKey) key = entry.content();
      if (entry.field() == kValue) value = entry.content();
    }
    metadata.insert_or_assign(std::move(key), std::move(value));
  }
  return metadata;
}

OnnxForm onnx_form(const Metadata& metadata) {
  return {.rgb8 = is_second(metadata, "input", "normalised", "rgb8"),
          .probabilities = is_second(metadata, "output", "logits", "probabilities"),
          .quantised = metadata.contains("quantisation")};
}

}  // namespace fer
