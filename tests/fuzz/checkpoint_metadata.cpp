#include "fer/core/text.hpp"
#include "fer/engine/checkpoint_info.hpp"
#include "target.hpp"

/// A checkpoint's metadata, a line "key=value" each; what was read is written and read again as the same.
void fer::fuzz(std::string_view bytes) {
  Metadata metadata;
  for (const std::string& line : split(bytes, '\n')) {
    const std::size_t equals = line.find('=');
    if (equals != std::string::npos) metadata[line.substr(0, equals)] = line.substr(equals + 1);
  }
  const CheckpointInfo info = checkpoint_info(metadata);
  const Metadata written = to_metadata(info);
  require(to_metadata(checkpoint_info(written)) == written, "other metadata after writing");
}
