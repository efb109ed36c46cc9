#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <span>
#include <vector>

#include "fer/data/batch_order.hpp"
#include "fer/vision/augment.hpp"

namespace fer {

/// Crops as one block of bytes, ready to become a tensor: this process's slice of a batch (BatchOrder).
struct Batch {
  std::vector<std::uint8_t> pixels;  ///< N x size x size x 3, RGB
  std::vector<std::int64_t> labels;  ///< N
  std::vector<std::size_t> indices;  ///< N positions in the loader's crops
  int size = 0;                      ///< side in pixels
};

/// How batches are made; the order and the augmentation alone change what is in them.
struct BatchLoaderOptions {
  BatchOrderOptions order;
  int workers = 0;  ///< threads that prepare batches ahead; 0: prepared when asked for
  std::optional<AugmentOptions> augment = std::nullopt;  ///< nothing: crops as they are
  bool fetch_ahead = true;  ///< have the system read what comes next; changes the time alone
};

/// Where an epoch begins.
struct EpochStart {
  std::size_t epoch = 0;
  std::optional<std::size_t> view = std::nullopt;  ///< epochs of one view show the same crops; nothing: epoch
  std::size_t first_batch = 0;
};

/// Goes through crops epoch by epoch. Order and augmentation depend only on (seed, epoch or view, index), so
/// any number of workers gives the same bytes.
class BatchLoader {
 public:
  /// `crops` are continuous RGB squares of one size; `labels` are in step. Neither is empty, both outlive the
  /// loader. Throws a failure for anything else.
  BatchLoader(std::span<const cv::Mat> crops, std::span<const int> labels, BatchLoaderOptions options);
  ~BatchLoader();

  std::size_t batches_per_epoch() const { return order_.batches(); }

  /// Begins an epoch; what was left of another one is dropped.
  void start_epoch(const EpochStart& start);

  /// The next batch, or nothing at the end of the epoch.
  std::optional<Batch> next();

 private:
  class Epoch;
  std::span<const cv::Mat> crops_;
  std::span<const int> labels_;
  BatchOrder order_;
  BatchLoaderOptions options_;
  std::unique_ptr<Epoch> epoch_;
};

}  // namespace fer
