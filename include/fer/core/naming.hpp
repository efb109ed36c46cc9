#pragma once

#include <filesystem>

#include "fer/core/error.hpp"

namespace fer {

/// work(), its errors with the path before them.
template <class Work>
auto naming(const std::filesystem::path& path, Work&& work) -> decltype(work()) {
  try {
    return work();
  } catch (const Error& error) {
    throw Error(error.kind(), path.string() + ": " + error.what());
  }
}

}  // namespace fer
