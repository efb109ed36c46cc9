#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace fer {

/// Tensors by their names.
using TensorMap = std::map<std::string, at::Tensor>;

/// A file of named tensors with its text metadata.
struct TensorFile {
  TensorMap tensors;  ///< on the CPU, contiguous, owning their memory
  std::map<std::string, std::string> metadata;
};

/// safetensors (https://github.com/huggingface/safetensors): 8 bytes of header length, JSON header, raw
/// tensors. Sizes in the file are never trusted: nothing is allocated beyond the file's own length. Throws a
/// data error naming the path and what is wrong for a file that is missing, truncated or malformed.
TensorFile read_safetensors(const std::filesystem::path& path);

/// The same of the content of a file; errors name `path`.
TensorFile parse_safetensors(std::string_view content, const std::filesystem::path& path);

/// Appears whole or not at all; readable by Python's safetensors.
void write_safetensors(const std::filesystem::path& path, const TensorFile& file);

/// What Python's torch.save wrote: a zip archive or the older bare pickle, holding a state dict (name ->
/// tensor), at the top or under a "state_dict"/"model" key. The pickle is interpreted by a restricted reader
/// that builds tensors, numbers, strings and containers; any other class or function named in it is refused,
/// never run. Throws a data error naming the path and what is wrong or refused.
TensorMap read_pth(const std::filesystem::path& path);

/// Either kind, told apart by content.
TensorMap read_weights(const std::filesystem::path& path);

}  // namespace fer
