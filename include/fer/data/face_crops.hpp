#pragma once

#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "fer/core/progress.hpp"
#include "fer/core/stop.hpp"
#include "fer/data/crop_cache.hpp"
#include "fer/data/dataset.hpp"
#include "fer/vision/face_crop.hpp"

namespace fer {

/// How samples become crops, and what happens to those that cannot.
struct FaceCropOptions {
  Preprocessing preprocessing;
  FaceDetectorFactory make_detector;  ///< makes preprocessing.detector; called in each worker's thread
  std::string missing = "use_image";  ///< no face found: skip the sample | use_image: the whole image | error
  std::string on_bad_file = "skip";   ///< undecodable file: skip it and list it | error
  int workers = 1;                    ///< threads, >= 1
  CropCacheOptions cache;
};

/// Samples with their crops, in step; what could not be used is gone from `dataset.samples` and listed in
/// `dataset.rejected`. The pixels lie in `file`: they are valid as long as this lives, and read-only.
struct FaceCrops {
  Dataset dataset;
  std::vector<cv::Mat> crops;                   ///< RGB, 8 bits, size x size, continuous
  std::vector<std::string> digests;             ///< SHA-256 of each crop's bytes
  std::vector<std::optional<FoundFace>> faces;  ///< nothing: none was found, the crop is the whole image
  std::size_t faces_found = 0;                  ///< images in which the detector found a face
  std::size_t faces_missing = 0;                ///< images in which it found none
  bool from_cache = false;                      ///< an earlier run made them: no image was decoded
  MappedFile file;
};

/// Decodes every sample, finds the face that counts and crops it; the result does not depend on `workers`,
/// nor on whether the crops of an earlier call were kept and are taken instead. Those are taken if all of
/// this is as it was: the face settings that matter, and of each sample in order the absolute path with the
/// file's size and time of change, or the pixels of an image inside a list. A file changed under the same
/// size and time goes unnoticed: reading all files again would cost what the cache saves. A result that lacks
/// a file which could not be read is not kept. `stop` is asked before each image, and like `progress` by the
/// caller's thread only; when it says so the call throws Stopped. Kept crops need no progress: nothing is
/// reported.
FaceCrops crop_faces(Dataset dataset, const FaceCropOptions& options, const ProgressFn& progress,
                     const StopFn& stop);

}  // namespace fer
