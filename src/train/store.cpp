#include "store.hpp"

#include <csignal>
#include <future>
#include <thread>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "fer/core/error.hpp"

namespace fer {

std::chrono::milliseconds in_milliseconds(double seconds) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

void survive_closed_connections() { std::signal(SIGPIPE, SIG_IGN); }

StorePtr with_prefix(StorePtr store, const std::string& attempt) {
  return c10::make_intrusive<c10d::PrefixStore>("fer/" + attempt, std::move(store));
}

StorePtr connect_store(const RankFacts& facts, bool hold, double seconds) {
  survive_closed_connections();
  c10d::TCPStoreOptions options;
  options.port = static_cast<std::uint16_t>(facts.port);
  options.isServer = hold && facts.rank == 0 && !facts.launcher_holds_store;
  options.waitWorkers = false;
  options.timeout = in_milliseconds(seconds);
  try {
    auto store = c10::make_intrusive<c10d::TCPStore>(facts.address, options);
    return with_prefix(store, facts.attempt);
  } catch (const std::exception&) {
    if (options.isServer)
      throw failure("rank 0 cannot listen at {}:{} (MASTER_ADDR, MASTER_PORT): is the port taken?",
                    facts.address, facts.port);
    throw failure("rank {}: nothing answers at {}:{} (MASTER_ADDR, MASTER_PORT) within {:g} s", facts.rank,
                  facts.address, facts.port, seconds);
  }
}

std::optional<std::string> within(double seconds, std::function<std::string()> work) {
  const auto promise = std::make_shared<std::promise<std::string>>();
  std::future<std::string> answer = promise->get_future();
  std::thread([promise, work = std::move(work)] {
    try {
      promise->set_value(work());
    } catch (...) {
      promise->set_exception(std::current_exception());
    }
  }).detach();
  if (answer.wait_for(std::chrono::duration<double>(seconds)) != std::future_status::ready)
    return std::nullopt;
  try {
    return answer.get();
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

void put(c10d::Store& store, const std::string& key, std::string_view text) {
  store.set(key, std::vector<std::uint8_t>(text.begin(), text.end()));
}

std::string fetch(c10d::Store& store, const std::string& key) {
  const std::vector<std::uint8_t> bytes = store.get(key);
  return {bytes.begin(), bytes.end()};
}

bool has(c10d::Store& store, const std::string& key) { return store.check({key}); }

}  // namespace fer
