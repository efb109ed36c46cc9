#include "peer_watch.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "fer/core/host_name.hpp"
#include "fer/core/text.hpp"

namespace fer {
namespace {

using namespace std::chrono_literals;

constexpr auto kBeat = 500ms;
constexpr auto kSilence = 4 * kBeat;  // longer than a living rank keeps
constexpr double kRequest = 4;        // seconds for an answer of the store
constexpr double kLastWords = 2;      // for the others to hear them, where the store ends with their speaker
constexpr double kInquiry = 8;        // seconds to find out who is lost
constexpr double kConnect = 60;       // seconds, while all is well
constexpr int kMostMissed = 3;        // requests in a row that the store may leave unanswered

std::string key_of(const char* kind, int rank) { return fmt::format("{}/{}", kind, rank); }

std::string name_of(c10d::Store& store, int rank) {
  return fmt::format("rank {} ({})", rank, fetch(store, key_of("name", rank)));
}

struct Sign {
  std::string beat;  // changes while it lives
  std::int64_t exchanges = 0;
};

Sign sign_of(c10d::Store& store, int rank) {
  const std::string text = fetch(store, key_of("beat", rank));
  const auto exchanges = parse_number(text.substr(text.find(' ') + 1));
  return {.beat = text.substr(0, text.find(' ')), .exchanges = static_cast<std::int64_t>(*exchanges)};
}

/// What rank `facts.rank`, which has begun so many exchanges, finds out about the others, in the order of
/// certainty: who said so, who is silent, who stays behind. Empty: nothing.
std::string find_lost(c10d::Store& store, const RankFacts& facts, std::int64_t exchanges) {
  std::vector<Sign> before;
  for (int rank = 0; rank < facts.world_size; ++rank) before.push_back(sign_of(store, rank));
  std::this_thread::sleep_for(kSilence);
  int last = facts.rank;
  std::int64_t fewest = exchanges;
  std::string silent;
  for (int rank = 0; rank < facts.world_size; ++rank) {
    if (rank == facts.rank) continue;
    if (has(store, key_of("left", rank)))
      return fmt::format("{} ended: {}", name_of(store, rank), fetch(store, key_of("left", rank)));
    const Sign now = sign_of(store, rank);
    if (now.beat == before[static_cast<std::size_t>(rank)].beat && silent.empty())
      silent = fmt::format("{} no longer answers: it was killed or hangs, or the network to it is cut",
                           name_of(store, rank));
    if (now.exchanges < fewest) {
      fewest = now.exchanges;
      last = rank;
    }
  }
  if (!silent.empty() || last == facts.rank) return silent;
  return fmt::format(
      "{} does not go on: its process lives, but it came to exchange {} where others are at {}",
      name_of(store, last), fewest, exchanges);
}

/// Whoever holds the store stays until the others have heard, or do not listen.
void wait_for_others(c10d::Store& store, const RankFacts& facts) {
  if (facts.rank != 0 || facts.launcher_holds_store) return;
  const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(kLastWords);
  for (int rank = 1; rank < facts.world_size; ++rank) {
    while (!has(store, key_of("told", rank)) && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(50ms);
  }
}

/// The first rank to find out tells the others; they say the same. Empty: nobody is lost.
std::string agree_on_lost(c10d::Store& store, const RankFacts& facts, std::int64_t exchanges) {
  if (!has(store, "lost")) {
    const std::string found = find_lost(store, facts, exchanges);
    if (found.empty()) return {};
    if (store.add("finders", 1) == 1) put(store, "lost", found);
  }
  const std::string told = fetch(store, "lost");
  put(store, key_of("told", facts.rank), "");
  return told;
}

/// Connections are made while all is well: where it is not, that alone may take long.
StorePtr connection(const RankFacts& facts) {
  const StorePtr store = connect_store(facts, /*hold=*/false, kConnect);
  store->setTimeout(in_milliseconds(kRequest));
  return store;
}

}  // namespace

struct PeerWatch::Pulse {
  explicit Pulse(const RankFacts& own) : facts(own) {}

  const RankFacts facts;
  std::atomic<std::int64_t> exchanges = 0;
  std::atomic<bool> may_go_on = true;
  std::mutex mutex = {};
  std::condition_variable changed = {};
  bool over = false;
  bool stands_still = false;

  /// False: it is over.
  bool rest() {
    std::unique_lock lock(mutex);
    return !changed.wait_for(lock, kBeat, [this] { return over; });
  }

  void beat(StorePtr store) {
    std::int64_t number = 1;
    int missed = 0;
    do {
      try {
        if (!store) store = connect_store(facts, /*hold=*/false, kRequest);
        put(*store, key_of("beat", facts.rank), fmt::format("{} {}", number++, exchanges.load()));
        may_go_on = !has(*store, kStopKey);
        missed = 0;
      } catch (const std::exception&) {
        store.reset();
        if (++missed == kMostMissed) may_go_on = false;
      }
    } while (rest());
    store.reset();
    const std::lock_guard lock(mutex);
    stands_still = true;
    changed.notify_all();
  }
};

PeerWatch::PeerWatch(const RankFacts& facts)
    : pulse_(std::make_shared<Pulse>(facts)),
      store_(connection(facts)),
      seen_(static_cast<std::size_t>(facts.world_size)) {
  put(*store_, key_of("name", facts.rank), fmt::format("process {} on {}", ::getpid(), host_name()));
  put(*store_, key_of("beat", facts.rank), "0 0");
  std::thread([pulse = pulse_, store = connection(facts)] { pulse->beat(store); }).detach();
}

/// A thread that waits for a store which is gone is left to itself.
PeerWatch::~PeerWatch() {
  std::unique_lock lock(pulse_->mutex);
  pulse_->over = true;
  pulse_->changed.notify_all();
  pulse_->changed.wait_for(lock, 2 * kBeat, [this] { return pulse_->stands_still; });
}

void PeerWatch::count() { ++pulse_->exchanges; }

std::optional<std::string> PeerWatch::lost() const {
  const RankFacts& own = pulse_->facts;
  const auto told =
      within(kInquiry, [store = store_, facts = pulse_->facts, exchanges = pulse_->exchanges.load()] {
        return agree_on_lost(*store, facts, exchanges);
      });
  if (!told)
    return fmt::format("{} at {}:{} no longer answers: it was killed or hangs, or the network is cut",
                       own.launcher_holds_store ? "who launched this training," : "rank 0", own.address,
                       own.port);
  if (told->empty()) return std::nullopt;
  within(kLastWords, [store = store_, facts = pulse_->facts] {
    wait_for_others(*store, facts);
    return std::string();
  });
  return told;
}

bool PeerWatch::is_missing(int rank, double seconds) {
  const auto beat = within(kRequest, [store = store_, rank] {
    return has(*store, key_of("left", rank)) ? std::string() : sign_of(*store, rank).beat;
  });
  if (!beat || beat->empty()) return true;
  auto& [seen, when] = seen_[static_cast<std::size_t>(rank)];
  const auto now = std::chrono::steady_clock::now();
  if (seen != *beat) {
    seen = *beat;
    when = now;
  }
  return std::chrono::duration<double>(now - when).count() > seconds;
}

bool PeerWatch::may_go_on() const { return pulse_->may_go_on; }

void PeerWatch::leave(const std::string& reason) const {
  within(kRequest + kLastWords, [store = store_, facts = pulse_->facts, reason] {
    put(*store, key_of("left", facts.rank), reason);
    wait_for_others(*store, facts);
    return std::string();
  });
}

}  // namespace fer
