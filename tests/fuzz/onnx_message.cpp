#include "fer/engine/onnx_file.hpp"
#include "target.hpp"

/// An ONNX file as far as we read it ourselves, and as we change it for OpenCV.
void fer::fuzz(std::string_view bytes) {
  const Metadata metadata = onnx_metadata(bytes);
  const std::string changed = onnx_for_opencv(bytes);
  require(onnx_metadata(changed) == metadata, "other metadata in the changed file");
  onnx_for_opencv(changed);
  onnx_form(metadata);
}
