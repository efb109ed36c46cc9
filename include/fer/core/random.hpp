#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace fer {

/// A small deterministic generator (SplitMix64, Steele et al. 2014): the same seed gives the same numbers on
/// every machine and standard library, and a stream can start anywhere, so a sample's randomness depends only
/// on (seed, epoch, index) and never on the number of worker threads.
class Rng {
 public:
  explicit Rng(std::uint64_t seed) : state_(seed) {}

  /// An independent stream for each triple.
  static Rng of(std::uint64_t seed, std::uint64_t epoch, std::uint64_t index);

  std::uint64_t next();

  /// In [0, 1).
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

  /// In [low, high).
  double uniform(double low, double high) { return low + (high - low) * uniform(); }

  /// In [0, count); count > 0.
  std::size_t below(std::size_t count) {
    return static_cast<std::size_t>(uniform() * static_cast<double>(count));
  }

  bool chance(double probability) { return uniform() < probability; }

  /// Mean 0, standard deviation 1 (Box-Muller).
  double normal();

  /// Fisher-Yates.
  template <class T>
  void shuffle(std::span<T> items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

 private:
  std::uint64_t state_;
};

}  // namespace fer
