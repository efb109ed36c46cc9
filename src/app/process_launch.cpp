#include "process_launch.hpp"

#include <chrono>
#include <csignal>
#include <ostream>
#include <thread>
#include <utility>

#include "fer/core/files.hpp"
#include "fer/core/own_files.hpp"
#include "process_facts.hpp"
#include "stop_signal.hpp"

namespace fer {
namespace {

using namespace std::chrono_literals;

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
  for (auto& variable : thread_variables(processes)) options.variables.push_back(std::move(variable));
  if (rank > 0) options.out = "/dev/null";
  return options;
}

/// 128 + SIGINT or SIGTERM: it was asked to stop, and has saved.
bool has_stopped(const ProcessEnd& end) {
  return end.signal == 0 && (end.code == 128 + SIGINT || end.code == 128 + SIGTERM);
}

}  // namespace

void Launch::add(SpawnOptions options) {
  const ScratchPath& said = said_.emplace_back(fmt::format("-rank{}.txt", ranks_.size()));
  if (!ranks_.empty()) options.err = said.path();
  ranks_.emplace_back(options);
}

int Launch::wait() {
  while (!look()) {
    // Not as a signal: terminals and schedulers send theirs to all processes, and a second one would end them
    // before they have saved.
    if (stop_requested() && !std::exchange(asked_to_stop_, true)) store_.ask_to_stop();
    if (failed_.end.code != 0) end_the_others();
    std::this_thread::sleep_for(20ms);
  }
  if (failed_.end.code == 0) return ranks_[0].ended()->code;
  return failed_.end.signal != 0 ? int{kFailed} : failed_.end.code;
}

std::string Launch::last_word() {
  if (failed_.end.code == 0 || ranks_[0].ended()->signal == 0) return {};
  const std::string own =
      fmt::format("error: rank {} ended with {}; go on with --resume\n", failed_.rank, failed_.end.text());
  if (failed_.rank == 0) return own;
  const std::string said = read_file(said_[static_cast<std::size_t>(failed_.rank)].path());
  const std::size_t error = said.rfind("error: ");
  return error == std::string::npos ? own : said.substr(error);
}

/// Whether all have ended.
bool Launch::look() {
  bool all = true;
  for (std::size_t rank = 0; rank < ranks_.size(); ++rank) {
    const auto end = ranks_[rank].ended();
    all = all && end;
    if (!end || end->code == 0 || has_stopped(*end) || failed_.end.code != 0) continue;
    failed_ = {.rank = static_cast<int>(rank), .end = *end};
    since_failure_.restart();
  }
  return all;
}

void Launch::end_the_others() const {
  const double seconds = since_failure_.seconds();
  if (seconds < grace_) return;
  for (const SpawnedProcess& rank : ranks_) rank.send(seconds < 2 * grace_ ? SIGTERM : SIGKILL);
}

int run_in_processes(int processes, std::span<const std::string> arguments, const Console& console) {
  const StopSignal signals;
  Launch launch;
  for (int rank = 0; rank < processes; ++rank)
    launch.add(rank_options(rank, processes, launch.port(), {arguments.begin(), arguments.end()}));
  const int code = launch.wait();
  console.err << launch.last_word() << std::flush;
  return stop_requested() ? stop_exit_code() : code;
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
