#include "process_pool.hpp"

#include <chrono>
#include <list>
#include <thread>
#include <utility>

#include "stop_signal.hpp"

namespace fer {
namespace {

constexpr std::chrono::milliseconds kPause{50};

struct Running {
  std::size_t position;
  SpawnedProcess process;
};

void take_ended(std::list<Running>& running, const ProcessPool& pool) {
  for (auto at = running.begin(); at != running.end();) {
    const auto end = at->process.ended();
    const std::size_t position = at->position;
    at = end ? running.erase(at) : std::next(at);
    if (end) pool.ended(position, *end);
  }
}

}  // namespace

bool run_pool(const ProcessPool& pool) {
  std::list<Running> running;
  std::size_t next = 0;
  bool ready = !pool.first_is_ready;
  bool told = false;
  while (!running.empty() || (next < pool.count && !stop_requested())) {
    const auto places = static_cast<std::size_t>(ready ? pool.parallel : 1);
    while (next < pool.count && running.size() < places && !stop_requested()) {
      running.push_back({.position = next, .process = SpawnedProcess(pool.begin(next))});
      ++next;
    }
    if (stop_requested() && !std::exchange(told, true))
      for (const Running& one : running) one.process.send(stop_exit_code() - 128);
    std::this_thread::sleep_for(kPause);
    take_ended(running, pool);
    ready = ready || running.empty() || pool.first_is_ready();
  }
  return !stop_requested();
}

}  // namespace fer
