#include "distributions.hpp"

#include <cmath>
#include <numbers>

namespace fer {
namespace {

/// The continued fraction of the incomplete beta function (Abramowitz & Stegun 26.5.8) by Lentz's method.
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  constexpr double kEnough = 1e-15;
  constexpr int kMostTerms = 100000;
  double c = 1;
  double d = 1 - (a + b) * x / (a + 1);
  d = 1 / (d == 0 ? kTiny : d);
  double fraction = d;
  const auto take = [&](double term) {
    d = 1 + term * d;
    c = 1 + term / c;
    d = 1 / (d == 0 ? kTiny : d);
    if (c == 0) c = kTiny;
    fraction *= d * c;
    return std::abs(d * c - 1);
  };
  for (int m = 1; m < kMostTerms; ++m) {
    take(m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)));
    if (take(-(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))) < kEnough) break;
  }
  return fraction;
}

/// The regularised incomplete beta function I_x(a, b).
double incomplete_beta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front =
      std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(a, b, x) / a;
  return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

/// Where a falling function of x > 0 reaches p.
template <class Falling>
double beyond(double p, const Falling& share_beyond) {
  double low = 0;
  double high = 1;
  while (share_beyond(high) > p) high *= 2;
  while (high - low > 1e-12 * high) {
    const double middle = (low + high) / 2;
    (share_beyond(middle) > p ? low : high) = middle;
  }
  return high;
}

}  // namespace

double student_t_p(double t, double degrees) {
  if (std::isinf(t)) return 0;
  return incomplete_beta(degrees / 2, 0.5, degrees / (degrees + t * t));
}

double student_t_beyond(double p, double degrees) {
  return beyond(p, [&](double t) { return student_t_p(t, degrees); });
}

double normal_beyond(double p) {
  return beyond(p, [](double z) { return std::erfc(z / std::numbers::sqrt2); });
}

}  // namespace fer
