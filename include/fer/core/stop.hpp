#pragma once

#include <exception>
#include <functional>

namespace fer {

/// Asked by long work between steps; true: end soon. Programs answer from SIGINT and SIGTERM.
using StopFn = std::function<bool()>;

/// Thrown by work that has no partial result to return when it was asked to stop.
class Stopped : public std::exception {
 public:
  const char* what() const noexcept override { return "stopped on request"; }
};

}  // namespace fer
