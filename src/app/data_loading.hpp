#pragma once

#include <filesystem>

#include "fer/app/program.hpp"
#include "fer/train/training_data.hpp"
#include "log.hpp"

namespace fer {

/// Reads and crops the data of an experiment, with a progress bar, and says what was found; the parts are not
/// made yet. The detector's files are looked for in `models_folder` first.
TrainingData load_data(const Experiment& experiment, const std::filesystem::path& models_folder, Log& log);

/// DATA of a command line; `kind` is auto, a kind of data.sources or a layout file, which ends in .yaml.
SourceConfig source_of(const std::filesystem::path& root, const std::string& kind);

/// Draws each step of some work on the bar.
StepsFn steps_on(ProgressBar& bar);

/// Divides as split_training_data() does, with a progress bar.
void split_data(TrainingData& data, const Experiment& experiment, Log& log);

/// Says what the split is and what is odd about it.
void say_split(const TrainingData& data, Log& log);

/// Says what an epoch of the training part is drawn from, where it is not every image once.
void say_balance(const TrainingData& data, const Experiment& experiment, Log& log);

}  // namespace fer
