#include "process_launch.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <ostream>
#include <thread>

#include "fer/core/files.hpp"
#include "fer/core/stopwatch.hpp"
#include "fer/train/process_group.hpp"
#include "process_facts.hpp"
#include "scratch_path.hpp"
#include "spawned_process.hpp"
#include "stop_signal.hpp"

namespace fer {
namespace {

using namespace std::chrono_literals;

constexpr double kGrace = 8;  // seconds to end by oneself, and again when asked to

SpawnOptions rank_options(int rank, int processes, int port, std::vector<std::string> arguments) {
  SpawnOptions options{.program = own_program(),
                       .arguments = std::move(arguments),
                       .variables = {{"RANK", std::to_string(rank)},
                                     {"LOCAL_RANK", std::to_string(rank)},
                                     {"WORLD_SIZE", std::to_string(processes)},
                                     {"LOCAL_WORLD_SIZE", std::to_string(processes)},
                                     {"MASTER_ADDR", "127.0.0.1"},
                                     {"MASTER_PORT", std::to_string(port)},
                                     {"TORCHELASTIC_USE_AGENT_STORE", "True"},
                                     {"TORCHELASTIC_RESTART_COUNT", "0"}}};
  if (std::getenv("OMP_NUM_THREADS") == nullptr)
    options.variables.emplace_back("OMP_NUM_THREADS",
                                   std::to_string(std::max(1, usable_cores() / processes)));
  if (rank > 0) options.out = "/dev/null";
  return options;
}

/// The ranks of one training, to their end.
class Launch {
 public:
  int port() const { return store_.port(); }

  void add(SpawnOptions options) {
    const ScratchPath& said = said_.emplace_back(fmt::format("-rank{}.txt", ranks_.size()));
    if (!ranks_.empty()) options.err = said.path();
    ranks_.emplace_back(options);
  }

  void wait() {
    while (!look()) {
      pass_on_signal();
      if (failed_.end.code != 0) end_the_others();
      std::this_thread::sleep_for(20ms);
    }
  }

  /// Of the rank that failed first; 0 where none did.
  int exit_code() const { return failed_.end.signal != 0 ? int{kFailed} : failed_.end.code; }

  /// What rank 0 could not say, a line; empty where it could.
  std::string last_word() {
    if (ranks_[0].ended()->signal == 0) return {};
    const std::string own =
        fmt::format("error: rank {} ended with {}; go on with --resume\n", failed_.rank, failed_.end.text());
    if (failed_.rank == 0) return own;
    const std::string said = read_file(said_[static_cast<std::size_t>(failed_.rank)].path());
    const std::size_t error = said.rfind("error: ");
    return error == std::string::npos ? own : said.substr(error);
  }

 private:
  struct Failure {
    int rank = 0;
    ProcessEnd end = {};
  };

  bool look() {
    bool all = true;
    for (std::size_t rank = 0; rank < ranks_.size(); ++rank) {
      const auto end = ranks_[rank].ended();
      all = all && end;
      if (!end || end->code == 0 || failed_.end.code != 0) continue;
      failed_ = {.rank = static_cast<int>(rank), .end = *end};
      since_failure_.restart();
    }
    return all;
  }

  /// Not as a signal: terminals and schedulers send theirs to all processes, and a second one would end them
  /// before they have saved.
  void pass_on_signal() {
    if (stop_requested() && !std::exchange(passed_on_, true)) store_.ask_to_stop();
  }

  void end_the_others() {
    const double seconds = since_failure_.seconds();
    if (seconds > 2 * kGrace) {
      send(SIGKILL);
    } else if (seconds > kGrace) {
      send(SIGTERM);
    }
  }

  void send(int signal) const {
    for (const SpawnedProcess& rank : ranks_) rank.send(signal);
  }

  LocalStore store_;
  std::deque<ScratchPath> said_;
  std::vector<SpawnedProcess> ranks_;
  Failure failed_;
  Stopwatch since_failure_;
  bool passed_on_ = false;
};

}  // namespace

int run_in_processes(int processes, std::span<const std::string> arguments, const Console& console) {
  const StopSignal signals;
  Launch launch;
  for (int rank = 0; rank < processes; ++rank)
    launch.add(rank_options(rank, processes, launch.port(), {arguments.begin(), arguments.end()}));
  launch.wait();
  console.err << launch.last_word() << std::flush;
  return stop_requested() ? stop_exit_code() : launch.exit_code();
}

std::vector<std::string> without_option(std::span<const std::string> arguments, const std::string& name) {
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == name) {
      ++i;
    } else if (!arguments[i].starts_with(name + "=")) {
      kept.push_back(arguments[i]);
    }
  }
  return kept;
}

}  // namespace fer
