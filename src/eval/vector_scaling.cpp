#include "vector_scaling.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace fer {
namespace {

/// How hard scale and bias are drawn to the temperature's; docs/calibration.md has the measurements.
constexpr double kPull = 30;
constexpr int kMostSteps = 100;
constexpr int kMostHalvings = 60;

/// The parameters: all scales, relative to the temperature's, then all biases.
using Parameters = std::vector<double>;

/// The lower triangle of a symmetric matrix, row by row.
using Symmetric = std::vector<std::vector<double>>;

Symmetric zeros(std::size_t size) {
  Symmetric matrix;
  for (std::size_t row = 0; row < size; ++row) matrix.emplace_back(row + 1, 0.0);
  return matrix;
}

/// Solves matrix * x = values by Cholesky's decomposition; nothing if the matrix is not positive definite.
std::optional<std::vector<double>> solve(Symmetric matrix, std::vector<double> values) {
  const std::size_t size = values.size();
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      for (std::size_t k = 0; k < j; ++k) matrix[i][j] -= matrix[i][k] * matrix[j][k];
      if (j < i) matrix[i][j] /= matrix[j][j];
    }
    if (!(matrix[i][i] > 0) || !std::isfinite(matrix[i][i])) return std::nullopt;
    matrix[i][i] = std::sqrt(matrix[i][i]);
  }
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t k = 0; k < i; ++k) values[i] -= matrix[i][k] * values[k];
    values[i] /= matrix[i][i];
  }
  for (std::size_t i = size; i-- > 0;) {
    for (std::size_t k = i + 1; k < size; ++k) values[i] -= matrix[k][i] * values[k];
    values[i] /= matrix[i][i];
  }
  return values;
}

class Fit {
 public:
  Fit(std::span<const int> labels, std::span<const std::vector<float>> logits, double temperature)
      : labels_(labels), logits_(logits), temperature_(temperature), classes_(logits.front().size()) {}

  std::optional<Parameters> run() const {
    Parameters at = start();
    double value = objective(at);
    for (int step = 0; step < kMostSteps; ++step) {
      auto [gradient, curvature] = derivatives(at);
      const auto direction = solve(std::move(curvature), gradient);
      if (!direction) return std::nullopt;
      double decrement = 0;  // twice what the step gains where the objective is a parabola
      for (std::size_t m = 0; m < at.size(); ++m) decrement += gradient[m] * (*direction)[m];
      if (decrement <= 1e-12 * (1 + value)) return moved(at, *direction, 1);
      if (!descend(at, value, *direction, decrement)) return std::nullopt;
    }
    return std::nullopt;
  }

  Calibration calibration(const Parameters& found) const {
    Calibration result;
    result.method = CalibrationMethod::vector;
    for (std::size_t k = 0; k < classes_; ++k) {
      result.scale.push_back(found[k] / temperature_);
      result.bias.push_back(found[classes_ + k]);
    }
    return result;
  }

 private:
  struct Derivatives {
    std::vector<double> gradient;
    Symmetric curvature;
  };

  Parameters start() const {
    Parameters parameters(2 * classes_, 0.0);
    std::fill_n(parameters.begin(), classes_, 1.0);
    return parameters;
  }

  static Parameters moved(Parameters at, const std::vector<double>& direction, double share) {
    for (std::size_t m = 0; m < at.size(); ++m) at[m] -= share * direction[m];
    return at;
  }

  /// Goes along the direction as far as it pays (Armijo's rule).
  bool descend(Parameters& at, double& value, const std::vector<double>& direction, double decrement) const {
    double share = 1;
    for (int halving = 0; halving < kMostHalvings; ++halving, share /= 2) {
      Parameters tried = moved(at, direction, share);
      const double reached = objective(tried);
      if (!(reached <= value - 1e-4 * share * decrement)) continue;
      at = std::move(tried);
      value = reached;
      return true;
    }
    return false;
  }

  double input(std::size_t sample, std::size_t k) const { return logits_[sample][k] / temperature_; }

  std::vector<double> scores(std::size_t sample, const Parameters& at) const {
    std::vector<double> values(classes_);
    for (std::size_t k = 0; k < classes_; ++k) values[k] = at[k] * input(sample, k) + at[classes_ + k];
    return values;
  }

  double pull(const Parameters& at) const {
    double squares = 0;
    for (std::size_t m = 0; m < at.size(); ++m) squares += std::pow(at[m] - (m < classes_ ? 1 : 0), 2);
    return kPull / 2 * squares;
  }

  double objective(const Parameters& at) const {
    double sum = pull(at);
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      const std::vector<double> values = scores(i, at);
      const double highest = std::ranges::max(values);
      double total = 0;
      for (const double value : values) total += std::exp(value - highest);
      sum += std::log(total) + highest - values[static_cast<std::size_t>(labels_[i])];
    }
    return sum;
  }

  Derivatives derivatives(const Parameters& at) const {
    Derivatives sums{.gradient = std::vector<double>(at.size()), .curvature = zeros(at.size())};
    for (std::size_t m = 0; m < at.size(); ++m) {
      sums.gradient[m] = kPull * (at[m] - (m < classes_ ? 1 : 0));
      sums.curvature[m][m] = kPull;
    }
    for (std::size_t i = 0; i < labels_.size(); ++i) add_sample(sums, i, at);
    return sums;
  }

  void add_sample(Derivatives& sums, std::size_t sample, const Parameters& at) const {
    std::vector<double> p = scores(sample, at);
    const double highest = std::ranges::max(p);
    double total = 0;
    for (double& value : p) total += value = std::exp(value - highest);
    for (double& value : p) value /= total;
    const auto factor = [&](std::size_t m) { return m < classes_ ? input(sample, m) : 1.0; };
    for (std::size_t m = 0; m < at.size(); ++m) {
      const std::size_t j = m % classes_;
      const bool own = static_cast<int>(j) == labels_[sample];
      sums.gradient[m] += (p[j] - own) * factor(m);
      for (std::size_t n = 0; n <= m; ++n) {
        const std::size_t k = n % classes_;
        sums.curvature[m][n] += ((j == k ? p[j] : 0) - p[j] * p[k]) * factor(m) * factor(n);
      }
    }
  }

  std::span<const int> labels_;
  std::span<const std::vector<float>> logits_;
  double temperature_;
  std::size_t classes_;
};

}  // namespace

std::optional<Calibration> fit_vector_scaling(std::span<const int> labels,
                                              std::span<const std::vector<float>> logits,
                                              double temperature) {
  const Fit fit(labels, logits, temperature);
  const auto found = fit.run();
  if (!found) return std::nullopt;
  return fit.calibration(*found);
}

}  // namespace fer
