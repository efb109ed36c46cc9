#pragma once

#include <string>

namespace fer {

/// How faces are found and cropped: `face`; see Preprocessing.
struct FaceConfig {
  std::string detector = "haar";
  double min_size = 0.1;
  double min_score = 0;            ///< 0: the detector's own
  std::string target = "largest";  ///< largest | center
  bool align = false;
  bool square = true;
  double margin = 0.2;
  std::string missing = "use_image";  ///< skip | use_image | error
  bool grey = false;
  bool operator==(const FaceConfig&) const = default;
};

/// What the network takes: `input`; the size in pixels a side.
struct InputConfig {
  int size = 224;
  std::string normalisation = "imagenet";  ///< imagenet | half
  bool operator==(const InputConfig&) const = default;
};

/// One random change: with probability `p`, by an amount drawn up to `max`.
struct ChangeConfig {
  double p = 0;
  double max = 0;
  bool operator==(const ChangeConfig&) const = default;
};

/// Random changes of training crops: `augment`; units as in AugmentOptions.
struct AugmentConfig {
  double flip = 0.5;  ///< probability
  ChangeConfig shift = {1, 0.05};
  ChangeConfig scale = {1, 0.1};
  ChangeConfig rotate = {1, 10};
  ChangeConfig crop_jitter = {0, 0.1};
  ChangeConfig perspective = {0, 0.1};
  ChangeConfig brightness = {1, 0.2};
  ChangeConfig contrast = {1, 0.2};
  ChangeConfig colour = {1, 0.1};
  ChangeConfig light = {0, 0.5};
  double grey = 0;  ///< probability
  ChangeConfig blur = {0.1, 1.5};
  ChangeConfig noise = {0.1, 12};
  ChangeConfig low_resolution = {0, 0.75};
  ChangeConfig jpeg = {0, 80};
  ChangeConfig erase = {0.1, 0.15};
  bool operator==(const AugmentConfig&) const = default;
};

}  // namespace fer
