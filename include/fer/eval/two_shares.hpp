#pragma once

#include <cstdint>

#include "fer/eval/interval.hpp"

namespace fer {

/// `hits` out of `trials`; 0 <= hits <= trials.
struct Hits {
  std::int64_t hits = 0;
  std::int64_t trials = 0;

  double share() const { return static_cast<double>(hits) / static_cast<double>(trials); }
};

/// Fisher's exact test of two independent shares, two-sided: the probability of all tables with the same sums
/// that are no likelier than this one (R's and SciPy's definition). It holds for few hits as well as for
/// many.
double fisher_exact_p(const Hits& a, const Hits& b);

/// The interval of a.share() - b.share() from the two Wilson intervals (Newcombe 1998, method 10), 95 %
/// unless `z` says otherwise. Throws a failure where one has no trials.
Interval newcombe_interval(const Hits& a, const Hits& b, double z = kNormal95);

}  // namespace fer
