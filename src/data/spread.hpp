#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "fer/core/random.hpp"

namespace fer {

/// Up to `count` of the items, in their order: one from each of as many equal parts, drawn so that a pattern
/// in the order (every third image a profile) does not show, and always the same.
template <class T>
std::vector<T> spread(std::span<const T> items, std::size_t count) {
  count = std::min(count, items.size());
  std::vector<T> taken;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t begin = i * items.size() / count;
    const std::size_t end = (i + 1) * items.size() / count;
    taken.push_back(items[begin + Rng::of(0, 0, i).below(end - begin)]);
  }
  return taken;
}

}  // namespace fer
