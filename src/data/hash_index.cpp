#include "hash_index.hpp"

#include <algorithm>
#include <bit>

#include "fer/data/look_alike.hpp"

namespace fer {
namespace {

constexpr int kQuarterBits = 16;
constexpr std::size_t kValues = std::size_t{1} << kQuarterBits;

std::size_t quarter_of(std::uint64_t hash, std::size_t quarter) {
  return (hash >> (quarter * kQuarterBits)) % kValues;
}

/// What a quarter may differ by.
std::vector<std::size_t> differences() {
  constexpr int kBits = kLookAlikeBits / 4;
  std::vector<std::size_t> found;
  for (std::size_t bits = 0; bits < kValues; ++bits) {
    if (std::popcount(bits) <= kBits) found.push_back(bits);
  }
  return found;
}

}  // namespace

HashIndex::HashIndex(std::span<const std::uint64_t> hashes) {
  for (std::size_t quarter = 0; quarter < kQuarters; ++quarter) {
    auto& [begins, entries] = tables_[quarter];
    begins.resize(kValues + 1);
    for (const std::uint64_t hash : hashes) ++begins[quarter_of(hash, quarter) + 1];
    for (std::size_t value = 0; value < kValues; ++value) begins[value + 1] += begins[value];
    std::vector<std::size_t> next = begins;
    entries.resize(hashes.size());
    for (std::size_t i = 0; i < hashes.size(); ++i)
      entries[next[quarter_of(hashes[i], quarter)]++] = {.hash = hashes[i], .position = i};
  }
}

std::vector<std::size_t> HashIndex::near(std::uint64_t hash) const {
  static const std::vector<std::size_t> kDifferences = differences();
  std::vector<std::size_t> found;
  for (std::size_t quarter = 0; quarter < kQuarters; ++quarter) {
    const auto& [begins, entries] = tables_[quarter];
    for (const std::size_t bits : kDifferences) {
      const std::size_t value = quarter_of(hash, quarter) ^ bits;
      for (std::size_t i = begins[value]; i < begins[value + 1]; ++i) {
        if (hash_distance(entries[i].hash, hash) <= kLookAlikeBits) found.push_back(entries[i].position);
      }
    }
  }
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace fer
