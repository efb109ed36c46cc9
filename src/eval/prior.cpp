#include "fer/eval/prior.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "check.hpp"
#include "fer/core/error.hpp"

namespace fer {
namespace {

constexpr int kMostRounds = 1000;
constexpr double kSmallestChange = 1e-6;

/// False if the sum is 0.
bool normalise(std::vector<double>& values) {
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  if (!(sum > 0)) return false;
  for (double& value : values) value /= sum;
  return true;
}

std::vector<double> corrected(std::span<const float> row, std::span<const double> ratios) {
  std::vector<double> result(row.size());
  for (std::size_t k = 0; k < row.size(); ++k) result[k] = row[k] * ratios[k];
  if (!normalise(result)) result.assign(row.begin(), row.end());
  return result;
}

std::vector<double> ratios(std::span<const double> wanted, std::span<const double> trained) {
  std::vector<double> result(trained.size());
  for (std::size_t k = 0; k < trained.size(); ++k) result[k] = trained[k] > 0 ? wanted[k] / trained[k] : 0;
  return result;
}

double largest_change(std::span<const double> a, std::span<const double> b) {
  double largest = 0;
  for (std::size_t k = 0; k < a.size(); ++k) largest = std::max(largest, std::abs(a[k] - b[k]));
  return largest;
}

}  // namespace

std::vector<float> with_prior(std::span<const float> probabilities, std::span<const double> trained,
                              std::span<const double> wanted) {
  if (trained.size() != probabilities.size() || wanted.size() != probabilities.size()) {
    throw failure("{} probabilities, {} trained shares and {} wanted ones: as many were expected",
                  probabilities.size(), trained.size(), wanted.size());
  }
  const std::vector<double> result = corrected(probabilities, ratios(wanted, trained));
  return {result.begin(), result.end()};
}

std::vector<double> estimate_prior(std::span<const float> rows, std::span<const double> trained,
                                   double pseudo_rows) {
  check_flat_rows(rows, trained.size());
  std::vector<double> prior(trained.begin(), trained.end());
  if (rows.empty()) return prior;
  for (int round = 0; round < kMostRounds; ++round) {
    const std::vector<double> ratio = ratios(prior, trained);
    std::vector<double> next;
    for (const double share : trained) next.push_back(pseudo_rows * share);
    for (std::size_t begin = 0; begin < rows.size(); begin += trained.size()) {
      const std::vector<double> row = corrected(rows.subspan(begin, trained.size()), ratio);
      for (std::size_t k = 0; k < row.size(); ++k) next[k] += trained[k] > 0 ? row[k] : 0;
    }
    if (!normalise(next)) break;
    const bool settled = largest_change(prior, next) < kSmallestChange;
    prior.swap(next);
    if (settled) break;
  }
  return prior;
}

}  // namespace fer
