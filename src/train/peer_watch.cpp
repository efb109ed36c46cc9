#include "peer_watch.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>

#include "fer/core/error.hpp"
#include "fer/core/text.hpp"

namespace fer {
namespace {

using namespace std::chrono_literals;

constexpr auto kBeat = 500ms;
constexpr auto kSilence = 4 * kBeat;  // longer than a living rank keeps
constexpr double kRequest = 4;        // seconds for an answer of the store
constexpr auto kLastWords = 4s;       // for the others to hear them, where the store ends with them

std::string key_of(const char* kind, int rank) { return fmt::format("{}/{}", kind, rank); }

std::string own_name() {
  std::string host(256, '\0');
  ::gethostname(host.data(), host.size() - 1);
  return fmt::format("process {} on {}", ::getpid(), host.c_str());
}

}  // namespace

PeerWatch::PeerWatch(const RankFacts& facts)
    : facts_(facts), seen_(static_cast<std::size_t>(facts.world_size)) {
  const StorePtr store = connect_store(facts_, /*hold=*/false, kRequest);
  put(*store, key_of("name", facts_.rank), own_name());
  put(*store, key_of("beat", facts_.rank), "0 0");
  thread_ = std::jthread([this](const std::stop_token& stop) { beat(stop); });
}

PeerWatch::~PeerWatch() = default;

void PeerWatch::beat(const std::stop_token& stop) {
  StorePtr store;
  for (std::int64_t number = 1; !stop.stop_requested(); ++number) {
    try {
      if (!store) store = connect_store(facts_, /*hold=*/false, kRequest);
      put(*store, key_of("beat", facts_.rank), fmt::format("{} {}", number, exchanges_.load()));
      may_go_on_ = !has(*store, kStopKey);  // which waits for the answer, unlike putting
    } catch (const std::exception&) {
      store.reset();
      may_go_on_ = false;
    }
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, kBeat, [] { return false; });
  }
}

PeerWatch::Sign PeerWatch::sign_of(c10d::Store& store, int rank) const {
  const std::string text = fetch(store, key_of("beat", rank));
  const auto exchanges = parse_number(text.substr(text.find(' ') + 1));
  return {.beat = text.substr(0, text.find(' ')), .exchanges = static_cast<std::int64_t>(*exchanges)};
}

std::string PeerWatch::name_of(c10d::Store& store, int rank) const {
  return fmt::format("rank {} ({})", rank, fetch(store, key_of("name", rank)));
}

std::string PeerWatch::store_is_gone() const {
  return fmt::format("{} at {}:{} no longer answers: it was killed or hangs, or the network is cut",
                     facts_.launcher_holds_store ? "who launched this training," : "rank 0", facts_.address,
                     facts_.port);
}

/// In the order of certainty: who said so, who is silent, who stays behind.
std::optional<std::string> PeerWatch::find_lost(c10d::Store& store) const {
  std::vector<Sign> before;
  for (int rank = 0; rank < facts_.world_size; ++rank) before.push_back(sign_of(store, rank));
  std::this_thread::sleep_for(kSilence);
  int last = facts_.rank;
  std::int64_t fewest = exchanges_;
  std::optional<std::string> silent;
  for (int rank = 0; rank < facts_.world_size; ++rank) {
    if (rank == facts_.rank) continue;
    if (has(store, key_of("left", rank)))
      return fmt::format("{} ended: {}", name_of(store, rank), fetch(store, key_of("left", rank)));
    const Sign now = sign_of(store, rank);
    if (now.beat == before[static_cast<std::size_t>(rank)].beat && !silent)
      silent = fmt::format("{} no longer answers: it was killed or hangs, or the network to it is cut",
                           name_of(store, rank));
    if (now.exchanges < fewest) {
      fewest = now.exchanges;
      last = rank;
    }
  }
  if (silent) return silent;
  if (last == facts_.rank) return std::nullopt;
  return fmt::format(
      "{} does not go on: its process lives, but it came to exchange {} where others are at {}",
      name_of(store, last), fewest, exchanges_.load());
}

/// The first rank to find out tells the others; they say the same.
std::optional<std::string> PeerWatch::lost() {
  try {
    const StorePtr store = connect_store(facts_, /*hold=*/false, kRequest);
    if (!has(*store, "lost")) {
      const auto found = find_lost(*store);
      if (!found) return std::nullopt;
      if (store->add("finders", 1) == 1) put(*store, "lost", *found);
    }
    const std::string told = fetch(*store, "lost");
    put(*store, key_of("told", facts_.rank), "");
    wait_for_others(*store);
    return told;
  } catch (const std::exception&) {
    return store_is_gone();
  }
}

bool PeerWatch::is_missing(int rank, double seconds) {
  try {
    const StorePtr store = connect_store(facts_, /*hold=*/false, kRequest);
    if (has(*store, key_of("left", rank))) return true;
    const std::string beat = sign_of(*store, rank).beat;
    auto& [seen, when] = seen_[static_cast<std::size_t>(rank)];
    const auto now = std::chrono::steady_clock::now();
    if (seen != beat) {
      seen = beat;
      when = now;
    }
    return std::chrono::duration<double>(now - when).count() > seconds;
  } catch (const std::exception&) {
    return true;
  }
}

/// Whoever holds the store stays until the others have heard, or do not listen.
void PeerWatch::wait_for_others(c10d::Store& store) const {
  if (facts_.rank != 0 || facts_.launcher_holds_store) return;
  const auto until = std::chrono::steady_clock::now() + kLastWords;
  for (int rank = 1; rank < facts_.world_size; ++rank) {
    while (!has(store, key_of("told", rank)) && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(50ms);
  }
}

void PeerWatch::leave(const std::string& reason) {
  try {
    const StorePtr store = connect_store(facts_, /*hold=*/false, kRequest);
    put(*store, key_of("left", facts_.rank), reason);
    wait_for_others(*store);
  } catch (const std::exception&) {
    // nobody is there to tell
  }
}

}  // namespace fer
