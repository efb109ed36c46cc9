#pragma once

#include "support/golden.hpp"

namespace fer {

/// tests/golden/metrics.json, made by make_metrics.py beside it.
inline const nlohmann::json& golden() {
  static const auto parsed = golden_json("metrics.json");
  return parsed;
}

/// tests/golden/comparison.json, made by make_comparison.py beside it.
inline const nlohmann::json& comparison_golden() {
  static const auto parsed = golden_json("comparison.json");
  return parsed;
}

/// How far a figure may be from that of another library.
inline constexpr double kClose = 1e-12;

}  // namespace fer
