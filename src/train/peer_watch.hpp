#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store.hpp"

namespace fer {

/// Signs of life of the ranks of a training, in their store: each puts there twice a second that it lives and
/// how many exchanges it has begun, and, before it ends, why. Nothing here waits for a store that is gone
/// longer than some seconds.
class PeerWatch {
 public:
  explicit PeerWatch(const RankFacts& facts);
  ~PeerWatch();
  PeerWatch(const PeerWatch&) = delete;
  PeerWatch& operator=(const PeerWatch&) = delete;

  /// An exchange begins.
  void count();

  /// Why the others are missing one of them, naming it; nothing if they all live, go on and have not ended.
  /// Takes some seconds, in which those that live show it. All ranks that ask get the same answer.
  std::optional<std::string> lost() const;

  /// Rank `rank` has ended, or has shown no life for `seconds`. Does not wait for that.
  bool is_missing(int rank, double seconds);

  /// Nobody has asked the ranks to stop, and the store has answered within the last seconds.
  bool may_go_on() const;

  void leave(const std::string& reason) const;

 private:
  struct Pulse;  // what the thread that beats shares with the others

  std::shared_ptr<Pulse> pulse_;
  StorePtr store_;
  std::vector<std::pair<std::string, std::chrono::steady_clock::time_point>> seen_;  // of is_missing()
};

}  // namespace fer
