#include "synthetic_noise.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "synthetic_mesh.hpp"

namespace fer::synthetic {
namespace {

// Seconds after which they are forgotten.
constexpr double kFleeting = 0.12;
constexpr double kShake = 0.08;
constexpr double kFlicker = 0.05;
constexpr double kSpell = 0.3;  // of blur, of poor compression

void blur(cv::Mat& image, float across, float along) {
  const float least = 0.3F;  // pixels, below which nothing can be seen
  if (across < least && along < least) return;
  cv::GaussianBlur(image, image, {}, std::max(across, least), std::max(along, least));
}

void compress(cv::Mat& image, int quality) {
  std::vector<std::uint8_t> bytes;
  cv::imencode(".jpg", image, bytes, {cv::IMWRITE_JPEG_QUALITY, quality});
  image = cv::imdecode(bytes, cv::IMREAD_COLOR);
}

}  // namespace

Drift::Drift(double memory, double step, Rng& rng) : keep_(std::exp(-step / memory)), value_(rng.normal()) {}

float Drift::next(Rng& rng) {
  value_ = keep_ * value_ + std::sqrt(1 - keep_ * keep_) * rng.normal();
  return static_cast<float>(value_);
}

Restlessness::Restlessness(double strength, double step, const Rng& rng)
    : strength_(static_cast<float>(strength)),
      rng_(rng),
      intensity_(kFleeting, step, rng_),
      head_{Drift(kShake, step, rng_), Drift(kShake, step, rng_), Drift(kShake, step, rng_),
            Drift(kShake, step, rng_), Drift(kShake, step, rng_)},
      twitches_{Drift(kFleeting, step, rng_), Drift(kFleeting, step, rng_), Drift(kFleeting, step, rng_),
                Drift(kFleeting, step, rng_)} {}

void Restlessness::stir(SyntheticFace& face) {
  const float showing = std::clamp(1 + 0.6F * strength_ * intensity_.next(rng_), 0.0F, 1.3F);
  std::array<float, 4> twitch{};
  for (std::size_t i = 0; i < twitch.size(); ++i) twitch[i] = 0.15F * strength_ * twitches_[i].next(rng_);
  auto& intensity = face.expression.intensity;
  for (std::size_t i = 0; i < intensity.size(); ++i)
    intensity[i] = std::clamp(intensity[i] * showing + twitch[i % twitch.size()], 0.0F, 1.0F);

  const auto shake = [&](std::size_t i, float most) { return most * strength_ * head_[i].next(rng_); };
  face.pose.yaw += shake(0, 5);
  face.pose.pitch += shake(1, 4);
  face.pose.roll += shake(2, 3);
  face.pose.offset.x += shake(3, 0.008F);
  face.pose.offset.y += shake(4, 0.006F);
}

PoorCamera::PoorCamera(double strength, double step, const Rng& rng)
    : strength_(static_cast<float>(strength)),
      rng_(rng),
      light_(kFlicker, step, rng_),
      focus_(kSpell, step, rng_),
      motion_(kSpell, step, rng_),
      bandwidth_(kSpell, step, rng_) {}

void PoorCamera::film(cv::Mat& image) {
  image.convertTo(image, -1, std::max(1 + 0.2F * strength_ * light_.next(rng_), 0.3F));
  const auto spell = [&](Drift& drift) { return strength_ * std::max(drift.next(rng_) - 0.3F, 0.0F); };
  const auto height = static_cast<float>(image.rows);
  const float focus = 0.008F * height * spell(focus_);
  blur(image, focus + 0.015F * height * spell(motion_), focus);
  add_noise(image, 15 * strength_, rng_.next());
  compress(image, static_cast<int>(std::clamp(95 - 50 * strength_ - 30 * spell(bandwidth_), 8.0F, 95.0F)));
}

}  // namespace fer::synthetic
