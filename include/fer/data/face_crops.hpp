#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "fer/core/progress.hpp"
#include "fer/core/stop.hpp"
#include "fer/data/dataset.hpp"
#include "fer/vision/face_crop.hpp"

namespace fer {

struct FaceCropOptions {
  Preprocessing preprocessing;
  std::string missing = "use_image";  ///< no face found: skip the sample | use_image: the whole image | error
  std::string on_bad_file = "skip";   ///< undecodable file: skip it and list it | error
  int workers = 1;                    ///< threads, >= 1
};

/// Samples with their crops, in step; what could not be used is gone from `dataset.samples` and listed in
/// `dataset.rejected`.
struct FaceCrops {
  Dataset dataset;
  std::vector<cv::Mat> crops;     ///< RGB, 8 bits, size x size
  std::size_t faces_found = 0;    ///< images in which the detector found a face
  std::size_t faces_missing = 0;  ///< images in which it found none
};

/// Decodes every sample, finds the largest face and crops it; the result does not depend on `workers`.
/// `stop` is asked before each image, and like `progress` by the caller's thread only; when it says so the
/// call throws Stopped.
FaceCrops crop_faces(Dataset dataset, const FaceCropOptions& options, const ProgressFn& progress,
                     const StopFn& stop);

}  // namespace fer
