#include "stage_inputs.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <functional>
#include <span>

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
at::Tensor targets_of(const PartCrops& part, std::span<const std::size_t> samples, c10::Device device) {
  if (part.shares.empty()) return {};
  std::vector<float> values;
  for (const std::size_t sample : samples)
    values.insert(values.end(), part.shares[sample].begin(), part.shares[sample].end());
  return at::tensor(values).reshape({std::ssize(samples), -1}).to(device, /*non_blocking=*/true);
}

/// Whole batches that this process computes: from `first` to before `last`.
struct BatchRange {
  std::size_t first;
  std::size_t last;
};

BatchRange own_batches(std::size_t batches, const ProcessGroup& group) {
  const auto rank = static_cast<std::size_t>(group.rank());
  const auto size = static_cast<std::size_t>(group.size());
  return {.first = rank * batches / size, .last = (rank + 1) * batches / size};
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

  /// Room for so many rows, like that of `row`, all 0.
  void make_room(const at::Tensor& row, std::int64_t rows) {
    std::vector<std::int64_t> shape = row.sizes().vec();
    shape[0] = rows;
    written_ = at::empty(shape, row.options().memory_format(row.suggest_memory_format())).zero_();
  }

  /// This process's batches of a pass over the crops, whose rows begin at `first_row`. `done` gets the crops
  /// of each batch; its false ends the work.
  void write(BatchLoader& loader, const EpochStart& pass, std::int64_t first_row, const ProcessGroup& group,
             const std::function<bool(std::size_t)>& done) {
    const BatchRange range = own_batches(loader.batches_per_epoch(), group);
    loader.start_epoch({.epoch = pass.epoch, .view = pass.view, .first_batch = range.first});
    for (std::size_t number = range.first; number < range.last; ++number) {
      const Batch batch = *loader.next();
      const at::Tensor activations = of_batch(batch);
      const std::int64_t row = first_row + static_cast<std::int64_t>(batch.indices.front());
      written_.narrow(0, row, activations.size(0)).copy_(activations);
      if (!done(batch.labels.size())) return;
    }
  }

  at::Tensor& written() { return written_; }

 private:
  Classifier& classifier_;
  const Preprocessing& preprocessing_;
  int boundary_;
  bool bf16_;
  at::Tensor written_;
};

/// Logits of some batches in this process, and of the others in others.
class LogitRows {
 public:
  LogitRows(std::int64_t rows, int classes, const ProgressFn& progress)
      : all_(at::zeros({rows, classes}, at::kFloat)), progress_(progress) {}

  void put(std::int64_t first_row, const at::Tensor& logits) {
    all_.narrow(0, first_row, logits.size(0)).copy_(logits);
    done_ += logits.size(0);
    if (progress_) progress_(static_cast<std::size_t>(done_), static_cast<std::size_t>(all_.size(0)));
  }

  std::vector<std::vector<float>> of_all(const ProcessGroup& group) {
    group.fill_in(all_);
    std::vector<std::vector<float>> rows;
    append_rows(all_, rows);
    return rows;
  }

 private:
  at::Tensor all_;  // [rows, classes], 0 where another process has computed them
  const ProgressFn& progress_;
  std::int64_t done_ = 0;
};

}  // namespace

StageInputs::StageInputs(const PartCrops& train, const PartCrops& val, const Preprocessing& preprocessing,
                         const ProcessGroup& group, StageInputsOptions options)
    : train_(train),
      val_(val),
      preprocessing_(preprocessing),
      group_(group),
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
  in_order.order.share = {};
  BatchLoader train_loader(train_.crops, train_.labels, in_order);
  in_order.augment.reset();
  BatchLoader val_loader(val_.crops, val_.labels, in_order);

  val_loader.start_epoch({});
  const Batch first = *val_loader.next();
  const at::Tensor probe = val.of_batch(first);
  if (all_rows * probe[0].nbytes() > options_.max_bytes) return true;

  std::size_t written = 0;
  bool stopped = false;
  const auto done = [&](std::size_t rows) {
    written += rows * static_cast<std::size_t>(group_.size());
    if (progress) progress(std::min(written, all_rows), all_rows);
    stopped = stop && stop();
    return !stopped;
  };
  val.make_room(probe, std::ssize(val_.crops));
  val.write(val_loader, {}, 0, group_, done);
  train.make_room(train.of_batch(first), static_cast<std::int64_t>(train_rows));
  for (std::size_t view = 0; view < views && !stopped; ++view)
    train.write(train_loader, {.epoch = 0, .view = view},
                static_cast<std::int64_t>(view * train_.crops.size()), group_, done);
  if (group_.any(stopped)) return false;
  group_.fill_in(val.written());
  group_.fill_in(train.written());
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
  epoch_order_ = order_.of_epoch(epoch);
  if (entry() == 0) loader_.start_epoch({.epoch = epoch, .view = view_of(epoch), .first_batch = first_batch});
}

std::optional<InputBatch> StageInputs::next() {
  if (next_batch_ == order_.batches()) return std::nullopt;
  const auto at = [&](std::size_t place) {
    return epoch_order_.begin() + static_cast<std::ptrdiff_t>(place);
  };
  InputBatch batch = entry() > 0 ? of_activations() : of_crops();
  batch.counts = order_.own_slice(next_batch_).counts;
  batch.samples.assign(at(order_.begin_of(next_batch_)), at(order_.end_of(next_batch_)));
  ++next_batch_;
  return batch;
}

InputBatch StageInputs::of_crops() {
  const Batch batch = *loader_.next();
  return {.x = images_of(batch, preprocessing_, device_),
          .labels = tensor_on(device_, batch.labels),
          .targets = targets_of(train_, batch.indices, device_),
          .samples = {}};
}

InputBatch StageInputs::of_activations() const {
  const BatchSlice slice = order_.own_slice(next_batch_);
  const std::span samples = std::span(epoch_order_).subspan(slice.begin, slice.end - slice.begin);
  std::vector<std::int64_t> rows;
  std::vector<std::int64_t> labels;
  for (const std::size_t sample : samples) {
    rows.push_back(static_cast<std::int64_t>(view_of(epoch_) * train_.crops.size() + sample));
    labels.push_back(train_.labels[sample]);
  }
  return {.x = train_activations_.index_select(0, tensor_on(device_, rows)),
          .labels = tensor_on(device_, labels),
          .targets = targets_of(train_, samples, device_),
          .samples = {}};
}

std::vector<std::vector<float>> StageInputs::val_logits(Classifier& classifier,
                                                        const ProgressFn& progress) const {
  const int batch_size = options_.loader.order.batch_size;
  if (entry() == 0)
    return predict_logits(classifier, val_,
                          {.preprocessing = preprocessing_,
                           .group = group_,
                           .classes = options_.classes,
                           .batch_size = batch_size,
                           .progress = progress});
  const EvaluationScope evaluation(classifier);
  const std::vector<at::Tensor> batches = val_activations_.split(batch_size);
  const BatchRange range = own_batches(batches.size(), group_);
  LogitRows logits(std::ssize(val_.crops), options_.classes, progress);
  for (std::size_t number = range.first; number < range.last; ++number)
    logits.put(static_cast<std::int64_t>(number) * batch_size,
               classifier.forward_from(options_.boundary, batches[number]));
  return logits.of_all(group_);
}

std::vector<std::vector<float>> predict_logits(Classifier& classifier, const PartCrops& part,
                                               const LogitsOptions& options) {
  const EvaluationScope evaluation(classifier);
  BatchLoader loader(part.crops, part.labels, {.order = {.batch_size = options.batch_size}});
  const BatchRange range = own_batches(loader.batches_per_epoch(), options.group);
  loader.start_epoch({.first_batch = range.first});
  LogitRows logits(std::ssize(part.crops), options.classes, options.progress);
  for (std::size_t number = range.first; number < range.last; ++number) {
    const Batch batch = *loader.next();
    logits.put(static_cast<std::int64_t>(batch.indices.front()),
               classifier.forward(images_of(batch, options.preprocessing, device_of(classifier))));
  }
  return logits.of_all(options.group);
}

}  // namespace fer
