#pragma once

#include <type_traits>

#include "fer/core/error.hpp"

namespace fer {

/// json.get_to(value), except that numbers with a fraction or an exponent do not become whole ones: they may
/// be beyond every type. Throws a data error for these, and Json's own for other types. `Json` is nlohmann's,
/// ordered or not, so that only those who read JSON need its headers.
template <class Json, class Value>
void read_value(const Json& json, Value& value) {
  if constexpr (std::is_integral_v<Value> && !std::is_same_v<Value, bool>) {
    if (!json.is_number_integer()) throw data_error("{} where a whole number was expected", json.type_name());
  }
  json.get_to(value);
}

/// The value itself.
template <class Value, class Json>
Value value_of(const Json& json) {
  Value value{};
  read_value(json, value);
  return value;
}

}  // namespace fer
