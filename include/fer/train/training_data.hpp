#pragma once

#include <string>
#include <vector>

#include "fer/config/experiment.hpp"
#include "fer/data/balance.hpp"
#include "fer/data/batch_order.hpp"
#include "fer/data/face_crops.hpp"
#include "fer/data/protocol.hpp"
#include "fer/vision/augment.hpp"

namespace fer {

/// Everything a training reads. Crops are valid as long as this lives.
struct TrainingData {
  Preprocessing preprocessing;
  FaceCrops faces;
  std::vector<CropLook> looks;  ///< of each crop, for the leakage guard

  // What divide() and split_training_data() fill.
  std::vector<Part> parts;  ///< of each sample in faces.dataset
  std::vector<int> folds;   ///< likewise, 1-based, 0: in none; empty where the split has none
  SplitFacts split;
  std::vector<Leak> leaks;            ///< all that were found, with the parts as they were then
  std::vector<std::string> warnings;  ///< about the split, a line each
};

/// The preprocessing an experiment asks for.
Preprocessing preprocessing_of(const Experiment& experiment);

/// The augmentation an experiment asks for.
AugmentOptions augment_options_of(const Experiment& experiment);

/// A layout as its YAML says it.
Layout layout_of(const LayoutConfig& config);

/// The data sets an experiment names.
std::vector<DatasetSource> sources_of(const DataConfig& data);

/// What balances the training of an experiment.
BalanceOptions balance_of(const Experiment& experiment);

/// How often each training sample is drawn: sampling_weights() of the training part.
std::vector<double> sampling_of(const Experiment& experiment, const TrainingData& data);

/// The shards by which an experiment shuffles its training part.
ShardOptions shards_of(const Experiment& experiment);

/// Bins attributes and takes away samples as an experiment says (data.bins, data.only).
void select_samples(Dataset& dataset, const DataConfig& data);

/// How an experiment's images are cropped under `preprocessing`, its own or a checkpoint's; the detector's
/// files are looked for in `models_folder` first.
FaceCropOptions crop_options_of(const Experiment& experiment, const Preprocessing& preprocessing,
                                const std::filesystem::path& models_folder);

/// `workers` of the experiment, or one per core, which so many processes divide among them.
int worker_count(const Experiment& experiment, int cores_shared_by = 1);

/// The split an experiment asks for.
SplitOptions split_options_of(const Experiment& experiment);

/// Reads, leaves out what data.only does not name, and crops; the parts are not made yet. The detector's
/// files are looked for in `models_folder` first. Throws what these throw.
TrainingData load_training_data(const Experiment& experiment, const std::filesystem::path& models_folder,
                                const StepsFn& progress, const StopFn& stop);

/// Makes the parts, takes the suspects of data.drop_suspects out of the training part, looks for leaks
/// between them and takes out what data.exclude_leaked says. May be called again, for another fold. Throws
/// what split_samples() does, a data error where the training part lacks a class and, like split_samples(), a
/// usage error where nothing is left of a part.
void divide(TrainingData& data, const Experiment& experiment, const StepsFn& progress, const StopFn& stop);

/// The samples of the source called `name` alone, with the parts that divide() gave them. The crops stay
/// those of `whole`, which has to live as long. Throws as divide() does where they cannot be trained on.
TrainingData data_of_source(const TrainingData& whole, const std::string& name);

/// divide(), and a data error for leaks that remain unless data.allow_leakage lets them pass; and a usage
/// error for a train.balance the data do not know.
void split_training_data(TrainingData& data, const Experiment& experiment, const StepsFn& progress,
                         const StopFn& stop);

/// Throws leakage_error() for leaks that remain after divide(), unless data.allow_leakage lets them pass.
void refuse_leaks(const TrainingData& data, const Experiment& experiment);

/// load_training_data() and split_training_data().
TrainingData prepare_training_data(const Experiment& experiment, const std::filesystem::path& models_folder,
                                   const StepsFn& progress, const StopFn& stop);

/// The first 32 training crops of epoch 1 as the network sees them, eight a row, RGB.
cv::Mat sample_sheet(const Experiment& experiment, const TrainingData& data);

/// SHA-256 over (path, label, part and, where it has them, shares) of every sample and the bytes of its crop:
/// the same for the same experiment on the same images.
std::string data_hash(const TrainingData& data);

}  // namespace fer
