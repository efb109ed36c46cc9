#pragma once

#include <cstddef>
#include <functional>

#include "spawned_process.hpp"

namespace fer {

/// Processes that do not depend on one another, known by their position.
struct ProcessPool {
  std::size_t count = 0;
  int parallel = 1;  ///< so many at a time
  std::function<SpawnOptions(std::size_t)> begin;
  std::function<void(std::size_t, const ProcessEnd&)> ended;
  /// Whether the others may begin beside the first, which makes what all of them need; asked until it says so
  /// or the first has ended. None: at once.
  std::function<bool()> first_is_ready = {};
};

/// Runs them in their order. Once SIGINT or SIGTERM asks for a stop no more begin, those that run get the
/// same signal and their ends are waited for and told as well; false then.
bool run_pool(const ProcessPool& pool);

}  // namespace fer
