#include "colour_difference.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace fer {
namespace {

using Triple = std::array<double, 3>;
using Matrix = std::array<Triple, 3>;

constexpr Matrix kIdentity = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
constexpr Matrix kProtanopia = {
    {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}};
constexpr Matrix kDeuteranopia = {
    {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}};
constexpr Matrix kTritanopia = {
    {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}};
constexpr Matrix kToXyz = {{{0.4124564, 0.3575761, 0.1804375},
                            {0.2126729, 0.7151522, 0.0721750},
                            {0.0193339, 0.1191920, 0.9503041}}};

const Matrix& simulation(Vision vision) {
  switch (vision) {
    case Vision::protanopia:
      return kProtanopia;
    case Vision::deuteranopia:
      return kDeuteranopia;
    case Vision::tritanopia:
      return kTritanopia;
    case Vision::full:
      break;
  }
  return kIdentity;
}

Triple times(const Matrix& matrix, const Triple& vector) {
  Triple product = {};
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 3; ++column) product[row] += matrix[row][column] * vector[column];
  }
  return product;
}

double linear(double channel) {
  const double c = channel / 255;
  return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

double radians(double degrees) { return degrees * std::numbers::pi / 180; }

/// 0 to 360 degrees.
double hue(double a, double b) {
  if (a == 0 && b == 0) return 0;
  const double degrees = std::atan2(b, a) * 180 / std::numbers::pi;
  return degrees < 0 ? degrees + 360 : degrees;
}

double seventh(double chroma) {
  return std::sqrt(std::pow(chroma, 7) / (std::pow(chroma, 7) + std::pow(25.0, 7)));
}

}  // namespace

Lab seen(Rgb colour, Vision vision) {
  Triple light = times(simulation(vision), {linear(colour.red), linear(colour.green), linear(colour.blue)});
  for (double& channel : light) channel = std::clamp(channel, 0.0, 1.0);
  const Triple xyz = times(kToXyz, light), white = times(kToXyz, {1, 1, 1});
  Triple f;
  for (std::size_t i = 0; i < 3; ++i) {
    const double share = xyz[i] / white[i];
    f[i] = share > 216.0 / 24389 ? std::cbrt(share) : (24389.0 / 27 * share + 16) / 116;
  }
  return {.lightness = 116 * f[1] - 16, .a = 500 * (f[0] - f[1]), .b = 200 * (f[1] - f[2])};
}

double difference(const Lab& first, const Lab& second) {
  const double chroma = (std::hypot(first.a, first.b) + std::hypot(second.a, second.b)) / 2;
  const double stretch = 1 + 0.5 * (1 - seventh(chroma));
  const double a1 = stretch * first.a, a2 = stretch * second.a;
  const double c1 = std::hypot(a1, first.b), c2 = std::hypot(a2, second.b);
  const double h1 = hue(a1, first.b), h2 = hue(a2, second.b);
  double turn = c1 * c2 == 0 ? 0 : h2 - h1;
  if (turn > 180) turn -= 360;
  if (turn < -180) turn += 360;
  double h = c1 * c2 == 0 ? h1 + h2 : (h1 + h2) / 2;
  if (c1 * c2 != 0 && std::abs(h1 - h2) > 180) h += h1 + h2 < 360 ? 180 : -180;

  const double lightness = (first.lightness + second.lightness) / 2 - 50, c = (c1 + c2) / 2;
  const double t = 1 - 0.17 * std::cos(radians(h - 30)) + 0.24 * std::cos(radians(2 * h)) +
                   0.32 * std::cos(radians(3 * h + 6)) - 0.20 * std::cos(radians(4 * h - 63));
  const double by_lightness = (second.lightness - first.lightness) /
                              (1 + 0.015 * lightness * lightness / std::sqrt(20 + lightness * lightness));
  const double by_chroma = (c2 - c1) / (1 + 0.045 * c);
  const double by_hue = 2 * std::sqrt(c1 * c2) * std::sin(radians(turn) / 2) / (1 + 0.015 * c * t);
  const double bend = -2 * seventh(c) * std::sin(radians(60 * std::exp(-std::pow((h - 275) / 25, 2))));
  return std::sqrt(by_lightness * by_lightness + by_chroma * by_chroma + by_hue * by_hue +
                   bend * by_chroma * by_hue);
}

}  // namespace fer
