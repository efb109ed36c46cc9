#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>
#include <string_view>

#include "fer/core/random.hpp"
#include "fer/data/synthetic_identity.hpp"

namespace fer {

/// Movements of the face after the Facial Action Coding System (Ekman and Friesen 1978).
enum class FaceAction : std::size_t {
  inner_brow_raise,    ///< AU 1
  outer_brow_raise,    ///< AU 2
  brow_lower,          ///< AU 4
  lid_raise,           ///< AU 5
  lid_tighten,         ///< AU 7
  lid_droop,           ///< AU 43
  cheek_raise,         ///< AU 6
  nose_wrinkle,        ///< AU 9
  upper_lip_raise,     ///< AU 10
  lip_corner_pull,     ///< AU 12
  lip_corner_depress,  ///< AU 15
  chin_raise,          ///< AU 17
  lip_stretch,         ///< AU 20
  lip_tighten,         ///< AU 23
  lips_part,           ///< AU 25
  jaw_drop,            ///< AU 26
  count
};
inline constexpr std::size_t kFaceActions = static_cast<std::size_t>(FaceAction::count);

/// What a drawn face does.
struct SyntheticExpression {
  std::array<float, kFaceActions> intensity{};  ///< 0 at rest .. 1
  float asymmetry = 0;                          ///< -1..1: above 0, the image's left side moves more
  cv::Point2f gaze{0, 0};                       ///< -1..1 to the image's right and down

  float& operator[](FaceAction action) { return intensity[static_cast<std::size_t>(action)]; }
  float operator[](FaceAction action) const { return intensity[static_cast<std::size_t>(action)]; }
};

/// One way of showing a class of canonical_classes(): its action units with intensities, asymmetry and
/// variants (lips closed or parted) drawn from `rng`, all scaled by `strength` (0..1).
/// Throws a usage error for any other word.
SyntheticExpression synthetic_expression(std::string_view emotion, double strength, Rng& rng);

/// The face a share `t` (0..1) of the way from `from` to `to`.
SyntheticExpression blend(const SyntheticExpression& from, const SyntheticExpression& to, float t);

/// Where head and camera stand. Angles in degrees.
struct SyntheticPose {
  float yaw = 0;             ///< above 0, the nose turns to the image's right; +-90 is a profile
  float pitch = 0;           ///< above 0, the face looks down
  float roll = 0;            ///< above 0, the head leans to the image's right
  float body_yaw = 0;        ///< of shoulders and neck
  float scale = 1;           ///< 1: 1 cm is a 37th of the image's height
  cv::Point2f offset{0, 0};  ///< of the face, share of the image's height
};

/// Light, wall, shirt and camera.
struct SyntheticScene {
  float azimuth = 20;     ///< degrees of the main light, above 0 from the image's right
  float elevation = 30;   ///< degrees, above 0 from above
  float contrast = 0.5F;  ///< 0: light from everywhere .. 1: from the main light alone
  float warmth = 0;       ///< -1 bluish .. 1 yellowish
  float exposure = 1;     ///< factor
  float noise = 2;        ///< standard deviation of the sensor's noise, of 255
  cv::Vec3f background{190, 188, 182}, shirt{120, 122, 126};
  std::uint64_t seed = 0;        ///< of the wall's unevenness and of loose hair
  std::uint64_t noise_seed = 0;  ///< of one picture's noise
};

/// Lighting, background and shirt of one sitting.
SyntheticScene synthetic_scene(Rng& rng);

/// Everything render_face() draws by.
struct SyntheticFace {
  SyntheticIdentity identity;
  SyntheticExpression expression;
  SyntheticPose pose;
  SyntheticScene scene;
};

/// Head and shoulders before a wall: RGB, 8 bits. The same face gives the same picture.
cv::Mat render_face(const SyntheticFace& face, cv::Size size);

/// The wall without the person.
cv::Mat render_background(const SyntheticScene& scene, cv::Size size);

}  // namespace fer
