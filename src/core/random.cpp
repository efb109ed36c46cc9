#include "fer/core/random.hpp"

#include <cmath>
#include <numbers>

namespace fer {

std::uint64_t Rng::next() {
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

Rng Rng::of(std::uint64_t seed, std::uint64_t epoch, std::uint64_t index) {
  Rng rng(seed);
  rng.state_ = rng.next() ^ epoch;
  rng.state_ = rng.next() ^ index;
  return Rng(rng.next());
}

double Rng::normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

}  // namespace fer
