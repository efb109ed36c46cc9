#pragma once

#include <cstdint>
#include <numbers>
#include <opencv2/core.hpp>
#include <vector>

#include "fer/data/synthetic_face.hpp"
#include "synthetic_layout.hpp"

namespace fer::synthetic {

inline constexpr float kPi = std::numbers::pi_v<float>;

/// A grid of points in cm: x to the image's right, y down from the eyes, z towards the camera from the axis
/// of the head.
struct Surface {
  int rows = 0, cols = 0;
  std::vector<cv::Vec3f> position, normal;
  std::vector<cv::Point2f> texel;  ///< pixels of `texture`
  std::vector<float> openness;     ///< 0..1, how much light reaches the point
  cv::Mat texture;                 ///< RGB, 8 bits
  float gloss = 0;
  bool turns = true;       ///< with the head, not with the body
  bool two_sided = false;  ///< both faces can be seen

  Surface(int rows, int cols);
  std::size_t at(int row, int col) const { return static_cast<std::size_t>(row * cols + col); }
  /// Normals from the positions, pointing away from `inside`.
  void compute_normals(const cv::Vec3f& inside);
};

/// A line drawn over the surfaces where nothing hides it.
struct Wire {
  std::vector<cv::Vec3f> points = {};
  float width = 0.2F;  ///< cm
  cv::Vec3b colour;
};

struct Bust {
  std::vector<Surface> surfaces;
  std::vector<Wire> wires;
};

/// Everything of a person that does not depend on pose and light. `hair_seed` moves the loose strands.
Bust make_bust(const SyntheticIdentity& person, const SyntheticExpression& face, std::uint64_t hair_seed,
               const cv::Vec3f& shirt);

/// The picture of a bust; render_face() is make_bust() and this.
cv::Mat render_bust(const Bust& bust, const SyntheticPose& pose, const SyntheticScene& scene, cv::Size size);

/// Grain of the sensor on an RGB picture: near-normal with deviation `sigma` of 255, the same in all
/// channels.
void add_noise(cv::Mat& image, float sigma, std::uint64_t seed);

/// The parts of a bust.
Surface sculpt_head(const SyntheticIdentity& person, const SyntheticExpression& face,
                    const FaceLayout& layout);
Surface sculpt_ear(const SyntheticIdentity& person, int side);
Surface sculpt_neck(const SyntheticIdentity& person);
Surface sculpt_shirt(const SyntheticIdentity& person);
std::vector<Surface> sculpt_loose_hair(const SyntheticIdentity& person, std::uint64_t hair_seed);
std::vector<Wire> bend_glasses(const SyntheticIdentity& person);

/// Half width, front and back of the bare head at height y (before the jaw drops).
struct Section {
  float width, centre, front, back;
};
Section head_section(const SyntheticIdentity& person, float y);

/// How far hair stands off the head, by style.
struct HairVolume {
  float top = 0, side = 0;  ///< cm
  float curl = 0;           ///< cm of unevenness
  float length = 0;         ///< y down to which loose hair hangs; 0: none
};
HairVolume hair_volume(SyntheticHair style);

/// The colours of the head, laid out by face coordinates; texel() finds a point's place in it.
cv::Mat paint_head(const SyntheticIdentity& person, const SyntheticExpression& face, const FaceLayout& layout,
                   std::uint64_t hair_seed);
cv::Point2f texel(float x, float y);

/// Strands of hair, running down.
cv::Mat paint_hair(const SyntheticIdentity& person, cv::Size size, std::uint64_t seed);

cv::Vec3b to_pixel(const cv::Vec3f& colour);

}  // namespace fer::synthetic
