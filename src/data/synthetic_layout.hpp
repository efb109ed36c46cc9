#pragma once

#include <array>
#include <opencv2/core.hpp>

#include "fer/data/synthetic_face.hpp"

namespace fer::synthetic {

/// Coordinates on the face, in cm: x along the skin from the middle to the image's right, y down from the
/// middle of the eyes. Both the relief and the colours of a head are laid out in them.
/// Sides are 0 (image left) and 1 (image right); sign(side) points outwards.
inline float sign(int side) { return side == 0 ? -1.0F : 1.0F; }

float smoothstep(float low, float high, float value);

/// The opening between the lids. q runs from the inner (-1) to the outer corner (1).
struct EyeShape {
  cv::Point2f centre;
  float side = 1;  ///< sign
  float half_width = 1.5F;
  float tilt = 0.1F;
  float upper = 0.5F;   ///< from the centre up to the upper lid
  float lower = 0.42F;  ///< from the centre down to the lower lid
  cv::Point2f iris;     ///< its centre
  float radius = 0.6F;  ///< of the iris

  cv::Point2f upper_lid(float q) const;
  cv::Point2f lower_lid(float q) const;
};

/// The line along the middle of a brow, inner end first.
struct BrowShape {
  std::array<cv::Point2f, 4> line;
  float thickness = 0.5F;
};

/// Lips and the opening between them. q runs from the left (-1) to the right corner (1).
struct MouthShape {
  cv::Point2f left, right;  ///< corners
  float centre = 7;         ///< y of the line between closed lips, in the middle
  float open_up = 0, open_down = 0;
  float square = 0;  ///< 0: the opening is round .. 1: wide up to the corners
  float upper_lip = 0.5F, lower_lip = 0.7F;
  float upper_arch = 0;  ///< cm the upper lip is pulled up between middle and corners

  float x(float q) const { return left.x + (right.x - left.x) * (q + 1) / 2; }
  float q(float x) const { return 2 * (x - left.x) / (right.x - left.x) - 1; }
  float line(float q) const;
  float upper_outer(float q) const;
  float upper_inner(float q) const;
  float lower_inner(float q) const;
  float lower_outer(float q) const;
  bool open() const { return open_up + open_down > 0.06F; }
};

struct FaceLayout {
  std::array<EyeShape, 2> eyes;
  std::array<BrowShape, 2> brows;
  MouthShape mouth;
  float jaw = 0;        ///< cm the chin has dropped
  float nose_lift = 0;  ///< cm the wings and the tip are drawn up
  float chin = 11.6F;   ///< y of its lower end, jaw and identity included
};

FaceLayout make_layout(const SyntheticIdentity& person, const SyntheticExpression& face);

/// How strongly one side of the face makes a movement; face[what] is the mean of both.
float action(const SyntheticExpression& face, FaceAction what, int side);

/// The lower edge of the hair: y at |x|.
float hairline(const SyntheticIdentity& person, float x);

}  // namespace fer::synthetic
