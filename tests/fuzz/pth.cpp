#include "model/weight_bytes.hpp"
#include "target.hpp"

/// What torch.save writes, zip archive or older pickle, to its tensors.
void fer::fuzz(std::string_view bytes) {
  const TensorMap tensors = naming_path("weights.pth", [&] { return parse_pth(bytes); });
  for (const auto& [name, tensor] : tensors) require(tensor.is_contiguous(), "a tensor that is a view");
}
