#pragma once

#include <string>

#include "spawned_process.hpp"

namespace fer {

inline SpawnOptions shell(const std::string& command) {
  return {.program = "/bin/sh", .arguments = {"-c", command}};
}

}  // namespace fer
