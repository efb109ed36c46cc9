#include "fer/data/batch_order.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fer/core/error.hpp"

namespace fer {
namespace {

constexpr std::uint64_t kOrderStream = ~std::uint64_t{0};  // no sample has this index

}  // namespace

ShardOptions shards_of_size(double megabytes, std::size_t crop_bytes, int mixed) {
  const double crops = std::round(megabytes * 1e6 / static_cast<double>(crop_bytes));
  return {.samples = static_cast<std::size_t>(std::max(1.0, crops)),
          .mixed = static_cast<std::size_t>(mixed)};
}

BatchOrder::BatchOrder(std::size_t samples, BatchOrderOptions options)
    : samples_(samples), options_(std::move(options)) {
  if (samples_ == 0) throw failure("there is nothing to make batches of");
  if (options_.batch_size < 1)
    throw failure("a batch needs at least one sample, got {}", options_.batch_size);
  if (options_.share.rank < 0 || options_.share.rank >= options_.share.ranks)
    throw failure("there is no rank {} of {}", options_.share.rank, options_.share.ranks);
  const auto& weights = options_.weights;
  const ShardOptions& shards = options_.shards;
  if (shards.samples > 0 && (shards.mixed == 0 || !weights.empty()))
    throw failure("samples are shuffled by shards, at least one at a time, or drawn by weights, not both");
  if (weights.empty()) return;
  const bool valid =
      weights.size() == samples_ &&
      std::ranges::all_of(weights, [](double weight) { return std::isfinite(weight) && weight >= 0; }) &&
      std::ranges::any_of(weights, [](double weight) { return weight > 0; });
  if (!valid) throw failure("sampling needs a weight of at least 0 for each of {} samples", samples_);
}

std::size_t BatchOrder::batches() const {
  const auto per_batch = static_cast<std::size_t>(options_.batch_size);
  const std::size_t full = samples_ / per_batch;
  const std::size_t left = samples_ % per_batch;
  const bool of_its_own = left > 1 || (left == 1 && full == 0);
  return full + (of_its_own ? 1 : 0);
}

std::size_t BatchOrder::begin_of(std::size_t number) const {
  return number * static_cast<std::size_t>(options_.batch_size);
}

std::size_t BatchOrder::end_of(std::size_t number) const {
  return number + 1 == batches() ? samples_ : begin_of(number + 1);
}

BatchSlice BatchOrder::own_slice(std::size_t number) const {
  constexpr std::size_t kLeast = 2;
  const std::size_t begin = begin_of(number);
  const std::size_t samples = end_of(number) - begin;
  const auto rank = static_cast<std::size_t>(options_.share.rank);
  const std::size_t takers =
      std::clamp(samples / kLeast, std::size_t{1}, static_cast<std::size_t>(options_.share.ranks));
  if (rank >= takers) return {.begin = begin, .end = begin + std::min(samples, kLeast), .counts = false};
  const auto first_of = [&](std::size_t taker) { return begin + taker * samples / takers; };
  return {.begin = first_of(rank), .end = first_of(rank + 1)};
}

std::vector<std::size_t> BatchOrder::of_epoch(std::size_t epoch) const {
  if (!options_.weights.empty()) return drawn(epoch);
  Rng rng = Rng::of(options_.seed, epoch, kOrderStream);
  std::vector<std::size_t> order;
  for (std::vector<std::size_t>& window : windows(rng)) {
    rng.shuffle(std::span(window));
    order.insert(order.end(), window.begin(), window.end());
  }
  if (!order.empty()) return order;
  order.resize(samples_);
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (options_.shuffle) rng.shuffle(std::span(order));
  return order;
}

std::vector<std::vector<std::size_t>> BatchOrder::windows_of(std::size_t epoch) const {
  Rng rng = Rng::of(options_.seed, epoch, kOrderStream);
  return windows(rng);
}

std::vector<std::vector<std::size_t>> BatchOrder::windows(Rng& rng) const {
  const auto& [size, mixed] = options_.shards;
  if (size == 0 || !options_.shuffle) return {};
  std::vector<std::size_t> shards((samples_ + size - 1) / size);
  std::iota(shards.begin(), shards.end(), std::size_t{0});
  rng.shuffle(std::span(shards));
  std::vector<std::vector<std::size_t>> windows((shards.size() + mixed - 1) / mixed);
  for (std::size_t i = 0; i < shards.size(); ++i) {
    std::vector<std::size_t>& window = windows[i * windows.size() / shards.size()];
    const std::size_t end = std::min(samples_, (shards[i] + 1) * size);
    for (std::size_t sample = shards[i] * size; sample < end; ++sample) window.push_back(sample);
  }
  return windows;
}

std::vector<std::size_t> BatchOrder::drawn(std::size_t epoch) const {
  std::vector<double> up_to(samples_);
  std::partial_sum(options_.weights.begin(), options_.weights.end(), up_to.begin());
  Rng rng = Rng::of(options_.seed, epoch, kOrderStream);
  std::vector<std::size_t> order(samples_);
  for (std::size_t& sample : order) {
    const auto at = std::ranges::upper_bound(up_to, rng.uniform(0, up_to.back()));
    sample = std::min(static_cast<std::size_t>(at - up_to.begin()), samples_ - 1);
  }
  return order;
}

}  // namespace fer
