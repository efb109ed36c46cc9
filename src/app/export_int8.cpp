#include "export_int8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "checkpoint_scoring.hpp"
#include "data_loading.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/random.hpp"
#include "fer/core/text.hpp"
#include "fer/model/image_tensor.hpp"
#include "fer/model/quantised_checkpoint.hpp"
#include "fer/train/training_data.hpp"
#include "stop_signal.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

using Samples = std::vector<std::size_t>;

constexpr std::size_t kCalibrationBatch = 32;
constexpr double kMuch = 0.005;  // of a loss

/// The samples that choose the scales and those that measure.
struct Division {
  Samples choosing;
  Samples measuring;
  std::string text;  ///< which ones measure, for people
};

void shuffle(Samples& samples) {
  Rng rng(0);
  rng.shuffle(std::span(samples));
}

Division by_parts(TrainingData& data, const Experiment& experiment, Log& log) {
  ProgressBar bar = log.bar("looking at crops");
  data.looks = looks_of(data.faces.crops, std::max(1, worker_count(experiment)),
                        progress_of(steps_on(bar), "looking at crops"), stop_requested);
  split_training_data(data, experiment, steps_on(bar), stop_requested);
  bar.clear();
  Division division{.choosing = {}, .measuring = {}, .text = "validation part, " + split_text(data.split)};
  for (std::size_t i = 0; i < data.parts.size(); ++i) {
    if (data.parts[i] == Part::train) division.choosing.push_back(i);
    if (data.parts[i] == Part::val) division.measuring.push_back(i);
  }
  shuffle(division.choosing);
  return division;
}

Division by_lot(const TrainingData& data, const DataChoice& choice, std::size_t wanted) {
  Samples all(data.faces.crops.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  shuffle(all);
  const auto first = static_cast<std::ptrdiff_t>(std::min(wanted, all.size() / 2));
  std::vector<std::string> roots;
  for (const fs::path& root : choice.data) roots.push_back(root.string());
  return {.choosing = {all.begin(), all.begin() + first},
          .measuring = {all.begin() + first, all.end()},
          .text = "images of " + join(roots, ", ")};
}

Division divided(TrainingData& data, const Experiment& experiment, const ExportOptions& options, Log& log) {
  const auto wanted = static_cast<std::size_t>(options.calibration);
  Division division =
      options.data.data.empty() ? by_parts(data, experiment, log) : by_lot(data, options.data, wanted);
  if (division.choosing.empty() || division.measuring.empty())
    throw usage_error("--to int8 needs images to choose the scales by and others to measure with");
  division.choosing.resize(std::min(division.choosing.size(), wanted));
  return division;
}

QuantisedLayers quantised(const LayerList& layers, const TrainingData& data, const Samples& samples,
                          const Log& log) {
  ProgressBar bar = log.bar("quantising");
  std::size_t seen = 0;
  return quantise(layers, [&](const auto& look) {
    for (std::size_t first = 0; first < samples.size(); first += kCalibrationBatch) {
      if (stop_requested()) throw Stopped();
      std::vector<cv::Mat> crops;
      const std::size_t end = std::min(first + kCalibrationBatch, samples.size());
      for (std::size_t i = first; i < end; ++i) crops.push_back(data.faces.crops[samples[i]]);
      look(crops_to_tensor(crops, data.preprocessing));
      bar.update(seen += end - first, 2 * samples.size());
    }
  });
}

/// What a checkpoint says of samples.
struct Score {
  std::vector<std::ptrdiff_t> classes;
  double accuracy = 0;
};

Score scored(LogitPredictor& predictor, const TrainingData& data, const Samples& samples, const Log& log) {
  std::vector<cv::Mat> crops;
  for (const std::size_t sample : samples) crops.push_back(data.faces.crops[sample]);
  ScoredSamples rows;
  score(rows, predictor, crops, log);
  Score found;
  std::size_t right = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto& row = rows.probabilities[i];
    found.classes.push_back(std::ranges::max_element(row) - row.begin());
    if (found.classes.back() == data.faces.dataset.samples[samples[i]].label) ++right;
  }
  found.accuracy = static_cast<double>(right) / static_cast<double>(samples.size());
  return found;
}

std::string loss_text(const QuantisationLoss& loss, const Score& whole, const Score& bytes) {
  const auto same = std::inner_product(whole.classes.begin(), whole.classes.end(), bytes.classes.begin(), 0.0,
                                       std::plus<>(), std::equal_to<>());
  return fmt::format(
      "accuracy {:.2f} % in float, {:.2f} % in int8 on {} images ({}); {:.1f} % of the labels are the same",
      100 * loss.accuracy, 100 * loss.int8_accuracy, loss.count, loss.images,
      100 * same / static_cast<double>(loss.count));
}

bool same(const QuantisedCheckpoint& a, const QuantisedCheckpoint& b) {
  const auto equal = [](const at::Tensor& one, const at::Tensor& other) {
    return one.defined() == other.defined() && (!one.defined() || one.equal(other));
  };
  const auto same_layer = [&](const Layer& one, const Layer& other) {
    return equal(one.weight, other.weight) && equal(one.bias, other.bias);
  };
  return a.info == b.info && a.loss == b.loss && a.layers.values == b.layers.values &&
         std::ranges::equal(a.layers.weight_steps, b.layers.weight_steps, equal) &&
         std::ranges::equal(a.layers.layers, b.layers.layers, same_layer);
}

}  // namespace

std::string export_int8(const ExportOptions& options, Log& log) {
  const Checkpoint checkpoint = load_checkpoint(options.model);
  const LayerList layers = layers_of(checkpoint, options.model.string());
  check_quantisable(layers);
  const Experiment experiment = experiment_of(options.data, options.model);
  const auto predictor = load_predictor(options.model, {.device = "cpu"});
  TrainingData data = load_for(*predictor, experiment, options.data.models_folder, log);
  const Division division = divided(data, experiment, options, log);

  QuantisedCheckpoint small{.info = checkpoint.info,
                            .layers = quantised(layers, data, division.choosing, log),
                            .loss = {.images = division.text, .count = std::ssize(division.measuring)}};
  AtomicFile file(options.output);
  save_quantised(file.temporary_path(), small);
  const Score whole = scored(*predictor, data, division.measuring, log);
  const Score bytes =
      scored(*load_predictor(file.temporary_path(), {.device = "cpu"}), data, division.measuring, log);
  small.loss.accuracy = whole.accuracy;
  small.loss.int8_accuracy = bytes.accuracy;
  save_quantised(file.temporary_path(), small);
  if (!same(load_quantised(file.temporary_path()), small))
    throw failure("{}: was not written: it does not read as it should", options.output.string());
  file.commit();
  if (whole.accuracy - bytes.accuracy > kMuch)
    log.warning("int8 costs {:.1f} points of accuracy", 100 * (whole.accuracy - bytes.accuracy));
  return loss_text(small.loss, whole, bytes);
}

}  // namespace fer
