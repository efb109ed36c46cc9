#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fer {

/// A program to run beside this one.
struct SpawnOptions {
  std::filesystem::path program;  ///< own_program(), as a rule
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> variables = {};  ///< of its environment, over our own
  std::filesystem::path out = {};  ///< file for its stdout; empty: our stdout
  std::filesystem::path err = {};  ///< likewise
  bool own_group = false;          ///< Ctrl-C on our terminal does not reach it
};

/// How a process ended: with an exit code, or by a signal.
struct ProcessEnd {
  int code = 0;    ///< 128 + signal where a signal ended it
  int signal = 0;  ///< 0: none

  /// Such as "exit code 3" or "signal 9 (Killed)".
  std::string text() const;
};

/// A child process. One that still runs when this goes is killed.
class SpawnedProcess {
 public:
  /// Throws a failure naming the program if it cannot be started.
  explicit SpawnedProcess(const SpawnOptions& options);
  ~SpawnedProcess();
  SpawnedProcess(SpawnedProcess&& other) noexcept;
  SpawnedProcess& operator=(SpawnedProcess&&) = delete;

  pid_t id() const { return id_; }

  /// How it ended, once it has; does not wait.
  std::optional<ProcessEnd> ended();

  /// Waits for its end.
  ProcessEnd wait();

  void send(int signal) const;

 private:
  pid_t id_;
  std::optional<ProcessEnd> end_;
};

}  // namespace fer
