#pragma once

#include <nlohmann/json.hpp>

#include "fer/core/files.hpp"

namespace fer {

/// tests/golden/metrics.json, made by make_metrics.py beside it.
inline const nlohmann::json& golden() {
  static const auto parsed = nlohmann::json::parse(read_file(FER_SOURCE_DIR "/tests/golden/metrics.json"));
  return parsed;
}

}  // namespace fer
