#pragma once

#include <filesystem>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "fer/report/device_files.hpp"

namespace fer {

struct RateOptions {
  std::vector<int> batches = {1, 4, 32};
  std::string device = "auto";
  int threads = 1;
  bool quick = false;  ///< few repetitions
};

/// What predicting random crops in one precision takes, a rate for each batch, by a process of its own. What
/// the checkpoint or the processor does not support is in the rates with the reason.
std::vector<DeviceRate> measure_rates(const std::filesystem::path& checkpoint, const std::string& precision,
                                      const RateOptions& options);

/// RGB noise, size x size.
std::vector<cv::Mat> random_crops(int count, int size);

}  // namespace fer
