#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

#include "synthetic_mesh.hpp"

namespace fer::synthetic {
namespace {

constexpr float kDegree = std::numbers::pi_v<float> / 180;
constexpr float kCameraDistance = 150;  // cm

cv::Matx33f rotation(float yaw, float pitch, float roll) {
  const float cy = std::cos(yaw * kDegree), sy = std::sin(yaw * kDegree);
  const float cp = std::cos(pitch * kDegree), sp = std::sin(pitch * kDegree);
  const float cr = std::cos(roll * kDegree), sr = std::sin(roll * kDegree);
  const cv::Matx33f turn(cy, 0, sy, 0, 1, 0, -sy, 0, cy);
  const cv::Matx33f nod(1, 0, 0, 0, cp, sp, 0, -sp, cp);
  const cv::Matx33f lean(cr, -sr, 0, sr, cr, 0, 0, 0, 1);
  return lean * turn * nod;
}

/// Brings points of the bust before the camera and onto the image.
class Camera {
 public:
  Camera(const SyntheticPose& pose, cv::Size size)
      : head_(rotation(pose.yaw, pose.pitch, pose.roll)),
        body_(rotation(pose.body_yaw, 0, 0)),
        scale_(static_cast<float>(size.height) / 37 * pose.scale),
        centre_(static_cast<float>(size.width) / 2 + pose.offset.x * static_cast<float>(size.height),
                (0.46F + pose.offset.y) * static_cast<float>(size.height)) {}

  float scale() const { return scale_; }
  const cv::Matx33f& turn(bool head) const { return head ? head_ : body_; }
  cv::Vec3f place(const cv::Vec3f& point, bool head) const {
    return head ? head_ * (point - kPivot) + body_ * kPivot : body_ * point;
  }
  /// Pixels, and the depth in cm.
  cv::Vec3f project(const cv::Vec3f& placed) const {
    const float near = scale_ * kCameraDistance / (kCameraDistance - placed[2]);
    return {centre_.x + near * placed[0], centre_.y + near * placed[1], placed[2]};
  }

 private:
  inline static const cv::Vec3f kPivot{0, 9, -2};  // where the head sits on the neck
  cv::Matx33f head_, body_;
  float scale_;
  cv::Point2f centre_;
};

/// A main light over an even surround, and its gloss.
class Light {
 public:
  explicit Light(const SyntheticScene& scene)
      : contrast_(scene.contrast),
        key_(cv::Vec3f(1 + 0.07F * scene.warmth, 1, 1 - 0.1F * scene.warmth) * scene.exposure),
        fill_(cv::Vec3f(1 - 0.02F * scene.warmth, 1, 1 + 0.03F * scene.warmth) * scene.exposure) {
    const float a = scene.azimuth * kDegree;
    const float e = scene.elevation * kDegree;
    direction_ = {std::sin(a) * std::cos(e), -std::sin(e), std::cos(a) * std::cos(e)};
    half_ = cv::normalize(direction_ + cv::Vec3f(0, 0, 1));
  }
  cv::Vec3f shade(const cv::Vec3f& normal, float openness) const {
    const float toward = std::max((normal.dot(direction_) + 0.3F) / 1.3F, 0.0F);
    const float sky = 0.80F - 0.16F * normal[1] + 0.12F * normal[2];
    const cv::Vec3f sum = key_ * (contrast_ * 1.12F * toward) + fill_ * ((1 - 0.72F * contrast_) * sky);
    const float dark = openness * openness;
    // Light that went through skin is red: shadows lose blue and green first.
    return {sum[0] * openness, sum[1] * (0.6F * openness + 0.4F * dark),
            sum[2] * (0.5F * openness + 0.5F * dark)};
  }
  float gloss(const cv::Vec3f& normal) const {
    const float x = std::max(normal.dot(half_), 0.0F);
    const float x4 = x * x * x * x;
    return x4 * x4 * x4 * (0.4F + contrast_);
  }

 private:
  float contrast_;
  cv::Vec3f key_, fill_, direction_, half_;
};

/// What a vertex brings to its pixels: where it is, its place in the texture, its light.
struct Corner {
  float x = 0, y = 0, depth = 0;
  float u = 0, v = 0;
  float red = 1, green = 1, blue = 1, gloss = 0;
};

Corner mix(const Corner& a, const Corner& b, const Corner& c, float wa, float wb) {
  const float wc = 1 - wa - wb;
  const auto sum = [&](float Corner::*part) { return wa * a.*part + wb * b.*part + wc * c.*part; };
  return {.u = sum(&Corner::u),
          .v = sum(&Corner::v),
          .red = sum(&Corner::red),
          .green = sum(&Corner::green),
          .blue = sum(&Corner::blue),
          .gloss = sum(&Corner::gloss)};
}

/// The texture at the place, between its pixels, in the light.
cv::Vec3b shaded(const cv::Mat& texture, const Corner& at) {
  const float x = std::clamp(at.u, 0.0F, static_cast<float>(texture.cols) - 1.001F);
  const float y = std::clamp(at.v, 0.0F, static_cast<float>(texture.rows) - 1.001F);
  const int column = static_cast<int>(x);
  const int row = static_cast<int>(y);
  const float fx = x - static_cast<float>(column);
  const float fy = y - static_cast<float>(row);
  const auto* above = texture.ptr<cv::Vec3b>(row) + column;
  const auto* below = texture.ptr<cv::Vec3b>(row + 1) + column;
  const auto channel = [&](int c, float light) {
    const float top = static_cast<float>(above[0][c]) * (1 - fx) + static_cast<float>(above[1][c]) * fx;
    const float bottom = static_cast<float>(below[0][c]) * (1 - fx) + static_cast<float>(below[1][c]) * fx;
    const float value = (top * (1 - fy) + bottom * fy) * light + 255 * at.gloss;
    return static_cast<std::uint8_t>(std::min(value + 0.5F, 255.0F));
  };
  return {channel(0, at.red), channel(1, at.green), channel(2, at.blue)};
}

/// Colour and depth of the picture so far.
class Frame {
 public:
  explicit Frame(cv::Mat background)
      : colour_(std::move(background)), depth_(colour_.size(), CV_32F, cv::Scalar(-1e9F)) {}

  /// The corners by value: the compiler then knows that no pixel written changes them.
  void triangle(Corner a, Corner b, Corner c, const cv::Mat& texture) {
    const int left = std::max(cvCeil(std::min({a.x, b.x, c.x})), 0);
    const int right = std::min(cvFloor(std::max({a.x, b.x, c.x})), colour_.cols - 1);
    const int top = std::max(cvCeil(std::min({a.y, b.y, c.y})), 0);
    const int bottom = std::min(cvFloor(std::max({a.y, b.y, c.y})), colour_.rows - 1);
    const float area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
    if (left > right || top > bottom || std::abs(area) < 1e-6F) return;
    // Barycentric weights are linear in x and y.
    const float scale = 1 / area;
    const float a_x = (b.y - c.y) * scale, a_y = (c.x - b.x) * scale;
    const float b_x = (c.y - a.y) * scale, b_y = (a.x - c.x) * scale;
    constexpr float kEdge = -1e-4F;  // pixels on an edge belong to both triangles
    for (int y = top; y <= bottom; ++y) {
      auto* depths = depth_.ptr<float>(y);
      auto* pixels = colour_.ptr<cv::Vec3b>(y);
      const float dy = static_cast<float>(y) - c.y;
      for (int x = left; x <= right; ++x) {
        const float dx = static_cast<float>(x) - c.x;
        const float wa = a_x * dx + a_y * dy;
        const float wb = b_x * dx + b_y * dy;
        if (wa < kEdge || wb < kEdge || wa + wb > 1 - kEdge) continue;
        const float depth = wa * a.depth + wb * b.depth + (1 - wa - wb) * c.depth;
        if (depth <= depths[x]) continue;
        depths[x] = depth;
        pixels[x] = shaded(texture, mix(a, b, c, wa, wb));
      }
    }
  }

  /// A line between two projected points, where it lies in front.
  void line(const cv::Vec3f& from, const cv::Vec3f& to, float width, const cv::Vec3b& colour) {
    const int steps = std::max(2, static_cast<int>(std::hypot(to[0] - from[0], to[1] - from[1]) / 2));
    for (int i = 0; i < steps; ++i) {
      const float t = (static_cast<float>(i) + 0.5F) / static_cast<float>(steps);
      const cv::Vec3f middle = from + (to - from) * t;
      const cv::Point pixel(cvRound(middle[0]), cvRound(middle[1]));
      if (!cv::Rect({}, colour_.size()).contains(pixel)) continue;
      if (depth_.at<float>(pixel) > middle[2] + 0.3F) continue;
      const cv::Vec3f half = (to - from) * (0.5F / static_cast<float>(steps));
      const auto fixed = [](const cv::Vec3f& p) { return cv::Point(cvRound(p[0] * 16), cvRound(p[1] * 16)); };
      cv::line(colour_, fixed(middle - half), fixed(middle + half), cv::Scalar(colour),
               std::max(1, cvRound(width)), cv::LINE_AA, 4);
    }
  }

  /// The picture as through a lens, its outline smoothed.
  cv::Mat finish() {
    cv::Mat outline, smooth;
    cv::compare(depth_, -1e8, outline, cv::CMP_GT);
    cv::morphologyEx(outline, outline, cv::MORPH_GRADIENT, {});
    cv::GaussianBlur(colour_, smooth, {5, 5}, 1.2);
    cv::GaussianBlur(colour_, colour_, {3, 3}, 0.75);
    smooth.copyTo(colour_, outline);
    return colour_;
  }

 private:
  cv::Mat colour_, depth_;
};

void draw_surface(Frame& frame, const Surface& surface, const Camera& camera, const Light& light) {
  std::vector<Corner> corners(surface.position.size());
  std::vector<bool> front(surface.position.size());
  for (std::size_t i = 0; i < corners.size(); ++i) {
    cv::Vec3f normal = camera.turn(surface.turns) * surface.normal[i];
    front[i] = surface.two_sided || normal[2] > -0.35F;
    if (!front[i]) continue;
    float openness = surface.openness[i];
    if (surface.two_sided && normal[2] < 0) {
      normal = -normal;
      openness *= 0.6F;
    }
    const cv::Vec3f pixel = camera.project(camera.place(surface.position[i], surface.turns));
    const cv::Vec3f shade = light.shade(normal, openness);
    corners[i] = {.x = pixel[0],
                  .y = pixel[1],
                  .depth = pixel[2],
                  .u = surface.texel[i].x,
                  .v = surface.texel[i].y,
                  .red = shade[0],
                  .green = shade[1],
                  .blue = shade[2],
                  .gloss = surface.gloss * light.gloss(normal)};
  }
  for (int row = 0; row + 1 < surface.rows; ++row) {
    for (int col = 0; col + 1 < surface.cols; ++col) {
      const std::size_t a = surface.at(row, col);
      const std::size_t b = surface.at(row, col + 1);
      const std::size_t c = surface.at(row + 1, col);
      const std::size_t d = surface.at(row + 1, col + 1);
      if (!(front[a] && front[b] && front[c] && front[d])) continue;
      frame.triangle(corners[a], corners[b], corners[c], surface.texture);
      frame.triangle(corners[b], corners[d], corners[c], surface.texture);
    }
  }
}

}  // namespace

void add_noise(cv::Mat& image, float sigma, std::uint64_t seed) {
  std::array<std::int16_t, 1 << 14> grain;
  Rng rng(seed);
  for (std::int16_t& value : grain) {  // the sum of four bytes is close to normal, with a deviation of 147.8
    const std::uint64_t bits = rng.next();
    const auto sum = (bits & 255U) + ((bits >> 8U) & 255U) + ((bits >> 16U) & 255U) + ((bits >> 24U) & 255U);
    value = cv::saturate_cast<std::int16_t>((static_cast<float>(sum) - 510) / 147.8F * sigma);
  }
  for (int y = 0; y < image.rows; ++y) {
    // A row begins anywhere in the grain, so that no pattern repeats.
    auto* pixels = image.ptr<std::uint8_t>(y);
    auto at = rng.below(grain.size());
    for (int x = 0; x < image.cols; ++x, pixels += 3) {
      const int value = grain[at++ % grain.size()];
      for (int c = 0; c < 3; ++c) pixels[c] = cv::saturate_cast<std::uint8_t>(pixels[c] + value);
    }
  }
}

cv::Mat render_bust(const Bust& bust, const SyntheticPose& pose, const SyntheticScene& scene, cv::Size size) {
  const Camera camera(pose, size);
  const Light light(scene);
  SyntheticScene clean = scene;
  clean.noise = 0;
  Frame frame(render_background(clean, size));
  for (const Surface& surface : bust.surfaces) draw_surface(frame, surface, camera, light);
  for (const Wire& wire : bust.wires) {
    for (std::size_t i = 0; i + 1 < wire.points.size(); ++i) {
      frame.line(camera.project(camera.place(wire.points[i], true)),
                 camera.project(camera.place(wire.points[i + 1], true)), wire.width * camera.scale(),
                 wire.colour);
    }
  }
  cv::Mat image = frame.finish();
  add_noise(image, scene.noise, scene.noise_seed);
  return image;
}

}  // namespace fer::synthetic

namespace fer {

cv::Mat render_background(const SyntheticScene& scene, cv::Size size) {
  Rng rng(scene.seed);
  cv::Mat coarse(4, 4, CV_32FC3);
  const auto slope_x = static_cast<float>(rng.uniform(-14, 14));
  const auto slope_y = static_cast<float>(rng.uniform(-4, 22));
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 4; ++x) {
      const float shade = slope_x * (static_cast<float>(x) - 1.5F) / 1.5F -
                          slope_y * (static_cast<float>(y) - 1.5F) / 1.5F +
                          static_cast<float>(rng.uniform(-5, 5));
      coarse.at<cv::Vec3f>(y, x) = (scene.background + cv::Vec3f::all(shade)) * scene.exposure;
    }
  }
  cv::Mat image;
  cv::resize(coarse, image, size, 0, 0, cv::INTER_CUBIC);
  image.convertTo(image, CV_8U);
  if (scene.noise > 0) synthetic::add_noise(image, scene.noise, scene.noise_seed);
  return image;
}

cv::Mat render_face(const SyntheticFace& face, cv::Size size) {
  const auto bust = synthetic::make_bust(face.identity, face.expression, face.scene.seed, face.scene.shirt);
  return synthetic::render_bust(bust, face.pose, face.scene, size);
}

}  // namespace fer
