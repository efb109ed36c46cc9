#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "fer/core/random.hpp"

namespace fer {

/// Which of several processes this is, that divide each batch among them.
struct BatchShare {
  int rank = 0;
  int ranks = 1;
};

/// How near an epoch stays to the order in which samples lie on disk. Shards are shuffled, then the samples
/// of several shards among each other: a window. All that is read meanwhile lies in the window's shards, each
/// of which is one stretch of the file.
struct ShardOptions {
  std::size_t samples = 0;  ///< of a shard, side by side (the last may have fewer); 0: no shards
  std::size_t mixed = 1;    ///< shards of a window, at most; windows differ by one
};

/// Shards of so many megabytes (10^6 bytes) of crops, to the nearest crop, but at least one.
ShardOptions shards_of_size(double megabytes, std::size_t crop_bytes, int mixed);

/// What the order of an epoch follows from, besides its number.
struct BatchOrderOptions {
  int batch_size = 32;
  bool shuffle = false;
  std::uint64_t seed = 0;
  std::vector<double> weights =
      {};                    ///< of each sample's chance to be drawn, with replacement; empty: each once
  ShardOptions shards = {};  ///< of a shuffled order without weights
  BatchShare share = {};
};

/// Where samples stand in the order of an epoch.
struct BatchSlice {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool counts = true;  ///< false: others have the whole batch, and this only keeps them company
};

/// Which samples make up the batches of an epoch: a pure function of (seed, epoch).
class BatchOrder {
 public:
  /// Throws a failure for no samples, a batch size below 1, weights that are not one each, at least 0 and not
  /// all 0, windows without shards, or shards beside weights, whose draws go over everything.
  BatchOrder(std::size_t samples, BatchOrderOptions options);

  std::size_t batches() const;

  /// Where batch `number` begins and ends in the order of an epoch. The last batch may be smaller; a single
  /// sample left over joins the batch before it, because BatchNorm cannot learn from one value per channel.
  std::size_t begin_of(std::size_t number) const;
  std::size_t end_of(std::size_t number) const;

  /// This process's slice of batch `number`: as many samples as the others have, give or take one. A process
  /// takes at least two, for BatchNorm cannot learn from one value per channel; those which get none are
  /// given the first two, which count in another process.
  BatchSlice own_slice(std::size_t number) const;

  /// The samples of an epoch, as many as there are.
  std::vector<std::size_t> of_epoch(std::size_t epoch) const;

  /// The windows that of_epoch() goes through, one after the other: the samples of each, shard by shard as
  /// they lie on disk. None where nothing is shuffled by shards.
  std::vector<std::vector<std::size_t>> windows_of(std::size_t epoch) const;

 private:
  std::vector<std::size_t> drawn(std::size_t epoch) const;
  std::vector<std::vector<std::size_t>> windows(Rng& rng) const;

  std::size_t samples_;
  BatchOrderOptions options_;
};

}  // namespace fer
