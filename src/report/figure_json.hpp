#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "fer/eval/interval.hpp"

namespace fer {

/// null without a value; one that is not finite is written as null, too.
inline nlohmann::ordered_json number_json(const std::optional<double>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
}

/// [low, high].
inline nlohmann::ordered_json interval_json(const Interval& interval) {
  return nlohmann::ordered_json::array({interval.low, interval.high});
}

inline nlohmann::ordered_json interval_json(const std::optional<Interval>& interval) {
  return interval ? interval_json(*interval) : nlohmann::ordered_json();
}

}  // namespace fer
