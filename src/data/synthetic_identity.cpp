#include <algorithm>
#include <array>

#include "fer/data/synthetic_face.hpp"

namespace fer {
namespace {

const std::array<cv::Vec3f, 7> kSkins = {{{246, 212, 190},
                                          {238, 198, 171},
                                          {230, 186, 154},
                                          {216, 168, 134},
                                          {192, 142, 108},
                                          {152, 106, 78},
                                          {118, 80, 58}}};
const std::array<cv::Vec3f, 7> kHairs = {{{38, 32, 30},
                                          {62, 46, 36},
                                          {92, 66, 46},
                                          {128, 92, 58},
                                          {176, 138, 88},
                                          {148, 78, 44},
                                          {150, 146, 142}}};
const std::array<cv::Vec3f, 5> kIrises = {
    {{78, 52, 34}, {100, 74, 44}, {92, 108, 74}, {92, 122, 150}, {112, 130, 140}}};

template <std::size_t N>
cv::Vec3f between(const std::array<cv::Vec3f, N>& colours, std::size_t first, std::size_t last, Rng& rng) {
  const cv::Vec3f a = colours[first + rng.below(last - first + 1)];
  const cv::Vec3f b = colours[first + rng.below(last - first + 1)];
  const auto t = static_cast<float>(rng.uniform());
  return a * (1 - t) + b * t;
}

float around(float mean, float spread, Rng& rng) {
  return mean + spread * static_cast<float>(std::clamp(rng.normal(), -2.0, 2.0));
}

SyntheticHair hair_of(bool female, Rng& rng) {
  using enum SyntheticHair;
  static constexpr std::array women = {long_straight, long_straight, long_wavy, long_wavy, bob,  bob,
                                       tied,          tied,          tied,      short_cut, curly};
  static constexpr std::array men = {short_cut, short_cut, short_cut, parted, parted,
                                     parted,    buzz,      buzz,      curly,  bald};
  return female ? women[rng.below(women.size())] : men[rng.below(men.size())];
}

SyntheticBeard beard_of(Rng& rng) {
  if (rng.chance(0.72)) return SyntheticBeard::none;
  if (rng.chance(0.6)) return SyntheticBeard::stubble;
  return rng.chance(0.5) ? SyntheticBeard::moustache : SyntheticBeard::full;
}

void draw_shape(SyntheticIdentity& person, Rng& rng) {
  const bool female = person.female;
  person.head_width = around(female ? 0.96F : 1.0F, 0.035F, rng);
  person.jaw_width = around(female ? 0.93F : 1.03F, 0.045F, rng);
  person.chin_length = around(female ? -0.55F : -0.1F, 0.35F, rng);
  person.cheekbones = around(0.3F, 0.12F, rng);
  person.brow_ridge = around(female ? 0.15F : 0.4F, 0.07F, rng);
  person.eye_spacing = around(3.15F, 0.13F, rng);
  person.eye_width = around(female ? 1.7F : 1.6F, 0.08F, rng);
  person.eye_height = around(female ? 0.64F : 0.56F, 0.05F, rng);
  person.eye_tilt = around(0.12F, 0.1F, rng);
  person.brow_height = around(female ? 2.05F : 1.85F, 0.14F, rng);
  person.brow_thickness = around(female ? 0.38F : 0.58F, 0.08F, rng);
  person.brow_arch = around(female ? 0.4F : 0.22F, 0.1F, rng);
  person.nose_length = around(4.0F, 0.25F, rng);
  person.nose_width = around(female ? 1.3F : 1.5F, 0.13F, rng);
  person.nose_height = around(female ? 2.0F : 2.25F, 0.22F, rng);
  person.nose_bridge = around(female ? 0.65F : 0.85F, 0.15F, rng);
  person.mouth_width = around(2.5F, 0.17F, rng);
  person.upper_lip = around(female ? 0.58F : 0.48F, 0.1F, rng);
  person.lower_lip = around(female ? 0.82F : 0.72F, 0.12F, rng);
  person.ear_size = around(female ? 0.93F : 1.05F, 0.06F, rng);
  person.ear_flare = around(26, 6, rng);
}

}  // namespace

SyntheticIdentity synthetic_identity(std::uint64_t seed, bool female, int subject) {
  Rng rng = Rng::of(seed, 0x1de171, static_cast<std::uint64_t>(subject) * 2 + (female ? 0 : 1));
  SyntheticIdentity person{.female = female};
  draw_shape(person, rng);

  const double tone = rng.uniform();  // mostly light, as in KDEF, but not only
  const bool light = tone < 0.68;
  person.skin = light         ? between(kSkins, 0, 2, rng)
                : tone < 0.88 ? between(kSkins, 2, 4, rng)
                              : between(kSkins, 4, 6, rng);
  person.hair_colour = light ? between(kHairs, 0, rng.chance(0.1) ? 6 : 5, rng) : between(kHairs, 0, 1, rng);
  person.iris = light ? between(kIrises, 0, 4, rng) : between(kIrises, 0, 1, rng);
  person.lips = person.skin.mul(cv::Vec3f(0.86F, 0.66F, 0.66F)) + cv::Vec3f(around(4, 5, rng), 0, 2);

  person.wrinkles = static_cast<float>(rng.uniform(0.25, 1));
  person.freckles = light && rng.chance(0.2) ? static_cast<float>(rng.uniform(0.3, 1)) : 0;
  person.makeup = female ? static_cast<float>(rng.uniform(0.1, 0.9)) : 0;
  person.hair = hair_of(female, rng);
  person.hairline = female ? around(-0.1F, 0.3F, rng) : around(0.2F, 0.5F, rng);
  person.fringe = female ? rng.chance(0.3) : rng.chance(0.12);
  person.glasses = rng.chance(0.05);
  person.beard = female ? SyntheticBeard::none : beard_of(rng);
  person.texture_seed = rng.next();
  return person;
}

SyntheticScene synthetic_scene(Rng& rng) {
  const auto number = [&](double low, double high) { return static_cast<float>(rng.uniform(low, high)); };
  SyntheticScene scene;
  scene.azimuth = number(-50, 50);
  scene.elevation = number(10, 45);
  scene.contrast = number(0.25, 0.65);
  scene.warmth = number(-0.6, 0.8);
  scene.exposure = number(0.88, 1.1);
  scene.noise = number(1, 3);
  const float grey = number(110, 225);
  scene.background = {grey + number(-12, 12), grey + number(-8, 8), grey + number(-14, 14)};
  const float cloth = number(85, 150);
  scene.shirt = {cloth + number(-12, 12), cloth + number(-10, 10), cloth + number(-10, 14)};
  scene.seed = rng.next();
  return scene;
}

}  // namespace fer
