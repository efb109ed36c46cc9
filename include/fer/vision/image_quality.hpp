#pragma once

#include <opencv2/core.hpp>

namespace fer {

/// How a picture came out, whatever it shows. From its luma Y' = 0.299 R + 0.587 G + 0.114 B (BT.601).
struct ImageQuality {
  double brightness = 0;  ///< mean luma, 0..255
  double contrast = 0;    ///< standard deviation of the luma (RMS contrast, Peli 1990), 0..127.5
  /// Variance of the Laplacian (Pech-Pacheco et al. 2000) over the variance of the luma, both of the picture
  /// shrunk to 64 pixels a side where it is larger: 0 for a picture of one colour, about 0.2 for a sharp
  /// face, 0.02 for one blurred by a 25th of its side. So neither contrast nor the size of the crop changes
  /// it much, as they change the bare variance: of the crops of one photo at 64, 96 and 224 pixels by a
  /// factor of 40.
  double sharpness = 0;
};

/// Of an RGB 8-bit picture of any size.
ImageQuality image_quality(const cv::Mat& rgb);

}  // namespace fer
