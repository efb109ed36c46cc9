#include <algorithm>
#include <cmath>

#include "synthetic_mesh.hpp"

namespace fer::synthetic {
namespace {

cv::Mat one_colour(const cv::Vec3f& colour) { return {2, 2, CV_8UC3, cv::Scalar(to_pixel(colour))}; }

float share(int index, int count) { return static_cast<float>(index) / static_cast<float>(count - 1); }

/// An ellipse around the y axis; angle 0 is in front.
cv::Vec3f around(float angle, float y, cv::Point2f radii, float centre_z) {
  return {radii.x * std::sin(angle), y, centre_z + radii.y * std::cos(angle)};
}

struct NeckSection {
  cv::Point2f radii;
  float centre;  // z
};

NeckSection neck_section(const SyntheticIdentity& person, float y) {
  const float hidden = 0.6F + 0.4F * smoothstep(4.5F, 7.5F, y);  // its upper end lies within the head
  const float flare = smoothstep(13, 19.5F, y);
  const float radius = person.female ? 4.3F : 5.2F;
  return {cv::Point2f(radius + 4 * flare, 0.88F * radius + 1.2F * flare) * hidden, -1.2F - 0.16F * (y - 8)};
}

/// Loose hair from the temples around the back, down to the volume's length.
Surface sculpt_curtain(const SyntheticIdentity& person, const HairVolume& volume, Rng& rng) {
  Surface curtain(60, 90);
  curtain.two_sided = true;
  curtain.gloss = 0.2F;
  curtain.texture = paint_hair(person, {400, 420}, rng.next());
  const auto parted = static_cast<float>(rng.uniform(0.95, 1.3));
  const auto phase = static_cast<float>(rng.uniform(0, 6));
  const float wave = 0.12F + 2.2F * volume.curl;
  for (int row = 0; row < curtain.rows; ++row) {
    const float down = share(row, curtain.rows);
    for (int col = 0; col < curtain.cols; ++col) {
      const float along = share(col, curtain.cols);
      const float ragged = 0.6F * std::sin(31 * along + phase) + 0.4F * std::sin(77 * along);
      const float y = -5.5F + (volume.length + 0.5F * ragged + 5.5F) * down;
      const Section section = head_section(person, std::min(y, 0.5F));
      const float scalp = std::lerp(volume.side, volume.top, smoothstep(-3, -9, y));
      const float stand = scalp - 0.15F + 0.45F * smoothstep(-5.5F, 0, y);
      const float hang = smoothstep(0, 14, y);
      const float first = parted + 0.25F * smoothstep(-5, 2, y) - 0.2F * smoothstep(3, 12, y);
      const float angle = first + (2 * kPi - 2 * first) * along;
      const float ripple = wave * hang * std::sin(0.8F * y + 5 * angle + phase);
      const float width = section.width + stand + 0.5F * hang + ripple;
      const float depth = std::cos(angle) > 0 ? section.front - section.centre
                                              : section.centre - section.back + stand - 0.4F * hang;
      const std::size_t i = curtain.at(row, col);
      curtain.position[i] = around(angle, y, {width, depth}, section.centre);
      curtain.texel[i] = {along * 399, down * 419};
      curtain.openness[i] = 1 - 0.25F * hang * smoothstep(0.15F, 0.4F, std::min(along, 1 - along));
    }
  }
  curtain.compute_normals({0, 5, 0});
  return curtain;
}

Surface sculpt_bun(const SyntheticIdentity& person, Rng& rng) {
  Surface bun(16, 24);
  bun.gloss = 0.2F;
  bun.texture = paint_hair(person, {120, 80}, rng.next());
  const auto high = static_cast<float>(rng.uniform(-6, 0));
  for (int row = 0; row < bun.rows; ++row) {
    const float latitude = kPi * share(row, bun.rows);
    for (int col = 0; col < bun.cols; ++col) {
      const float radius = 2.9F * std::sin(latitude);
      const std::size_t i = bun.at(row, col);
      bun.position[i] = around(2 * kPi * share(col, bun.cols), high - 2.9F * std::cos(latitude),
                               {radius, radius}, head_section(person, high).back - 1.6F);
      bun.texel[i] = {share(col, bun.cols) * 119, share(row, bun.rows) * 79};
    }
  }
  bun.compute_normals({0, high, head_section(person, high).back - 1.6F});
  return bun;
}

}  // namespace

Surface sculpt_ear(const SyntheticIdentity& person, int side) {
  Surface ear(14, 28);
  ear.two_sided = true;
  ear.gloss = 0.1F;
  ear.texture = one_colour(person.skin.mul(cv::Vec3f(0.97F, 0.9F, 0.88F)));
  const float flare = person.ear_flare * kPi / 180;
  const float out = sign(side);
  const cv::Vec3f back(out * std::sin(flare), 0, -std::cos(flare));
  const cv::Vec3f outward(out * std::cos(flare), 0, std::sin(flare));
  const cv::Vec3f down(0, 0.98F, 0.17F);
  const float half = 1.6F * person.ear_size;
  const cv::Vec3f centre =
      cv::Vec3f(out * (head_section(person, 1.5F).width - 0.25F), 1.5F, -0.2F) + back * half;
  for (int row = 0; row < ear.rows; ++row) {
    const float radius = share(row, ear.rows);
    for (int col = 0; col < ear.cols; ++col) {
      const float angle = 2 * kPi * share(col, ear.cols);
      const float across = radius * std::cos(angle);
      const float along = radius * std::sin(angle);
      const float rim =
          0.4F * std::exp(-std::pow((radius - 0.84F) / 0.13F, 2.0F)) * smoothstep(0.9F, 0.2F, along);
      const float shell =
          std::exp(-(std::pow((across + 0.2F) / 0.4F, 2.0F) + std::pow((along - 0.15F) / 0.4F, 2.0F)));
      const std::size_t i = ear.at(row, col);
      ear.position[i] = centre + back * (half * across * (1 - 0.28F * along)) +
                        down * (3.0F * person.ear_size * along) + outward * (rim - 0.5F * shell);
      ear.openness[i] = 1 - 0.45F * shell - 0.18F * smoothstep(0.8F, 0.4F, radius);
    }
  }
  ear.compute_normals(centre - outward * 4);
  return ear;
}

Surface sculpt_neck(const SyntheticIdentity& person) {
  Surface neck(48, 48);
  neck.turns = false;
  neck.gloss = 0.08F;
  neck.texture = one_colour(person.skin.mul(cv::Vec3f(0.98F, 0.96F, 0.95F)));
  for (int row = 0; row < neck.rows; ++row) {
    const float y = 4.5F + 15.5F * share(row, neck.rows);
    const NeckSection section = neck_section(person, y);
    for (int col = 0; col < neck.cols; ++col) {
      const float angle = 2 * kPi * share(col, neck.cols);
      const float beside = (std::abs(std::sin(angle)) - 0.45F) / 0.22F;
      const float muscle = 0.3F * std::exp(-beside * beside) * std::max(std::cos(angle), 0.0F);
      const std::size_t i = neck.at(row, col);
      neck.position[i] = around(angle, y, section.radii * (1 + 0.1F * muscle), section.centre);
      neck.openness[i] = 1 - 0.42F * smoothstep(15.5F, 10.5F, y) * (0.6F + 0.4F * std::cos(angle));
    }
  }
  neck.compute_normals({0, 12, -2});
  return neck;
}

Surface sculpt_shirt(const SyntheticIdentity& person) {
  Surface shirt(40, 72);
  shirt.turns = false;
  const float broad = person.female ? 17.5F : 20.5F;
  for (int row = 0; row < shirt.rows; ++row) {
    const float down = share(row, shirt.rows);
    for (int col = 0; col < shirt.cols; ++col) {
      const float angle = 2 * kPi * share(col, shirt.cols);
      const float collar = 15.8F + 1.5F * std::cos(angle);
      const NeckSection neck = neck_section(person, collar);
      const float slope = smoothstep(0, 0.36F, down);
      const float width = std::lerp(neck.radii.x + 0.1F, broad, std::sqrt(slope)) + 1.5F * down;
      const float depth = neck.radii.y + 0.1F + 4.5F * smoothstep(0, 0.6F, down);
      const float y =
          collar + (34 - collar) * std::pow(down, 1.5F) + 0.9F * slope * std::abs(std::sin(angle));
      const std::size_t i = shirt.at(row, col);
      shirt.position[i] = around(angle, y, {width, depth}, neck.centre);
      shirt.openness[i] = 0.75F + 0.25F * smoothstep(0, 0.06F, down);
    }
  }
  shirt.compute_normals({0, 26, -2});
  return shirt;
}

std::vector<Surface> sculpt_loose_hair(const SyntheticIdentity& person, std::uint64_t hair_seed) {
  Rng rng = Rng::of(person.texture_seed, hair_seed, 1);
  const HairVolume volume = hair_volume(person.hair);
  std::vector<Surface> hair;
  if (volume.length > 0) hair.push_back(sculpt_curtain(person, volume, rng));
  if (person.hair == SyntheticHair::tied) hair.push_back(sculpt_bun(person, rng));
  return hair;
}

std::vector<Wire> bend_glasses(const SyntheticIdentity& person) {
  const cv::Vec3b colour(52, 46, 44);
  std::vector<Wire> wires;
  const float eye = person.eye_spacing;
  for (const float side : {-1.0F, 1.0F}) {
    Wire lens{.width = 0.2F, .colour = colour};
    for (int i = 0; i <= 40; ++i) {
      const float angle = 2 * kPi * share(i, 41);
      const auto rounded = [](float value) { return std::copysign(std::pow(std::abs(value), 0.6F), value); };
      const float x = eye + 0.05F + 2.35F * rounded(std::cos(angle));
      lens.points.push_back({side * x, 0.25F + 1.75F * rounded(std::sin(angle)), 10.4F - 0.045F * x * x});
    }
    wires.push_back(std::move(lens));
    const float hinge = eye + 2.4F;
    const float temple = head_section(person, 0).width + 0.2F;
    wires.push_back({.points = {{side * hinge, -0.7F, 9.0F},
                                {side * (temple - 0.4F), -0.6F, 4.5F},
                                {side * temple, -0.4F, -0.5F},
                                {side * (temple - 0.2F), 1, -1.6F}},
                     .width = 0.2F,
                     .colour = colour});
  }
  wires.push_back({.points = {{-eye + 2.3F, -0.3F, 10.3F}, {0, -0.7F, 10.6F}, {eye - 2.3F, -0.3F, 10.3F}},
                   .width = 0.2F,
                   .colour = colour});
  return wires;
}

Bust make_bust(const SyntheticIdentity& person, const SyntheticExpression& face, std::uint64_t hair_seed,
               const cv::Vec3f& shirt) {
  const FaceLayout layout = make_layout(person, face);
  Bust bust;
  bust.surfaces.push_back(sculpt_head(person, face, layout));
  bust.surfaces.back().texture = paint_head(person, face, layout, hair_seed);
  if (hair_volume(person.hair).length == 0) {  // else they are under the hair
    for (const int side : {0, 1}) bust.surfaces.push_back(sculpt_ear(person, side));
  }
  bust.surfaces.push_back(sculpt_neck(person));
  bust.surfaces.push_back(sculpt_shirt(person));
  bust.surfaces.back().texture = one_colour(shirt);
  for (Surface& hair : sculpt_loose_hair(person, hair_seed)) bust.surfaces.push_back(std::move(hair));
  if (person.glasses) bust.wires = bend_glasses(person);
  return bust;
}

}  // namespace fer::synthetic
