#pragma once

#include <cstddef>
#include <functional>

#include "fer/core/progress.hpp"
#include "fer/core/stop.hpp"

namespace fer {

/// What is done with one item; `worker` says which thread does it, from 0.
using ItemWork = std::function<void(std::size_t item, std::size_t worker)>;

/// Hands the items below `count` to `workers` threads, the caller's among them, each item once. Of several
/// errors that of the lowest item is thrown, so that it does not depend on timing. `stop` is asked before
/// each item, and like `progress` by the caller's thread only; when it says so the call throws Stopped.
void share_work(std::size_t count, int workers, const ItemWork& work, const ProgressFn& progress,
                const StopFn& stop);

}  // namespace fer
