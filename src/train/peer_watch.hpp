#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "store.hpp"

namespace fer {

/// Signs of life of the ranks of a training, in their store: each puts there twice a second that it lives and
/// how many exchanges it has begun, and, before it ends, why.
class PeerWatch {
 public:
  explicit PeerWatch(const RankFacts& facts);
  ~PeerWatch();
  PeerWatch(const PeerWatch&) = delete;
  PeerWatch& operator=(const PeerWatch&) = delete;

  /// An exchange begins.
  void count() { ++exchanges_; }

  /// Why the others are missing one of them, naming it; nothing if they all live, go on and have not ended.
  /// Takes some seconds, in which those that live show it. All ranks that ask get the same answer.
  std::optional<std::string> lost();

  /// Rank `rank` has ended, or has shown no life for `seconds`. Does not wait.
  bool is_missing(int rank, double seconds);

  /// Nobody has asked the ranks to stop, and the store has answered within the last seconds.
  bool may_go_on() const { return may_go_on_; }

  void leave(const std::string& reason);

 private:
  struct Sign {
    std::string beat;  // changes while it lives
    std::int64_t exchanges = 0;
  };

  void beat(const std::stop_token& stop);
  Sign sign_of(c10d::Store& store, int rank) const;
  std::string name_of(c10d::Store& store, int rank) const;
  std::optional<std::string> find_lost(c10d::Store& store) const;
  std::string store_is_gone() const;
  void wait_for_others(c10d::Store& store) const;

  RankFacts facts_;
  std::atomic<std::int64_t> exchanges_ = 0;
  std::atomic<bool> may_go_on_ = true;
  std::vector<std::pair<std::string, std::chrono::steady_clock::time_point>> seen_;  // of is_missing()
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::jthread thread_;  // last: it stops before what it uses goes
};

}  // namespace fer
