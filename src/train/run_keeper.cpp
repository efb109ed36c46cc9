#include "run_keeper.hpp"

#include <algorithm>

#include "evaluation.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/train/loss.hpp"

namespace fer {

RunKeeper::RunKeeper(const Experiment& experiment, const TrainingData& data, std::filesystem::path folder,
                     const ProcessGroup& group)
    : experiment_(experiment), data_(data), folder_(std::move(folder)), group_(group) {}

void RunKeeper::keep(TrainingProgress& progress, TensorMap weights, const Calibration& calibration) {
  const EpochResult& epoch = progress.epochs.back();
  const std::string& select = experiment_.train.select;
  const bool best = progress.best_epoch == 0 ||
                    merit(epoch, select) >
                        merit(progress.epochs[static_cast<std::size_t>(progress.best_epoch) - 1], select);
  last_ = {.info = info_of(epoch, calibration), .weights = std::move(weights)};
  last_is_saved_ = false;
  if (experiment_.train.keep_best > 1 && group_.leads()) keep_among_best(progress.epochs);
  if (!best) return;
  progress.best_epoch = epoch.epoch;
  progress.calibration = calibration;
  best_ = last_;
  best_is_saved_ = false;
}

void RunKeeper::save_checkpoints() {
  if (!group_.leads()) return;
  if (!best_is_saved_) save_checkpoint(path("best.safetensors"), best_);
  best_is_saved_ = true;
  if (!last_is_saved_) save_checkpoint(path("last.safetensors"), last_);
  last_is_saved_ = true;
}

void RunKeeper::save(TrainingState state) {
  save_checkpoints();
  state.best = best_.weights;
  save_training_state(path("state.safetensors"), state);
}

TrainingState RunKeeper::load() {
  const std::filesystem::path file = path("state.safetensors");
  const std::string content = group_.leaders_text(group_.leads() ? read_file(file) : "");
  TrainingState state = parse_training_state(content, file);
  const TrainingProgress& progress = state.progress;
  last_is_saved_ = true;
  best_is_saved_ = progress.best_epoch == 0;
  if (progress.best_epoch > 0) {
    best_ = {.info = info_of(progress.epochs.at(static_cast<std::size_t>(progress.best_epoch) - 1),
                             progress.calibration),
             .weights = state.best};
  }
  return state;
}

CheckpointInfo RunKeeper::info_of(const EpochResult& epoch, const Calibration& calibration) const {
  const PartCrops train = part_crops(data_, Part::train);
  return {.backbone = experiment_.model.backbone,
          .width = experiment_.model.width,
          .classes = data_.faces.dataset.classes,
          .preprocessing = data_.preprocessing,
          .calibration = calibration,
          .class_prior = class_prior(experiment_.train.loss, train.labels, sampling_of(experiment_, data_),
                                     data_.faces.dataset.classes.size(), train.shares),
          .trained_on = fmt::format("{}: {} images, {}, epoch {}, validation accuracy {:.4f} on {} images",
                                    experiment_.experiment.name, std::ranges::count(data_.parts, Part::train),
                                    split_text(data_.split), epoch.epoch, epoch.val_accuracy,
                                    std::ranges::count(data_.parts, Part::val)),
          .epoch = epoch.epoch};
}

std::filesystem::path RunKeeper::epoch_path(int epoch) const {
  return path(fmt::format("epoch-{:04}.safetensors", epoch));
}

/// The best epochs so far stay, the one that is no longer among them goes.
void RunKeeper::keep_among_best(const std::vector<EpochResult>& epochs) const {
  std::vector<EpochResult> ranked = epochs;
  std::ranges::stable_sort(ranked, [&](const EpochResult& a, const EpochResult& b) {
    return merit(a, experiment_.train.select) > merit(b, experiment_.train.select);
  });
  const auto kept = std::min(ranked.size(), static_cast<std::size_t>(experiment_.train.keep_best));
  const int last = epochs.back().epoch;
  const auto rank = std::ranges::find(ranked, last, &EpochResult::epoch) - ranked.begin();
  if (static_cast<std::size_t>(rank) >= kept) return;
  save_checkpoint(epoch_path(last), last_);
  if (ranked.size() > kept) std::filesystem::remove(epoch_path(ranked[kept].epoch));
}

}  // namespace fer
