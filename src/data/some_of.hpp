#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>

#include "fer/core/text.hpp"

namespace fer {

/// The first `most` of the names, for an error.
inline std::string some_of(std::span<const std::string> names, std::size_t most) {
  if (names.empty()) return "none";
  return join(names.first(std::min(most, names.size())), ", ") + (names.size() > most ? ", …" : "");
}

}  // namespace fer
