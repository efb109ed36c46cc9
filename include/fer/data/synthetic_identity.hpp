#pragma once

#include <cstdint>
#include <opencv2/core.hpp>

namespace fer {

/// How a drawn person wears the hair.
enum class SyntheticHair { bald, buzz, short_cut, parted, curly, tied, bob, long_straight, long_wavy };
/// What a drawn man has of a beard.
enum class SyntheticBeard { none, stubble, moustache, full };

/// What makes one drawn person. Lengths in centimetres, colours RGB 0..255; the defaults are an average head.
struct SyntheticIdentity {
  bool female = true;
  float head_width = 1;   ///< factor on the width of the whole head
  float jaw_width = 1;    ///< factor at the height of the mouth and below
  float chin_length = 0;  ///< added below the mouth
  float cheekbones = 0.3F, brow_ridge = 0.2F;
  float eye_spacing = 3.15F;  ///< from the middle of the face to the middle of an eye
  float eye_width = 1.6F;     ///< half the distance between the corners
  float eye_height = 0.58F;   ///< from the middle of the open eye to its upper lid
  float eye_tilt = 0.1F;      ///< how much higher the outer corner lies
  float brow_height = 1.9F;   ///< above the middle of the eye
  float brow_thickness = 0.5F, brow_arch = 0.3F;
  float nose_length = 4.0F;                    ///< from the eyes down to the tip
  float nose_width = 1.4F;                     ///< from the middle to a wing
  float nose_height = 2.1F;                    ///< how far the tip stands out
  float nose_bridge = 0.7F;                    ///< how far the bridge stands out
  float mouth_width = 2.45F;                   ///< half
  float upper_lip = 0.55F, lower_lip = 0.75F;  ///< heights
  float ear_size = 1;                          ///< factor
  float ear_flare = 25;                        ///< degrees away from the head
  float wrinkles = 0.3F;                       ///< 0..1, how deep expressions fold the skin
  float freckles = 0;                          ///< 0..1
  float makeup = 0;                            ///< 0..1, lashes and lips
  float hairline = 0;                          ///< cm the hair has receded (below 0: grows lower)
  bool fringe = false, glasses = false;
  SyntheticHair hair = SyntheticHair::short_cut;
  SyntheticBeard beard = SyntheticBeard::none;
  cv::Vec3f skin{225, 180, 150}, lips{190, 110, 100}, iris{95, 120, 140}, hair_colour{80, 58, 42};
  std::uint64_t texture_seed = 0;  ///< pores, freckles, strands of hair
};

/// The person of that number; the same arguments always give the same one.
SyntheticIdentity synthetic_identity(std::uint64_t seed, bool female, int subject);

}  // namespace fer
