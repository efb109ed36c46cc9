#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "synthetic_canvas.hpp"
#include "synthetic_mesh.hpp"

namespace fer::synthetic {
namespace {

using enum FaceAction;
using cv::Point2f;
using cv::Vec3f;

Vec3f darker(const Vec3f& colour, float red, float others) { return colour.mul(Vec3f(red, others, others)); }

Line ellipse(Point2f centre, Point2f radii) {
  Line line;
  for (int i = 0; i < 32; ++i) {
    const float angle = 2 * kPi * static_cast<float>(i) / 32;
    line.push_back(centre + Point2f(radii.x * std::cos(angle), radii.y * std::sin(angle)));
  }
  return line;
}

/// The points of f(q) for q from -1 to 1.
template <class Curve>
Line trace(Curve f, float from = -1, float to = 1) {
  Line line;
  for (int i = 0; i <= 28; ++i) line.push_back(f(from + (to - from) * static_cast<float>(i) / 28));
  return line;
}

/// The outline between two lines that run the same way.
Line between(Line upper, const Line& lower) {
  upper.insert(upper.end(), lower.rbegin(), lower.rend());
  return upper;
}

/// The painter of one head; each function paints one part of the face.
class Painter {
 public:
  Painter(const SyntheticIdentity& person, const SyntheticExpression& face, const FaceLayout& layout)
      : person_(person),
        face_(face),
        layout_(layout),
        canvas_(person.skin),
        rng_(Rng::of(person.texture_seed, 2, 0)),
        crease_(darker(person.skin, 0.62F, 0.5F)) {}

  cv::Mat paint(std::uint64_t hair_seed) {
    skin();
    if (person_.beard != SyntheticBeard::none) beard();
    for (const int side : {0, 1}) folds(side);
    forehead();
    nose();
    mouth();
    for (const int side : {0, 1}) {
      eye(layout_.eyes[static_cast<std::size_t>(side)]);
      brow(layout_.brows[static_cast<std::size_t>(side)], sign(side));
    }
    hair(hair_seed);
    return canvas_.image();
  }

 private:
  float number(double low, double high) { return static_cast<float>(rng_.uniform(low, high)); }

  void skin() {
    cv::Mat mottle(60, 60, CV_16SC3);
    for (int i = 0; i < 3600; ++i) {
      const float light = number(-4, 4);
      const float red = number(-3, 3);
      mottle.at<cv::Vec3s>(i / 60, i % 60) = {cv::saturate_cast<short>(light + red),
                                              cv::saturate_cast<short>(light - red),
                                              cv::saturate_cast<short>(light - red)};
    }
    cv::Mat& image = canvas_.image();
    cv::resize(mottle, mottle, image.size(), 0, 0, cv::INTER_LINEAR);
    cv::add(image, mottle, image, cv::noArray(), CV_8U);
    const Vec3f blush = darker(person_.skin, 0.98F, 0.8F);
    for (const float side : {-1.0F, 1.0F}) canvas_.glow({side * 4.2F, 3.2F}, {1.7F, 1.4F}, {blush, 0.5F});
    canvas_.glow({0, person_.nose_length}, {1.1F, 0.9F}, {blush, 0.5F});
    canvas_.glow({0, layout_.chin - 1.5F}, {1.6F, 1}, {blush, 0.3F});
    canvas_.glow({0, -5}, {3.5F, 1.6F}, {person_.skin * 1.03F, 0.4F});
    for (int i = 0; i < static_cast<int>(70 * person_.freckles); ++i) {
      const Point2f at{number(-1, 1) * 5, number(0.8, 4.5)};
      const float size = number(0.03, 0.08);
      canvas_.glow(at, {size, size}, {darker(person_.skin, 0.75F, 0.6F), number(0.3, 0.8)});
    }
  }

  void beard() {
    const MouthShape& mouth = layout_.mouth;
    const bool stubble = person_.beard == SyntheticBeard::stubble;
    const Ink ink{person_.hair_colour * 0.9F + person_.skin * 0.1F, stubble ? 0.22F : 0.82F,
                  stubble ? 0.5F : 0.22F};
    const float low = layout_.chin + 1;
    const Line lip = {{-2.6F, mouth.left.y + 0.1F},
                      {-1.8F, mouth.upper_outer(-0.5F) - 0.5F},
                      {0, person_.nose_length + 1.15F - layout_.nose_lift},
                      {1.8F, mouth.upper_outer(0.5F) - 0.5F},
                      {2.6F, mouth.right.y + 0.1F},
                      {1.6F, mouth.upper_outer(0.5F)},
                      {0, mouth.upper_outer(0) - 0.1F},
                      {-1.6F, mouth.upper_outer(-0.5F)}};
    canvas_.fill(lip, ink);
    if (person_.beard == SyntheticBeard::moustache) return;
    const Line cheeks = {{-9.3F, 1.5F},
                         {-8.2F, 2},
                         {-6.4F, 6},
                         {-3.6F, mouth.left.y - 0.2F},
                         {-2.7F, mouth.left.y + 0.6F},
                         {-1.4F, mouth.lower_outer(0) + 0.55F},
                         {1.4F, mouth.lower_outer(0) + 0.55F},
                         {2.7F, mouth.right.y + 0.6F},
                         {3.6F, mouth.right.y - 0.2F},
                         {6.4F, 6},
                         {8.2F, 2},
                         {9.3F, 1.5F},
                         {9.3F, 8},
                         {7, low},
                         {-7, low},
                         {-9.3F, 8}};
    canvas_.fill(cheeks, ink);
  }

  void line(const Line& points, float width, float strength) {
    if (strength > 0.02F) canvas_.stroke(smooth(points), width, {crease_, strength, 0.06F});
  }

  /// What cheeks, lids and nose do to the skin of one side.
  void folds(int side) {
    const auto act = [&](FaceAction what) { return action(face_, what, side); };
    const float out = sign(side);
    const float depth = 0.4F + 0.6F * person_.wrinkles;
    const Point2f corner = side == 0 ? layout_.mouth.left : layout_.mouth.right;
    const Point2f wing(out * (person_.nose_width + 0.35F), person_.nose_length - 0.1F - layout_.nose_lift);
    const float pull =
        std::max({act(lip_corner_pull), 0.9F * act(upper_lip_raise), 0.8F * act(nose_wrinkle)});
    const Point2f end = corner + Point2f(out * (0.75F + 0.2F * pull), 0.1F);
    line({wing, wing * 0.55F + end * 0.45F + Point2f(out * 0.35F, -0.1F), end}, 0.14F,
         0.1F + 0.6F * depth * pull);
    const float down = act(lip_corner_depress);
    line({corner + Point2f(out * 0.1F, 0.1F), corner + Point2f(out * 0.4F, 0.9F)}, 0.14F,
         0.55F * depth * down);
    const float eye = person_.eye_spacing;
    const float outer = eye + person_.eye_width;
    for (const float turn : {-0.35F, 0.1F, 0.5F}) {
      line({{out * (outer + 0.35F), 0.15F + turn * 0.5F}, {out * (outer + 1.2F), 0.2F + turn * 1.6F}}, 0.08F,
           0.55F * person_.wrinkles * std::max(act(cheek_raise), 0.7F * act(nose_wrinkle)));
    }
    const float bag =
        0.12F + 0.45F * depth * std::max({act(cheek_raise), act(lid_tighten), act(nose_wrinkle)});
    const float low = layout_.eyes[static_cast<std::size_t>(side)].lower;
    line({{out * (eye - 1.1F), low + 0.35F}, {out * eye, low + 0.72F}, {out * (eye + 1.2F), low + 0.5F}},
         0.12F, bag);
    for (const float up : {0.0F, 0.42F, 0.84F}) {
      line({{out * 0.15F, 0.5F - up}, {out * 0.95F, 0.95F - 1.25F * up}}, 0.1F,
           0.65F * depth * act(nose_wrinkle));
    }
    line({{out * 0.42F, -2.7F}, {out * 0.33F, -1.9F}, {out * 0.5F, -1.2F}}, 0.12F,
         0.6F * depth * act(brow_lower));
  }

  void forehead() {
    const float depth = 0.25F + 0.6F * person_.wrinkles;
    const float inner = face_[inner_brow_raise];
    const float outer = face_[outer_brow_raise];
    for (const float y : {-3.9F, -4.7F, -5.5F}) {
      const float half = 1.6F + 2.2F * outer;
      const float bow = 0.35F * inner * (1 - outer) + 0.15F;
      line({{-half, y + bow - 0.4F * outer},
            {-half / 2, y - 0.1F * outer},
            {0, y + 0.1F},
            {half / 2, y - 0.1F * outer},
            {half, y + bow - 0.4F * outer}},
           0.1F, 0.5F * depth * std::max(inner * 0.8F, outer));
    }
  }

  void nose() {
    const float tip = person_.nose_length - layout_.nose_lift;
    for (const float side : {-1.0F, 1.0F}) {
      canvas_.fill(
          ellipse({side * 0.5F * person_.nose_width, tip + 0.52F}, {0.27F * person_.nose_width, 0.17F}),
          {darker(person_.skin, 0.36F, 0.26F), 0.85F, 0.07F});
      const float wing = side * (person_.nose_width + 0.08F);
      canvas_.stroke(
          smooth({{wing * 0.93F, tip - 0.55F}, {wing * 1.04F, tip - 0.05F}, {wing * 0.88F, tip + 0.42F}}),
          0.1F, {crease_, 0.45F, 0.09F});
    }
  }

  void eye(const EyeShape& eye) {
    const Line top = trace([&](float q) { return eye.upper_lid(q); });
    const Line bottom = trace([&](float q) { return eye.lower_lid(q); });
    const Line opening = between(top, bottom);
    const Vec3f lid = darker(person_.skin, 0.84F, 0.74F);
    canvas_.glow(eye.centre + Point2f(0, -0.35F), {1.5F, 0.55F}, {lid, 0.45F});
    canvas_.fill(opening, {{226, 218, 212}, 1, 0.02F});
    const auto within = [&](Point2f at, Point2f radii, const Ink& ink) {
      canvas_.fill_within(opening, ellipse(at, radii), ink);
    };
    const Point2f at = eye.iris;
    const float r = eye.radius;
    within(at, {r, r}, {person_.iris * 0.55F, 1, 0.03F});
    within(at, {r * 0.86F, r * 0.86F}, {person_.iris, 0.9F, 0.06F});
    within(at + Point2f(0, 0.2F * r), {r * 0.6F, r * 0.5F}, {person_.iris * 1.35F, 0.5F, 0.1F});
    within(at, {r * 0.4F, r * 0.4F}, {{18, 14, 14}, 1, 0.03F});
    const Point2f corner = eye.upper_lid(-1);
    within(corner + Point2f(eye.side * 0.08F, 0.04F), {0.2F, 0.16F}, {{205, 140, 130}, 0.8F, 0.05F});
    Line shadow = top;
    for (Point2f& point : shadow) point.y += 0.05F;
    canvas_.stroke(shadow, 0.16F, {{70, 50, 48}, 0.45F, 0.09F});
    within(at + Point2f(-0.2F, -0.22F), {0.11F, 0.11F}, {{250, 250, 250}, 0.95F, 0.02F});

    const float lashes = 0.07F + 0.1F * person_.makeup + (person_.female ? 0.03F : 0.0F);
    const Line edge =
        trace([&](float q) { return eye.upper_lid(q) + Point2f(0, -lashes * (0.6F + 0.4F * q)); });
    canvas_.fill(between(edge, trace([&](float q) { return eye.upper_lid(q) + Point2f(0, 0.05F); })),
                 {{38, 26, 24}, 0.9F, 0.025F});
    canvas_.stroke(bottom, 0.05F, {darker(person_.skin, 0.55F, 0.42F), 0.5F + 0.3F * person_.makeup, 0.03F});
    const float crease = std::max(0.16F, 0.36F - 0.25F * (eye.upper - 0.5F));
    canvas_.stroke(
        trace([&](float q) { return eye.upper_lid(q) + Point2f(0, -crease * (1 - 0.45F * q * q)); }, -0.9F,
              1.02F),
        0.07F, {crease_, 0.6F, 0.05F});
  }

  void brow(const BrowShape& shape, float side) {
    const Line middle = smooth({shape.line.begin(), shape.line.end()});
    const Vec3f colour = person_.hair_colour * 0.72F + person_.skin * 0.05F;
    Line upper, lower;
    for (std::size_t i = 0; i < middle.size(); ++i) {
      const float t = static_cast<float>(i) / static_cast<float>(middle.size() - 1);
      const float half = 0.5F * shape.thickness * (0.75F + 0.5F * std::sin(kPi * std::min(t * 1.4F, 1.0F))) *
                         (1 - 0.85F * t * t);
      upper.push_back(middle[i] - Point2f(0, half));
      lower.push_back(middle[i] + Point2f(0, half));
    }
    canvas_.fill(between(upper, lower), {colour, 0.72F, 0.07F});
    for (std::size_t i = 0; i < middle.size(); ++i) {
      const float t = static_cast<float>(i) / static_cast<float>(middle.size() - 1);
      const Point2f along(side * (0.12F + 0.25F * t), -0.28F * (1 - t) * shape.thickness - 0.02F);
      const Point2f root = lower[i] + (upper[i] - lower[i]) * number(0, 0.7);
      canvas_.stroke({root, root + along * number(0.8, 1.5)}, 0.05F, {colour * 0.8F, 0.6F, 0.015F});
    }
  }

  void mouth() {
    const MouthShape& mouth = layout_.mouth;
    const auto curve = [&](float (MouthShape::*edge)(float) const) {
      return trace([&mouth, edge](float q) { return Point2f(mouth.x(q), (mouth.*edge)(q)); });
    };
    const Line top = curve(&MouthShape::upper_outer);
    const Line upper = curve(&MouthShape::upper_inner);
    const Line lower = curve(&MouthShape::lower_inner);
    const Line bottom = curve(&MouthShape::lower_outer);
    const Vec3f colour =
        person_.lips * (1 - 0.5F * person_.makeup) + Vec3f(172, 62, 72) * (0.5F * person_.makeup);
    if (mouth.open()) inside(between(upper, lower));
    canvas_.fill(between(top, upper), {colour * 0.88F, 0.88F, 0.05F});
    canvas_.fill(between(lower, bottom), {colour, 0.85F, 0.06F});
    canvas_.glow({(mouth.left.x + mouth.right.x) / 2, mouth.lower_inner(0) + 0.45F * mouth.lower_lip},
                 {0.8F, 0.16F}, {colour * 1.2F + Vec3f::all(12), 0.5F});
    const Ink seam{darker(person_.lips, 0.45F, 0.35F), 0.85F, 0.04F};
    if (!mouth.open()) canvas_.stroke(curve(&MouthShape::line), 0.09F, seam);
    for (const Point2f& corner : {mouth.left, mouth.right})
      canvas_.glow(corner, {0.2F, 0.14F}, {seam.colour, 0.6F});
  }

  /// Teeth and tongue behind the opening.
  void inside(const Line& opening) {
    const MouthShape& mouth = layout_.mouth;
    canvas_.fill(opening, {{58, 24, 24}, 1, 0.03F});
    const float low = mouth.lower_inner(0);
    canvas_.fill_within(opening, ellipse({0, low + 0.15F}, {1.4F, 0.75F}), {{158, 82, 80}, 0.85F, 0.12F});
    const float reach = 0.82F * (mouth.right.x - mouth.left.x) / 2;
    const auto teeth = [&](float root, float edge, float shade) {
      Line row;
      for (const float x : {-1.0F, -0.85F, -0.4F, 0.0F, 0.4F, 0.85F, 1.0F}) row.push_back({x * reach, root});
      for (const float x : {1.0F, 0.85F, 0.4F, 0.0F, -0.4F, -0.85F, -1.0F}) {
        row.push_back({x * reach, edge + (root - edge) * 0.35F * x * x});
      }
      canvas_.fill_within(opening, row, {Vec3f(232, 226, 212) * shade, 0.96F, 0.03F});
      for (int i = -3; i <= 3; ++i) {
        const float x = 0.42F * static_cast<float>(i) * (1 - 0.05F * std::abs(static_cast<float>(i)));
        canvas_.fill_within(opening,
                            {{x - 0.02F, root}, {x + 0.02F, root}, {x + 0.02F, edge}, {x - 0.02F, edge}},
                            {{150, 130, 118}, 0.35F, 0.02F});
      }
    };
    const float top = std::min({mouth.upper_inner(0), mouth.upper_inner(0.5F), mouth.upper_inner(-0.5F)});
    teeth(top - 0.15F, mouth.upper_inner(0) + 0.62F, 1);
    if (face_[lip_stretch] > 0.25F) teeth(low + 0.25F, low - 0.32F, 0.9F);
  }

  void hair(std::uint64_t hair_seed) {
    const cv::Mat strands = paint_hair(person_, canvas_.image().size(), person_.texture_seed ^ hair_seed);
    Line outline;
    for (float x = -24; x <= 24.01F; x += 0.2F)
      outline.push_back({x, hairline(person_, x) + number(-0.08, 0.08)});
    outline.push_back({24, -12});
    outline.push_back({-24, -12});
    const bool shaved = person_.hair == SyntheticHair::bald;
    const bool thin = shaved || person_.hair == SyntheticHair::buzz;
    canvas_.lay(outline, strands, shaved ? 0.15F : thin ? 0.85F : 1, thin ? 0.3F : 0.14F);
    Rng rng = Rng::of(person_.texture_seed, hair_seed, 3);
    const float reach = person_.fringe ? 0.7F : 0.35F;
    for (int i = 0; i < (thin ? 0 : 150); ++i) {  // strands that break the line of the hair
      const auto x = static_cast<float>(rng.uniform(-9, 9));
      const Point2f root(x, hairline(person_, x) - 0.3F);
      const Point2f fall{static_cast<float>(rng.uniform(-0.3, 0.3)) + 0.02F * x,
                         reach * static_cast<float>(rng.uniform(0.6, 1.6))};
      canvas_.stroke({root, root + fall}, 0.06F,
                     {person_.hair_colour * static_cast<float>(rng.uniform(0.7, 1.1)), 0.6F, 0.02F});
    }
  }

  const SyntheticIdentity& person_;
  const SyntheticExpression& face_;
  const FaceLayout& layout_;
  Canvas canvas_;
  Rng rng_;
  Vec3f crease_;
};

}  // namespace

cv::Mat paint_hair(const SyntheticIdentity& person, cv::Size size, std::uint64_t seed) {
  Rng rng(seed);
  const bool curls = person.hair == SyntheticHair::curly;
  cv::Mat noise(
      curls ? cv::Size(size.width / 7, size.height / 7) : cv::Size(size.width / 2, size.height / 90 + 2),
      CV_8U);
  for (std::uint8_t& value : cv::Mat_<std::uint8_t>(noise))
    value = static_cast<std::uint8_t>(rng.next() >> 56U);
  cv::resize(noise, noise, size, 0, 0, cv::INTER_LINEAR);
  std::array<cv::Vec3b, 256> shades;
  for (std::size_t i = 0; i < 256; ++i)
    shades[i] = to_pixel(person.hair_colour * (0.62F + 0.0026F * static_cast<float>(i)));
  cv::Mat image(size, CV_8UC3);
  for (int y = 0; y < size.height; ++y) {
    const auto* from = noise.ptr<std::uint8_t>(y);
    std::transform(from, from + size.width, image.ptr<cv::Vec3b>(y),
                   [&](std::uint8_t value) { return shades[value]; });
  }
  return image;
}

cv::Mat paint_head(const SyntheticIdentity& person, const SyntheticExpression& face, const FaceLayout& layout,
                   std::uint64_t hair_seed) {
  return Painter(person, face, layout).paint(hair_seed);
}

}  // namespace fer::synthetic
