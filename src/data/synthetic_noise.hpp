#pragma once

#include <array>
#include <cstdint>
#include <opencv2/core.hpp>

#include "fer/core/random.hpp"
#include "fer/data/synthetic_face.hpp"

namespace fer::synthetic {

/// A number that wanders about 0 with deviation 1 and forgets where it was within `memory` seconds (an
/// Ornstein-Uhlenbeck process); frames are `step` seconds apart.
class Drift {
 public:
  Drift(double memory, double step, Rng& rng);
  float next(Rng& rng);

 private:
  double keep_, value_;
};

/// What makes a classifier waver from frame to frame though the person goes on showing the same thing: the
/// strength of the expression comes and goes, parts of the face twitch, the head shakes.
class Restlessness {
 public:
  /// `strength`: 0 none .. 1.
  Restlessness(double strength, double step, const Rng& rng);

  /// The next frame.
  void stir(SyntheticFace& face);

 private:
  float strength_;
  Rng rng_;
  Drift intensity_;
  std::array<Drift, 5> head_;
  std::array<Drift, 4> twitches_;  // of the actions in turn
};

/// What a poor camera makes of a picture: light that flickers, blur that comes and goes, grain, compression.
class PoorCamera {
 public:
  PoorCamera(double strength, double step, const Rng& rng);

  /// The next frame: RGB, 8 bits.
  void film(cv::Mat& image);

 private:
  float strength_;
  Rng rng_;
  Drift light_, focus_, motion_, bandwidth_;
};

}  // namespace fer::synthetic
