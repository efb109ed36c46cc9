#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "synthetic_mesh.hpp"

namespace fer::synthetic {
namespace {

using enum FaceAction;

struct Knot {
  float y, value;
};

/// A smooth curve through the knots (cubic Hermite, tangents from the neighbours).
float curve(std::span<const Knot> knots, float y) {
  y = std::clamp(y, knots.front().y, knots.back().y);
  std::size_t i = 0;
  while (i + 2 < knots.size() && y > knots[i + 1].y) ++i;
  const auto slope = [&](std::size_t k) {
    const std::size_t a = k == 0 ? 0 : k - 1;
    const std::size_t b = std::min(k + 1, knots.size() - 1);
    return (knots[b].value - knots[a].value) / (knots[b].y - knots[a].y);
  };
  const float span = knots[i + 1].y - knots[i].y;
  const float t = (y - knots[i].y) / span;
  const float t2 = t * t;
  const float t3 = t2 * t;
  return (2 * t3 - 3 * t2 + 1) * knots[i].value + (t3 - 2 * t2 + t) * span * slope(i) +
         (3 * t2 - 2 * t3) * knots[i + 1].value + (t3 - t2) * span * slope(i + 1);
}

constexpr std::array<Knot, 17> kWidth = {{{-11.6F, 0},
                                          {-11.3F, 2.5F},
                                          {-10, 5.0F},
                                          {-8, 6.55F},
                                          {-6, 7.2F},
                                          {-4, 7.5F},
                                          {-2, 7.5F},
                                          {0, 7.35F},
                                          {2, 7.05F},
                                          {4, 6.65F},
                                          {6, 6.15F},
                                          {8, 5.4F},
                                          {9.5F, 4.45F},
                                          {10.6F, 3.35F},
                                          {11.4F, 2.2F},
                                          {11.75F, 1.25F},
                                          {11.9F, 0}}};
constexpr std::array<Knot, 11> kCentre = {{{-11.6F, -1},
                                           {-8, -0.7F},
                                           {-4, -0.5F},
                                           {0, -0.5F},
                                           {3, -0.2F},
                                           {5, 0.3F},
                                           {6.5F, 1.1F},
                                           {8, 2.3F},
                                           {9.5F, 3.9F},
                                           {10.8F, 5.4F},
                                           {11.9F, 6.9F}}};
constexpr std::array<Knot, 16> kFront = {{{-11.6F, -1},
                                          {-11.3F, 1.8F},
                                          {-10, 5.0F},
                                          {-8, 7.4F},
                                          {-6, 8.6F},
                                          {-4, 9.15F},
                                          {-2, 9.3F},
                                          {0, 9.0F},
                                          {2, 9.0F},
                                          {4, 9.15F},
                                          {6, 9.2F},
                                          {8, 8.9F},
                                          {9.5F, 9.0F},
                                          {10.8F, 8.9F},
                                          {11.5F, 8.4F},
                                          {11.9F, 6.9F}}};
constexpr std::array<Knot, 15> kBack = {{{-11.6F, -1},
                                         {-11.3F, -4},
                                         {-10, -7.0F},
                                         {-8, -9.1F},
                                         {-6, -10.0F},
                                         {-4, -10.3F},
                                         {-2, -10.0F},
                                         {0, -9.2F},
                                         {2, -8.7F},
                                         {4, -7.8F},
                                         {6, -6.4F},
                                         {8, -3.3F},
                                         {9.5F, 1.0F},
                                         {10.8F, 4.0F},
                                         {11.9F, 6.9F}}};

/// A rounded hill (or, below 0, a hollow) of the relief.
struct Bump {
  cv::Point2f centre, sigma;
  float height;
};

class Relief {
 public:
  void add(cv::Point2f centre, cv::Point2f sigma, float height) {
    if (std::abs(height) > 1e-3F) bumps_.push_back({centre, sigma, height});
  }
  /// The same on both sides; `height` is a function of the side.
  template <class Height>
  void pair(cv::Point2f centre, cv::Point2f sigma, Height height) {
    for (const int side : {0, 1}) add({sign(side) * centre.x, centre.y}, sigma, height(side));
  }
  float operator()(float x, float y) const {
    float sum = 0;
    for (const Bump& bump : bumps_) {
      const float dx = (x - bump.centre.x) / bump.sigma.x;
      const float dy = (y - bump.centre.y) / bump.sigma.y;
      const float square = dx * dx + dy * dy;
      if (square < 9) sum += bump.height * std::exp(-0.5F * square);
    }
    return sum;
  }

 private:
  std::vector<Bump> bumps_;
};

/// Brow ridge, sockets, cheekbones, wings of the nose, chin, and what expressions do to them.
Relief make_relief(const SyntheticIdentity& person, const SyntheticExpression& face,
                   const FaceLayout& layout) {
  Relief relief;
  const auto both = [](float height) { return [height](int) { return height; }; };
  const auto act = [&](FaceAction what) {
    return [&face, what](int side) { return action(face, what, side); };
  };
  for (const int side : {0, 1}) {
    const BrowShape& brow = layout.brows[static_cast<std::size_t>(side)];
    for (const cv::Point2f& point : brow.line) {
      relief.add({point.x, point.y + 0.15F}, {0.9F, 0.5F}, 0.55F * person.brow_ridge);
    }
    const EyeShape& shape = layout.eyes[static_cast<std::size_t>(side)];
    relief.add({shape.centre.x * 0.97F, -0.35F}, {1.75F, 1.0F}, -0.8F);
    relief.add({shape.centre.x * 0.6F, 0.1F}, {0.6F, 0.9F}, -0.55F);
    relief.add({shape.centre.x, 0.05F}, {1.0F, 0.62F}, 0.5F);
    relief.add({shape.centre.x, shape.lower + 0.45F}, {1.1F, 0.28F},
               0.1F + 0.2F * std::max(action(face, lid_tighten, side), action(face, cheek_raise, side)));
  }
  const float tip = person.nose_length - layout.nose_lift;
  relief.pair({4.7F, 2.8F}, {1.6F, 1.3F}, both(person.cheekbones));
  relief.pair({3.6F, 3.4F}, {1.4F, 1.1F}, [&](int side) {
    return 0.6F * act(cheek_raise)(side) + 0.4F * act(lip_corner_pull)(side) +
           0.25F * act(upper_lip_raise)(side);
  });
  relief.pair({4.6F, 6.2F}, {1.0F, 1.6F}, [&](int) { return -0.45F * face[jaw_drop]; });
  relief.add({0, tip + 0.1F}, {0.6F, 0.5F}, 0.35F);
  relief.pair({person.nose_width * 0.92F, tip + 0.05F}, {0.45F, 0.48F}, both(0.7F));
  relief.pair({0.45F, -1.7F}, {0.28F, 0.7F}, [&](int side) { return 0.3F * act(brow_lower)(side); });
  relief.add({0, -1.6F}, {0.22F, 0.8F}, -0.25F * face[brow_lower]);
  relief.add({0, person.nose_length + 1.6F}, {0.25F, 0.5F}, -0.1F);
  const MouthShape& mouth = layout.mouth;
  for (const int side : {0, 1}) {  // the fold from the nose past the corner of the mouth
    const cv::Point2f corner = side == 0 ? mouth.left : mouth.right;
    const cv::Point2f wing(sign(side) * (person.nose_width + 0.5F), person.nose_length - layout.nose_lift);
    const float depth =
        0.06F + 0.22F * std::max({action(face, lip_corner_pull, side), action(face, upper_lip_raise, side),
                                  action(face, nose_wrinkle, side)});
    for (float t = 0; t <= 1.01F; t += 0.2F) {
      const cv::Point2f end = corner + cv::Point2f(sign(side) * 0.7F, 0.2F);
      const cv::Point2f bow(sign(side) * 0.5F * std::sin(kPi * t), 0);
      relief.add(wing + (end - wing) * t + bow, {0.3F, 0.4F}, -depth * (1 - 0.5F * t));
    }
    relief.add(corner + cv::Point2f(sign(side) * 0.3F, 0.1F), {0.35F, 0.4F}, -0.2F);
  }
  const float below = mouth.lower_outer(0) + 0.5F;
  relief.add({0, below}, {1.7F, 0.45F}, -0.35F);
  relief.add({0, layout.chin - 1.6F}, {1.7F, 0.95F}, 0.4F + 0.25F * face[chin_raise]);
  return relief;
}

/// How far the nose stands out at (x, y).
float nose(const SyntheticIdentity& person, const FaceLayout& layout, float x, float y) {
  const float tip = person.nose_length - 0.6F * layout.nose_lift;
  const float base = tip + 0.75F;
  const float along = std::clamp((y + 1.0F) / (tip + 1.0F), 0.0F, 1.0F);
  float height = person.nose_bridge * smoothstep(0, 0.35F, along) +
                 (person.nose_height - person.nose_bridge) * std::pow(along, 1.9F);
  height *= 1 - smoothstep(tip - 0.3F, base + 0.5F, y);
  const float width = 0.6F + 0.32F * smoothstep(0.3F, 1, along) * person.nose_width / 1.4F;
  const float ridge = std::exp(-0.5F * std::pow(std::abs(x) / width, 2.3F));
  return height * ridge;
}

/// How far the lips stand out at (x, y); the open mouth is hollow.
float lips(const MouthShape& mouth, float x, float y) {
  const float q = mouth.q(x);
  if (std::abs(q) >= 1) return 0;
  const float top = mouth.upper_outer(q);
  const float upper = mouth.upper_inner(q);
  const float lower = mouth.lower_inner(q);
  const float bottom = mouth.lower_outer(q);
  if (y <= top - 0.2F || y >= bottom + 0.2F) return 0;
  const float fade = 1 - q * q;
  if (y < upper)
    return 0.42F * fade * std::sin(kPi * std::clamp((y - top + 0.2F) / (upper - top + 0.25F), 0.0F, 1.0F));
  if (y > lower)
    return 0.5F * fade *
           std::sin(kPi * std::clamp((bottom + 0.2F - y) / (bottom - lower + 0.25F), 0.0F, 1.0F));
  return -0.3F * fade;
}

/// Rows: dense where the features are and where the contour bends in at both ends.
std::vector<float> row_heights() {
  std::vector<float> rows;
  const auto run = [&](float from, float to, float step) {
    for (float y = from; y < to - step / 2; y += step) rows.push_back(y);
  };
  for (const float y : {-11.6F, -11.58F, -11.52F, -11.42F, -11.3F, -11.1F, -10.85F, -10.55F})
    rows.push_back(y);
  run(-10.2F, -3.5F, 0.35F);
  run(-3.5F, 11.35F, 0.15F);
  for (const float y : {11.4F, 11.5F, 11.6F, 11.7F, 11.78F, 11.84F, 11.88F, 11.9F}) rows.push_back(y);
  return rows;
}

/// Angles around the head, 0 in front; dense over the face.
std::vector<float> column_angles() {
  std::vector<float> half;
  for (float angle = 0; angle < 1.0F; angle += 0.02F) half.push_back(angle);
  for (float angle = 1.0F; angle < kPi - 0.04F; angle += 0.075F) half.push_back(angle);
  half.push_back(kPi);
  std::vector<float> all;
  for (std::size_t i = half.size() - 1; i > 0; --i) all.push_back(-half[i]);
  all.insert(all.end(), half.begin(), half.end());
  return all;
}

/// Places where little light comes: inner corners of the eyes, below nose and lip.
Relief make_shadows(const SyntheticIdentity& person, const FaceLayout& layout) {
  Relief shadows;
  const float tip = person.nose_length - 0.6F * layout.nose_lift;
  for (const float side : {-1.0F, 1.0F}) {
    shadows.add({side * person.eye_spacing * 0.95F, -0.5F}, {1.7F, 0.7F}, 0.2F);
    shadows.add({side * 1.35F, -0.3F}, {0.5F, 0.9F}, 0.22F);
    shadows.add({side * (person.nose_width + 0.3F), tip}, {0.35F, 0.6F}, 0.15F);
    shadows.add({side * 6.2F, 8.8F}, {1.6F, 3.0F}, 0.15F);
  }
  shadows.add({0, tip + 1.1F}, {1.1F, 0.4F}, 0.12F);
  shadows.add({0, layout.mouth.lower_outer(0) + 0.35F}, {1.5F, 0.3F}, 0.18F);
  shadows.add({0, layout.chin + 0.3F}, {3.5F, 0.8F}, 0.25F);
  return shadows;
}

float hair_thickness(const SyntheticIdentity& person, const HairVolume& volume, float x, float y) {
  const float above = hairline(person, x) - y;
  if (above <= 0) return 0;
  const float high = smoothstep(-3, -9, y);
  const float thickness = std::lerp(volume.side, volume.top, high) * smoothstep(0, 1.6F, above);
  const float waves = std::sin(2.1F * x + 1.3F * y) * std::sin(1.7F * y - 0.9F * x + 1);
  return thickness + volume.curl * waves * smoothstep(0, 1.5F, above);
}

}  // namespace

Section head_section(const SyntheticIdentity& person, float y) {
  const float jaw = 1 + (person.jaw_width - 1) * smoothstep(2, 8, y);
  return {curve(kWidth, y) * person.head_width * jaw, curve(kCentre, y), curve(kFront, y), curve(kBack, y)};
}

HairVolume hair_volume(SyntheticHair style) {
  switch (style) {
    case SyntheticHair::bald:
      return {};
    case SyntheticHair::buzz:
      return {.top = 0.3F, .side = 0.2F};
    case SyntheticHair::short_cut:
      return {.top = 1.1F, .side = 0.5F, .curl = 0.06F};
    case SyntheticHair::parted:
      return {.top = 1.5F, .side = 0.6F, .curl = 0.04F};
    case SyntheticHair::curly:
      return {.top = 1.9F, .side = 1.3F, .curl = 0.3F};
    case SyntheticHair::tied:
      return {.top = 0.5F, .side = 0.35F};
    case SyntheticHair::bob:
      return {.top = 1.1F, .side = 0.9F, .length = 9};
    case SyntheticHair::long_straight:
      return {.top = 0.9F, .side = 0.7F, .length = 21};
    case SyntheticHair::long_wavy:
      return {.top = 1.3F, .side = 1.1F, .curl = 0.15F, .length = 19};
  }
  return {};
}

Surface sculpt_head(const SyntheticIdentity& person, const SyntheticExpression& face,
                    const FaceLayout& layout) {
  const auto heights = row_heights();
  const auto angles = column_angles();
  const Relief relief = make_relief(person, face, layout);
  const Relief shadows = make_shadows(person, layout);
  const HairVolume volume = hair_volume(person.hair);
  Surface head(static_cast<int>(heights.size()), static_cast<int>(angles.size()));
  head.gloss = 0.12F;
  for (int row = 0; row < head.rows; ++row) {
    const float y0 = heights[static_cast<std::size_t>(row)];
    const Section section = head_section(person, y0);
    const float y = y0 + (person.chin_length + layout.jaw) * smoothstep(5.8F, 10.5F, y0);
    for (int col = 0; col < head.cols; ++col) {
      const float angle = angles[static_cast<std::size_t>(col)];
      const float sine = std::sin(angle);
      const float cosine = std::cos(angle);
      const float x = section.width * angle;
      const float depth = cosine > 0 ? section.front - section.centre : section.centre - section.back;
      cv::Vec3f point(section.width * sine, y, section.centre + depth * cosine);
      float openness = 1;
      if (std::abs(x) < 8.5F && cosine > 0) {
        point[2] += relief(x, y) + nose(person, layout, x, y) + lips(layout.mouth, x, y);
        openness -= shadows(x, y);
      }
      const float hair = hair_thickness(person, volume, x, y0);
      if (hair > 0) {
        const float up = smoothstep(-7, -11.6F, y0);
        point += cv::Vec3f(hair * sine * (1 - up), -hair * up, hair * cosine * (1 - up));
      }
      const std::size_t i = head.at(row, col);
      head.position[i] = point;
      head.texel[i] = texel(x, y);
      head.openness[i] = std::clamp(openness, 0.3F, 1.0F);
    }
  }
  head.compute_normals({0, 0, 0});
  return head;
}

}  // namespace fer::synthetic
