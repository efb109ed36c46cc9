#include <algorithm>
#include <cmath>
#include <vector>

#include "fer/core/error.hpp"
#include "fer/core/labels.hpp"
#include "fer/core/text.hpp"
#include "fer/data/synthetic_face.hpp"

namespace fer {
namespace {

using enum FaceAction;

struct Movement {
  FaceAction action;
  double low, high;  // intensity at full strength
};

/// A class's action units; `variant` is added with probability `chance`.
struct Prototype {
  std::string_view emotion;
  std::vector<Movement> movements;
  double chance;
  std::vector<Movement> variant;
};

/// After EMFACS (Friesen and Ekman 1983) and the variants KDEF's actors show.
const std::vector<Prototype>& prototypes() {
  static const std::vector<Prototype> table = {
      {"angry",
       {{brow_lower, 0.75, 1},
        {lid_tighten, 0.4, 0.8},
        {lid_raise, 0.1, 0.4},
        {lip_tighten, 0.5, 1},
        {chin_raise, 0.1, 0.4}},
       0.25,
       {{lips_part, 0.35, 0.55}, {upper_lip_raise, 0.1, 0.3}, {lip_stretch, 0.1, 0.3}}},
      {"disgust",
       {{nose_wrinkle, 0.6, 1},
        {upper_lip_raise, 0.6, 1},
        {brow_lower, 0.3, 0.6},
        {cheek_raise, 0.3, 0.6},
        {lid_tighten, 0.3, 0.7},
        {lip_corner_depress, 0.1, 0.4}},
       0.45,
       {{lips_part, 0.2, 0.5}}},
      {"fear",
       {{inner_brow_raise, 0.6, 1},
        {outer_brow_raise, 0.2, 0.5},
        {brow_lower, 0.3, 0.5},
        {lid_raise, 0.6, 1},
        {lip_stretch, 0.6, 1},
        {lips_part, 0.35, 0.7},
        {lip_corner_depress, 0.1, 0.3}},
       0.5,
       {{jaw_drop, 0.1, 0.3}}},
      {"happy",
       {{lip_corner_pull, 0.7, 1}, {cheek_raise, 0.4, 0.9}, {lid_tighten, 0, 0.3}},
       0.75,
       {{lips_part, 0.3, 0.75}, {upper_lip_raise, 0.05, 0.25}, {jaw_drop, 0, 0.2}}},
      {"sad",
       {{inner_brow_raise, 0.55, 1},
        {brow_lower, 0.1, 0.4},
        {lip_corner_depress, 0.6, 1},
        {lid_droop, 0.15, 0.5}},
       0.6,
       {{chin_raise, 0.3, 0.8}}},
      {"surprise",
       {{inner_brow_raise, 0.65, 1},
        {outer_brow_raise, 0.65, 1},
        {lid_raise, 0.5, 1},
        {jaw_drop, 0.45, 1},
        {lips_part, 0.3, 0.6}},
       0,
       {}},
      {"neutral", {}, 0, {}},
  };
  return table;
}

}  // namespace

SyntheticExpression synthetic_expression(std::string_view emotion, double strength, Rng& rng) {
  const auto& table = prototypes();
  const auto row = std::ranges::find(table, emotion, &Prototype::emotion);
  if (row == table.end()) {
    throw usage_error("'{}' is no class of synthetic faces{} ({})", emotion,
                      did_you_mean(emotion, canonical_classes()), join(canonical_classes(), ", "));
  }
  SyntheticExpression face;
  const auto add = [&](const std::vector<Movement>& movements) {
    for (const Movement& movement : movements) {
      face[movement.action] = static_cast<float>(strength * rng.uniform(movement.low, movement.high));
    }
  };
  add(row->movements);
  if (rng.chance(row->chance)) add(row->variant);
  // No face is ever quite at rest.
  for (float& value : face.intensity) {
    value = std::min(1.0F, value + 0.04F * static_cast<float>(std::abs(rng.normal())));
  }
  face.asymmetry = 0.12F * static_cast<float>(std::clamp(rng.normal(), -2.0, 2.0));
  face.gaze = {0.15F * static_cast<float>(rng.normal()), 0.12F * static_cast<float>(rng.normal())};
  return face;
}

SyntheticExpression blend(const SyntheticExpression& from, const SyntheticExpression& to, float t) {
  SyntheticExpression face;
  for (std::size_t i = 0; i < kFaceActions; ++i) {
    face.intensity[i] = std::lerp(from.intensity[i], to.intensity[i], t);
  }
  face.asymmetry = std::lerp(from.asymmetry, to.asymmetry, t);
  face.gaze = from.gaze * (1 - t) + to.gaze * t;
  return face;
}

}  // namespace fer
