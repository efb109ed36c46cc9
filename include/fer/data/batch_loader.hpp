#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <span>
#include <vector>

#include "fer/vision/augment.hpp"

namespace fer {

/// Crops as one block of bytes, ready to become a tensor.
struct Batch {
  std::vector<std::uint8_t> pixels;  ///< N x size x size x 3, RGB
  std::vector<std::int64_t> labels;  ///< N
  std::vector<std::size_t> indices;  ///< N positions in the loader's crops
  int size = 0;                      ///< side in pixels
};

struct BatchLoaderOptions {
  int batch_size = 32;
  int workers = 0;  ///< threads that prepare batches ahead; 0: prepared when asked for
  bool shuffle = false;
  std::uint64_t seed = 0;
  std::optional<AugmentOptions> augment = std::nullopt;  ///< nothing: crops as they are
};

/// Goes through crops epoch by epoch. Order and augmentation depend only on (seed, epoch, index), so any
/// number of workers gives the same bytes. The last batch of an epoch may be smaller; a single crop left over
/// joins the batch before it, because BatchNorm cannot learn from one value per channel.
class BatchLoader {
 public:
  /// `crops` are continuous RGB squares of one size; `labels` are in step. Neither is empty, both outlive the
  /// loader. Throws a failure for anything else.
  BatchLoader(std::span<const cv::Mat> crops, std::span<const int> labels, BatchLoaderOptions options);
  ~BatchLoader();

  std::size_t batches_per_epoch() const;

  /// Begins an epoch; what was left of another one is dropped.
  void start_epoch(std::size_t epoch);

  /// The next batch, or nothing at the end of the epoch.
  std::optional<Batch> next();

 private:
  class Epoch;
  std::span<const cv::Mat> crops_;
  std::span<const int> labels_;
  BatchLoaderOptions options_;
  std::unique_ptr<Epoch> epoch_;
};

}  // namespace fer
