#include "fer/model/tensor_file.hpp"
#include "target.hpp"

/// A safetensors file; its tensors' bytes are those of the file.
void fer::fuzz(std::string_view bytes) {
  const TensorFile file = parse_safetensors(bytes, "weights.safetensors");
  std::size_t size = 0;
  for (const auto& [name, tensor] : file.tensors) size += tensor.nbytes();
  require(size <= bytes.size(), "more than the file holds");
}
