#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fer/core/random.hpp"
#include "fer/eval/interval.hpp"

namespace fer {

/// Draws samples anew, whole clusters with replacement, as many as there are.
class Resampling {
 public:
  /// The cluster of each sample, as Clusters::names.
  explicit Resampling(std::span<const std::string> clusters);

  std::size_t clusters() const { return starts_.size() - 1; }

  /// Calls visit(sample) for each sample of one resample, which its number and the seed alone decide.
  template <class Visit>
  void draw(std::uint64_t seed, int resample, Visit&& visit) const {
    Rng rng = Rng::of(seed, static_cast<std::uint64_t>(resample), 0);
    for (std::size_t draw = 0; draw < clusters(); ++draw) {
      const std::size_t drawn = rng.below(clusters());
      for (std::size_t i = starts_[drawn]; i < starts_[drawn + 1]; ++i) visit(samples_[i]);
    }
  }

 private:
  std::vector<std::size_t> samples_;  ///< cluster after cluster: named ones in the order of their names first
  std::vector<std::size_t> starts_;   ///< of each cluster in samples_, and the end
};

/// The 2.5 % and 97.5 % quantiles of the finite values; nothing if there are none.
std::optional<Interval> percentile_interval(std::vector<double> values);

}  // namespace fer
