#include "fer/eval/two_shares.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace fer {
namespace {

double log_choose(std::int64_t n, std::int64_t k) {
  const auto log_factorial = [](std::int64_t m) { return std::lgamma(static_cast<double>(m) + 1); };
  return log_factorial(n) - log_factorial(k) - log_factorial(n - k);
}

}  // namespace

double fisher_exact_p(const Hits& a, const Hits& b) {
  const std::int64_t hits = a.hits + b.hits;
  const std::int64_t first = std::max<std::int64_t>(0, hits - b.trials);
  const std::int64_t last = std::min(a.trials, hits);
  std::vector<double> logs;  // of the tables' weights
  for (std::int64_t k = first; k <= last; ++k)
    logs.push_back(log_choose(a.trials, k) + log_choose(b.trials, hits - k));
  constexpr double kRounding = 1e-7;  // tables as likely as this one are to count
  const double observed = logs[static_cast<std::size_t>(a.hits - first)];
  const double likeliest = std::ranges::max(logs);
  double as_unlikely = 0;
  double all = 0;
  for (const double log : logs) {
    const double weight = std::exp(log - likeliest);
    all += weight;
    if (log <= observed + kRounding) as_unlikely += weight;
  }
  return std::min(1.0, as_unlikely / all);
}

Interval newcombe_interval(const Hits& a, const Hits& b, double z) {
  const Interval of_a = wilson_interval(a.hits, a.trials, z);
  const Interval of_b = wilson_interval(b.hits, b.trials, z);
  const double difference = a.share() - b.share();
  return {.low = difference - std::hypot(a.share() - of_a.low, of_b.high - b.share()),
          .high = difference + std::hypot(of_a.high - a.share(), b.share() - of_b.low)};
}

}  // namespace fer
