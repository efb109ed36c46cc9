#include "fer/engine/predictor.hpp"

#include "fer/core/error.hpp"
#include "fer/engine/checkpoint_info.hpp"

namespace fer {

PredictorFacts facts_of(const CheckpointInfo& info, const std::string& precision) {
  return {.backbone = info.backbone,
          .classes = info.classes,
          .preprocessing = info.preprocessing,
          .class_prior = info.class_prior,
          .trained_on = info.trained_on,
          .calibration = info.calibration,
          .precision = precision};
}

void check_crop(const cv::Mat& crop, const Preprocessing& preprocessing) {
  const int size = preprocessing.size;
  if (crop.type() != CV_8UC3 || crop.rows != size || crop.cols != size || !crop.isContinuous()) {
    throw failure("a crop of {}x{} was given to a model that takes {}x{} RGB crops", crop.cols, crop.rows,
                  size, size);
  }
}

}  // namespace fer
