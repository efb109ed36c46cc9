#include "fer/train/training_state.hpp"

#include "target.hpp"

/// The progress of a training, put into the smallest file that may hold it.
void fer::fuzz(std::string_view bytes) {
  std::string header = R"({"__metadata__":{"format":"fer-training-state-2","progress":")";
  for (const char c : bytes) {
    if (c == '"' || c == '\\') header += '\\';
    header += c;
  }
  header += "\"}}";
  const std::uint64_t length = header.size();
  const std::string file = std::string(reinterpret_cast<const char*>(&length), sizeof length) + header;
  name_of(parse_training_state(file, "state.safetensors").progress.calibration.method);
}
