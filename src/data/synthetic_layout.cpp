#include "synthetic_layout.hpp"

#include <algorithm>
#include <cmath>

namespace fer::synthetic {
namespace {

using enum FaceAction;

EyeShape make_eye(const SyntheticIdentity& person, const SyntheticExpression& face, int side) {
  const auto act = [&](FaceAction what) { return action(face, what, side); };
  EyeShape eye;
  eye.side = sign(side);
  eye.centre = {eye.side * person.eye_spacing, 0};
  eye.half_width = person.eye_width;
  eye.tilt = person.eye_tilt;
  const float height = person.eye_height;
  const float narrowing = 0.3F * act(lid_tighten) + 0.22F * act(cheek_raise) + 0.2F * act(nose_wrinkle);
  eye.upper = height * (1 + 0.7F * act(lid_raise) - 0.6F * narrowing - 0.85F * act(lid_droop));
  eye.lower = 0.84F * height * (1 + 0.12F * act(lid_raise) - 1.1F * narrowing - 0.25F * act(lid_droop));
  eye.upper = std::max(eye.upper, 0.08F);
  eye.lower = std::max(eye.lower, 0.08F);
  eye.radius = 0.64F;
  eye.iris = eye.centre + cv::Point2f(0.35F * face.gaze.x - 0.06F * eye.side,
                                      0.2F * face.gaze.y - 0.04F + 0.1F * act(lid_droop));
  return eye;
}

BrowShape make_brow(const SyntheticIdentity& person, const SyntheticExpression& face, int side) {
  const auto act = [&](FaceAction what) { return action(face, what, side); };
  const float out = sign(side);
  const float inner = 0.85F * act(inner_brow_raise) - 0.75F * act(brow_lower) - 0.35F * act(nose_wrinkle);
  const float outer = 0.95F * act(outer_brow_raise) - 0.35F * act(brow_lower) - 0.1F * act(nose_wrinkle) -
                      0.15F * act(inner_brow_raise);
  const float middle = 0.4F * inner + 0.6F * outer + 0.08F * act(inner_brow_raise);
  const float squeeze = 0.35F * act(brow_lower) + 0.15F * act(inner_brow_raise) + 0.1F * act(nose_wrinkle);
  const float x = person.eye_spacing;
  const float y = -person.brow_height;
  const float arch = person.brow_arch;
  BrowShape brow;
  brow.thickness = person.brow_thickness * (1 + 0.08F * act(brow_lower));
  brow.line = {{{out * (x - 1.5F - squeeze), y + 0.25F * arch - inner},
                {out * (x - 0.45F - 0.5F * squeeze), y - 0.35F * arch - 0.55F * inner - 0.45F * middle},
                {out * (x + 0.85F), y - 0.85F * arch - middle * 0.5F - outer * 0.5F},
                {out * (x + 2.05F), y + 0.35F * arch - 0.85F * outer}}};
  return brow;
}

MouthShape make_mouth(const SyntheticIdentity& person, const SyntheticExpression& face) {
  const auto act = [&](FaceAction what) { return face[what]; };
  const float jaw = act(jaw_drop);
  const float parted = std::max(act(lips_part) - 0.12F, 0.0F) * 1.14F;  // lips that hardly part stay closed
  const float pull = act(lip_corner_pull);
  const float tight = 1 - 0.5F * act(lip_tighten);
  MouthShape mouth;
  const float line = 6.8F + 0.35F * person.chin_length + 0.3F * (person.nose_length - 4.0F);
  for (const int side : {0, 1}) {
    const auto one = [&](FaceAction what) { return action(face, what, side); };
    const float half = person.mouth_width + 0.62F * one(lip_corner_pull) + 0.55F * one(lip_stretch) -
                       0.6F * jaw - 0.2F * act(lip_tighten) - 0.12F * act(chin_raise);
    const float corner = line - 0.85F * one(lip_corner_pull) + 0.75F * one(lip_corner_depress) +
                         0.12F * one(lip_stretch) + 0.45F * jaw;
    (side == 0 ? mouth.left : mouth.right) = {sign(side) * half, corner};
  }
  mouth.centre = line + 0.12F * pull - 0.32F * act(chin_raise) - 0.3F * act(upper_lip_raise) -
                 0.12F * act(nose_wrinkle) - 0.08F * act(lip_corner_depress);
  mouth.open_up = 0.32F * parted + 0.35F * jaw + 0.25F * parted * act(upper_lip_raise) + 0.1F * pull * parted;
  mouth.open_down = 0.55F * parted + 2.7F * jaw + 0.25F * pull * parted + 0.2F * act(lip_stretch) * parted;
  mouth.square = std::clamp(act(lip_stretch) + 0.6F * act(upper_lip_raise) + 0.35F * pull, 0.0F, 1.0F);
  mouth.upper_arch = 0.4F * act(upper_lip_raise) + 0.18F * act(nose_wrinkle);
  const float thinning = 1 - 0.22F * pull - 0.22F * act(lip_stretch) - 0.1F * act(upper_lip_raise);
  mouth.upper_lip = person.upper_lip * tight * thinning;
  mouth.lower_lip = person.lower_lip * tight * thinning * (1 + 0.15F * act(chin_raise));
  return mouth;
}

}  // namespace

float smoothstep(float low, float high, float value) {
  const float t = std::clamp((value - low) / (high - low), 0.0F, 1.0F);
  return t * t * (3 - 2 * t);
}

float action(const SyntheticExpression& face, FaceAction what, int side) {
  return std::clamp(face[what] * (1 - sign(side) * face.asymmetry), 0.0F, 1.0F);
}

cv::Point2f EyeShape::upper_lid(float q) const {
  const float bow = 1 - std::pow(std::abs(q + 0.12F * (1 - q * q)), 2.2F);
  return {centre.x + side * q * half_width, centre.y - tilt * q - upper * std::max(bow, 0.0F)};
}

cv::Point2f EyeShape::lower_lid(float q) const {
  const float bow = 1 - std::pow(std::abs(q - 0.15F * (1 - q * q)), 2.4F);
  return {centre.x + side * q * half_width, centre.y - tilt * q + lower * std::max(bow, 0.0F)};
}

float MouthShape::line(float q) const {
  const float chord = left.y + (right.y - left.y) * (q + 1) / 2;
  const float sag = centre - (left.y + right.y) / 2;
  return chord + sag * (1 - std::pow(std::abs(q), 1.8F));
}

float MouthShape::upper_inner(float q) const {
  const float bow = 1 - std::pow(std::abs(q), 2 + 2 * square);
  return line(q) - open_up * bow;
}

float MouthShape::lower_inner(float q) const {
  const float bow = 1 - std::pow(std::abs(q), 2 + 2 * square);
  return line(q) + open_down * bow;
}

float MouthShape::upper_outer(float q) const {
  const float fade = 1 - std::pow(std::abs(q), 1.7F);
  const float cupid = 1 - 0.2F * std::exp(-q * q / 0.012F);
  const float arch = upper_arch * std::exp(-std::pow((std::abs(q) - 0.45F) / 0.3F, 2.0F)) * fade;
  return upper_inner(q) - upper_lip * fade * cupid - arch;
}

float MouthShape::lower_outer(float q) const {
  return lower_inner(q) + lower_lip * (1 - std::pow(std::abs(q), 2.2F));
}

FaceLayout make_layout(const SyntheticIdentity& person, const SyntheticExpression& face) {
  FaceLayout layout;
  for (const int side : {0, 1}) {
    layout.eyes[static_cast<std::size_t>(side)] = make_eye(person, face, side);
    layout.brows[static_cast<std::size_t>(side)] = make_brow(person, face, side);
  }
  layout.mouth = make_mouth(person, face);
  layout.jaw = 2.4F * face[jaw_drop] + 0.25F * face[lips_part];
  layout.nose_lift = 0.32F * face[nose_wrinkle] + 0.15F * face[upper_lip_raise];
  layout.chin = 11.8F + person.chin_length + layout.jaw;
  return layout;
}

float hairline(const SyntheticIdentity& person, float x) {
  struct Knot {
    float x, y;
  };
  const float back = person.fringe ? 0 : std::max(person.hairline, 0.0F);
  const float front = person.fringe ? -3.6F : -7.2F - 0.8F * person.hairline;
  const std::array<Knot, 11> knots = {{{0, front},
                                       {2.5F, front - 0.1F - 0.9F * back},
                                       {4.8F, std::max(front, -6.3F - 1.2F * back)},
                                       {6.4F, std::max(front, -4.6F - 0.5F * back)},
                                       {7.3F, -2.4F},
                                       {8.2F, -1.2F},
                                       {8.7F, 1.9F},
                                       {9.9F, 1.7F},
                                       {10.6F, -1.0F},
                                       {13.2F, 0.0F},
                                       {15.5F, 7.0F}}};
  const float at = std::abs(x);
  const auto after = std::ranges::find_if(knots, [&](const Knot& knot) { return knot.x > at; });
  if (after == knots.end()) return knots.back().y;
  const Knot& b = *after;
  const Knot& a = *(after - 1);
  return a.y + (b.y - a.y) * (at - a.x) / (b.x - a.x);
}

}  // namespace fer::synthetic
