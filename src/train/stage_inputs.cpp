#include "stage_inputs.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <functional>

#include "fer/core/error.hpp"
#include "fer/model/image_tensor.hpp"
#include "fer/model/precision.hpp"
#include "fer/model/tensor_rows.hpp"

namespace fer {
namespace {

c10::Device device_of(const Classifier& classifier) { return classifier.parameters().front().device(); }

at::Tensor images_of(const Batch& batch, const Preprocessing& preprocessing, c10::Device device) {
  return to_tensor(batch.pixels, preprocessing, device);
}

/// On a GPU without waiting for it.
at::Tensor tensor_on(c10::Device device, const std::vector<std::int64_t>& values) {
  return at::tensor(values, at::kLong).to(device, /*non_blocking=*/true);
}

/// Undefined where no sample of the part has shares.
at::Tensor targets_of(const PartCrops& part, const std::vector<std::size_t>& samples, c10::Device device) {
  if (part.shares.empty()) return {};
  std::vector<float> values;
  for (const std::size_t sample : samples)
    values.insert(values.end(), part.shares[sample].begin(), part.shares[sample].end());
  return at::tensor(values).reshape({std::ssize(samples), -1}).to(device, /*non_blocking=*/true);
}

/// Writes what leaves the blocks below a boundary into one tensor, crop by crop.
class ActivationWriter {
 public:
  ActivationWriter(Classifier& classifier, const Preprocessing& preprocessing, int boundary, bool bf16)
      : classifier_(classifier), preprocessing_(preprocessing), boundary_(boundary), bf16_(bf16) {}

  at::Tensor of_batch(const Batch& batch) {
    const c10::Device device = device_of(classifier_);
    const AutocastScope autocast(device, bf16_);
    return classifier_.forward_blocks(images_of(batch, preprocessing_, device), 0, boundary_);
  }

  /// Those of an epoch that was started follow what is there. `done` gets the crops of each batch; its false
  /// ends the work, and is passed on.
  bool append(BatchLoader& loader, std::int64_t rows, const std::function<bool(std::size_t)>& done) {
    while (const auto batch = loader.next()) {
      const at::Tensor activations = of_batch(*batch);
      if (!written_.defined()) {
        std::vector<std::int64_t> shape = activations.sizes().vec();
        shape[0] = rows;
        written_ = at::empty(shape, activations.options().memory_format(activations.suggest_memory_format()));
      }
      written_.narrow(0, next_row_, activations.size(0)).copy_(activations);
      next_row_ += activations.size(0);
      if (!done(batch->labels.size())) return false;
    }
    return true;
  }

  const at::Tensor& written() const { return written_; }

 private:
  Classifier& classifier_;
  const Preprocessing& preprocessing_;
  int boundary_;
  bool bf16_;
  at::Tensor written_;
  std::int64_t next_row_ = 0;
};

}  // namespace

StageInputs::StageInputs(const PartCrops& train, const PartCrops& val, const Preprocessing& preprocessing,
                         StageInputsOptions options)
    : train_(train),
      val_(val),
      preprocessing_(preprocessing),
      options_(std::move(options)),
      order_(train.crops.size(), options_.loader.order),
      loader_(train.crops, train.labels, options_.loader) {}

bool StageInputs::prepare(Classifier& classifier, const ProgressFn& progress, const StopFn& stop) {
  device_ = device_of(classifier);
  if (options_.boundary == 0 || options_.views == 0 || options_.max_bytes == 0) return true;
  const at::NoGradGuard no_grad;
  ActivationWriter val(classifier, preprocessing_, options_.boundary, /*bf16=*/false);
  ActivationWriter train(classifier, preprocessing_, options_.boundary, options_.bf16);
  const auto views = static_cast<std::size_t>(options_.views);
  const std::size_t train_rows = views * train_.crops.size();
  const std::size_t all_rows = train_rows + val_.crops.size();

  BatchLoaderOptions in_order = options_.loader;
  in_order.order.shuffle = false;
  in_order.order.weights.clear();
  BatchLoader train_loader(train_.crops, train_.labels, in_order);
  in_order.augment.reset();
  BatchLoader val_loader(val_.crops, val_.labels, in_order);

  val_loader.start_epoch({});
  const at::Tensor probe = val.of_batch(*val_loader.next());
  if (all_rows * probe[0].nbytes() > options_.max_bytes) return true;

  std::size_t written = 0;
  const auto done = [&](std::size_t rows) {
    written += rows;
    if (progress) progress(written, all_rows);
    return !(stop && stop());
  };
  val_loader.start_epoch({});
  if (!val.append(val_loader, std::ssize(val_.crops), done)) return false;
  for (std::size_t view = 0; view < views; ++view) {
    train_loader.start_epoch({.epoch = 0, .view = view});
    if (!train.append(train_loader, static_cast<std::int64_t>(train_rows), done)) return false;
  }
  train_activations_ = train.written();
  val_activations_ = val.written();
  return true;
}

std::size_t StageInputs::bytes() const {
  return train_activations_.defined() ? train_activations_.nbytes() + val_activations_.nbytes() : 0;
}

std::size_t StageInputs::view_of(std::size_t epoch) const {
  return options_.views > 0 ? epoch % static_cast<std::size_t>(options_.views) : epoch;
}

void StageInputs::start_epoch(std::size_t epoch, std::size_t first_batch) {
  epoch_ = epoch;
  next_batch_ = first_batch;
  if (entry() == 0) {
    loader_.start_epoch({.epoch = epoch, .view = view_of(epoch), .first_batch = first_batch});
  } else {
    epoch_order_ = order_.of_epoch(epoch);
  }
}

std::optional<InputBatch> StageInputs::next() {
  if (entry() > 0) return next_cached();
  auto batch = loader_.next();
  if (!batch) return std::nullopt;
  return InputBatch{.x = images_of(*batch, preprocessing_, device_),
                    .labels = tensor_on(device_, batch->labels),
                    .targets = targets_of(train_, batch->indices, device_),
                    .samples = std::move(batch->indices)};
}

std::optional<InputBatch> StageInputs::next_cached() {
  if (next_batch_ == order_.batches()) return std::nullopt;
  const auto begin = epoch_order_.begin() + static_cast<std::ptrdiff_t>(order_.begin_of(next_batch_));
  const auto end = epoch_order_.begin() + static_cast<std::ptrdiff_t>(order_.end_of(next_batch_));
  ++next_batch_;
  InputBatch batch{.x = {}, .labels = {}, .targets = {}, .samples = {begin, end}};
  std::vector<std::int64_t> rows;
  std::vector<std::int64_t> labels;
  for (const std::size_t sample : batch.samples) {
    rows.push_back(static_cast<std::int64_t>(view_of(epoch_) * train_.crops.size() + sample));
    labels.push_back(train_.labels[sample]);
  }
  batch.x = train_activations_.index_select(0, tensor_on(device_, rows));
  batch.labels = tensor_on(device_, labels);
  batch.targets = targets_of(train_, batch.samples, device_);
  return batch;
}

std::vector<std::vector<float>> StageInputs::val_logits(Classifier& classifier,
                                                        const ProgressFn& progress) const {
  const int batch_size = options_.loader.order.batch_size;
  if (entry() == 0) return predict_logits(classifier, val_, preprocessing_, batch_size, progress);
  const EvaluationScope evaluation(classifier);
  std::vector<std::vector<float>> rows;
  for (const at::Tensor& x : val_activations_.split(batch_size)) {
    append_rows(classifier.forward_from(options_.boundary, x), rows);
    if (progress) progress(rows.size(), val_.crops.size());
  }
  return rows;
}

std::vector<std::vector<float>> predict_logits(Classifier& classifier, const PartCrops& part,
                                               const Preprocessing& preprocessing, int batch_size,
                                               const ProgressFn& progress) {
  const EvaluationScope evaluation(classifier);
  BatchLoader loader(part.crops, part.labels, {.order = {.batch_size = batch_size}});
  loader.start_epoch({});
  std::vector<std::vector<float>> rows;
  while (const auto batch = loader.next()) {
    append_rows(classifier.forward(images_of(*batch, preprocessing, device_of(classifier))), rows);
    if (progress) progress(rows.size(), part.crops.size());
  }
  return rows;
}

}  // namespace fer
