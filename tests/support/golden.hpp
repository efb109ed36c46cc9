#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "fer/core/files.hpp"

namespace fer {

/// A file of tests/golden; the make_*.py beside it says where its figures come from.
inline nlohmann::json golden_json(const std::string& name) {
  return nlohmann::json::parse(read_file(FER_SOURCE_DIR "/tests/golden/" + name));
}

/// What stands there under a key; a part of the whole would not outlive it in the head of a loop.
inline nlohmann::json golden_json(const std::string& name, const std::string& key) {
  return golden_json(name).at(key);
}

}  // namespace fer
