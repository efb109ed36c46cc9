#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "fer/core/files.hpp"

namespace fer {

/// A file of tests/golden; the make_*.py beside it says where its figures come from.
inline nlohmann::json golden_json(const std::string& name) {
  return nlohmann::json::parse(read_file(FER_SOURCE_DIR "/tests/golden/" + name));
}

}  // namespace fer
