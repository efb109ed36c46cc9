#pragma once

#include <deque>
#include <span>
#include <string>
#include <vector>

#include "fer/app/program.hpp"
#include "fer/core/stopwatch.hpp"
#include "fer/train/process_group.hpp"
#include "scratch_path.hpp"
#include "spawned_process.hpp"

namespace fer {

/// The ranks of one training on this machine, to their end. Rank 0 speaks for all; what the others write to
/// stderr is kept aside.
class Launch {
 public:
  /// `grace`: seconds that the others get once one has failed, and again when they are asked to end.
  explicit Launch(double grace = 8) : grace_(grace) {}

  /// Of the store in which the ranks find each other.
  int port() const { return store_.port(); }

  void add(SpawnOptions options);

  /// Waits for the end of all; a signal to stop is passed on. The exit code of the rank that failed first, or
  /// rank 0's.
  int wait();

  /// The line about a failure that rank 0 could not say, after wait(); empty where it could.
  std::string last_word();

 private:
  struct Failure {
    int rank = 0;
    ProcessEnd end = {};
  };

  bool look();
  void end_the_others() const;

  double grace_;
  LocalStore store_;
  std::deque<ScratchPath> said_;
  std::vector<SpawnedProcess> ranks_;
  Failure failed_;
  Stopwatch since_failure_;
  bool asked_to_stop_ = false;
};

/// Runs this program with `arguments` in several processes on this machine, as torchrun would: each with its
/// rank in the environment and, unless the user has said how many, its part of the cores as OMP_NUM_THREADS.
/// Returns what Launch::wait() does.
int run_in_processes(int processes, std::span<const std::string> arguments, const Console& console);

/// `arguments` without option `name` and its value, given as "NAME VALUE" or "NAME=VALUE".
std::vector<std::string> without_option(std::span<const std::string> arguments, const std::string& name);

}  // namespace fer
