#pragma once

#include "support/golden.hpp"

namespace fer {

/// tests/golden/metrics.json, made by make_metrics.py beside it.
inline const nlohmann::json& golden() {
  static const auto parsed = golden_json("metrics.json");
  return parsed;
}

}  // namespace fer
