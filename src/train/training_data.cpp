#include "fer/train/training_data.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <thread>

#include "fer/core/files.hpp"
#include "fer/core/model_files.hpp"
#include "fer/core/text.hpp"
#include "fer/data/attributes.hpp"
#include "fer/data/batch_loader.hpp"
#include "fer/model/face_detectors.hpp"

namespace fer {

Preprocessing preprocessing_of(const Experiment& experiment) {
  Preprocessing preprocessing{.detector = experiment.face.detector,
                              .min_face = static_cast<float>(experiment.face.min_size),
                              .min_score = static_cast<float>(experiment.face.min_score),
                              .target = face_target(experiment.face.target),
                              .align = experiment.face.align,
                              .square = experiment.face.square,
                              .margin = static_cast<float>(experiment.face.margin),
                              .size = experiment.input.size,
                              .grey = experiment.face.grey};
  if (experiment.input.normalisation == "half") {
    preprocessing.mean.fill(0.5F);
    preprocessing.std.fill(0.5F);
  }
  return preprocessing;
}

AugmentOptions augment_options_of(const Experiment& experiment) {
  const AugmentConfig& config = experiment.augment;
  const auto change = [](const ChangeConfig& from) { return Change{.p = from.p, .max = from.max}; };
  return {.flip = config.flip,
          .shift = change(config.shift),
          .scale = change(config.scale),
          .rotate = change(config.rotate),
          .crop_jitter = change(config.crop_jitter),
          .perspective = change(config.perspective),
          .brightness = change(config.brightness),
          .contrast = change(config.contrast),
          .colour = change(config.colour),
          .light = change(config.light),
          .grey = config.grey,
          .blur = change(config.blur),
          .noise = change(config.noise),
          .low_resolution = change(config.low_resolution),
          .jpeg = change(config.jpeg),
          .erase = change(config.erase)};
}

int worker_count(const Experiment& experiment, int cores_shared_by) {
  if (experiment.data.workers >= 0) return experiment.data.workers;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()) / cores_shared_by);
}

namespace {

CropCacheOptions crop_cache_options_of(const CacheConfig& cache) {
  return {
      .keep = cache.keep,
      .folder = cache.folder == "auto" ? user_cache_folder() / "crops" : std::filesystem::path(cache.folder),
      .max_bytes = static_cast<std::uint64_t>(cache.max_gb * 1e9)};
}

/// Leaks whose samples both take part.
std::vector<Leak> remaining_leaks(const TrainingData& data) {
  std::vector<Leak> leaks = data.leaks;
  std::erase_if(leaks, [&](const Leak& leak) {
    return data.parts[leak.sample] == Part::unused || data.parts[leak.other] == Part::unused;
  });
  return leaks;
}

/// Adds one sample of `whole`, without the pixels its crop was made of.
void take_sample(const TrainingData& whole, std::size_t sample, TrainingData& data) {
  FaceCrops& faces = data.faces;
  faces.dataset.samples.push_back(whole.faces.dataset.samples[sample]);
  faces.dataset.samples.back().pixels.clear();
  faces.crops.push_back(whole.faces.crops[sample]);
  faces.digests.push_back(whole.faces.digests[sample]);
  faces.faces.push_back(whole.faces.faces[sample]);
  ++(faces.faces.back() ? faces.faces_found : faces.faces_missing);
  data.looks.push_back(whole.looks[sample]);
  data.parts.push_back(whole.parts[sample]);
  if (!whole.folds.empty()) data.folds.push_back(whole.folds[sample]);
}

}  // namespace

Layout layout_of(const LayoutConfig& config) {
  const auto given = [](const std::string& text) { return text == "none" ? std::string{} : text; };
  return {.read = config.read,
          .pattern = given(config.pattern),
          .ignore_case = config.ignore_case,
          .lists = config.lists,
          .columns = config.columns,
          .image = given(config.image),
          .pixels = given(config.pixels),
          .label_file = given(config.label_file),
          .fields = config.fields,
          .values = config.values,
          .sequence = {.by = config.sequence.by,
                       .last = static_cast<std::size_t>(config.sequence.last),
                       .first = static_cast<std::size_t>(config.sequence.first),
                       .first_label = config.sequence.first_label},
          .votes = {.columns = config.votes.columns,
                    .others = config.votes.others,
                    .min_votes = static_cast<double>(config.votes.min_votes),
                    .majority = config.votes.majority}};
}

std::vector<DatasetSource> sources_of(const DataConfig& data) {
  std::vector<DatasetSource> sources;
  for (const SourceConfig& source : data.sources) {
    DatasetSource& made = sources.emplace_back();
    made.kind = source.kind;
    made.root = source.root;
    made.words = source.map;
    if (source.name != "auto") made.name = source.name;
    if (source.attributes != "none") made.attributes = source.attributes;
    made.own_people = source.own_people;
    if (source.layout) made.layout = layout_of(*source.layout);
  }
  return sources;
}

BalanceOptions balance_of(const Experiment& experiment) {
  BalanceOptions options{.attributes = experiment.train.balance};
  const std::vector<SourceConfig>& sources = experiment.data.sources;
  const std::vector<std::string> names = source_names(sources_of(experiment.data));
  for (std::size_t i = 0; i < sources.size(); ++i) options.source_weights[names[i]] = sources[i].weight;
  return options;
}

std::vector<double> sampling_of(const Experiment& experiment, const TrainingData& data) {
  return sampling_weights(data.faces.dataset, indices_of(data.parts, Part::train), balance_of(experiment));
}

ShardOptions shards_of(const Experiment& experiment) {
  const CacheConfig& cache = experiment.data.cache;
  if (cache.shard_mb == 0) return {};
  const auto side = static_cast<std::size_t>(experiment.input.size);
  return shards_of_size(cache.shard_mb, 3 * side * side, cache.mixed_shards);
}

void select_samples(Dataset& dataset, const DataConfig& data) {
  AttributeBins bins;
  for (const auto& [attribute, limits] : data.bins) {
    for (const std::string& limit : limits) bins[attribute].push_back(parse_number(limit).value());
  }
  bin_attributes(dataset, bins);
  keep_only(dataset, data.only);
}

FaceCropOptions crop_options_of(const Experiment& experiment, const Preprocessing& preprocessing,
                                const std::filesystem::path& models_folder) {
  FaceDetectorOptions detection = detector_options(preprocessing);
  detection.models_folder = models_folder;
  const auto make_detector = [name = preprocessing.detector, detection] {
    return make_face_detector(name, detection);
  };
  return {.preprocessing = preprocessing,
          .make_detector = make_detector,
          .missing = experiment.face.missing,
          .on_bad_file = experiment.data.on_bad_file,
          .workers = std::max(1, worker_count(experiment)),
          .cache = crop_cache_options_of(experiment.data.cache)};
}

SplitOptions split_options_of(const Experiment& experiment) {
  const SplitConfig& split = experiment.data.split;
  return {.method = split.method,
          .val = split.val,
          .test = split.test,
          .seed = split.seed,
          .folds = split.folds,
          .fold = split.fold,
          .group = split.group,
          .file = split.file,
          .each_source = split.each_source};
}

TrainingData load_training_data(const Experiment& experiment, const std::filesystem::path& models_folder,
                                const StepsFn& progress, const StopFn& stop) {
  if (progress) progress("reading the data sets", 0, 0);
  const ClassList classes =
      experiment.data.classes.empty() ? ClassList() : ClassList(experiment.data.classes);
  Dataset dataset = read_dataset(sources_of(experiment.data), classes);
  select_samples(dataset, experiment.data);
  if (!experiment.data.soft_labels) {
    for (Sample& sample : dataset.samples) sample.shares.clear();
  }

  TrainingData data;
  data.preprocessing = preprocessing_of(experiment);
  data.faces = crop_faces(std::move(dataset), crop_options_of(experiment, data.preprocessing, models_folder),
                          progress_of(progress, "cropping faces"), stop);
  data.looks = looks_of(data.faces.crops, std::max(1, worker_count(experiment)),
                        progress_of(progress, "looking at crops"), stop);
  return data;
}

void divide(TrainingData& data, const Experiment& experiment, const StepsFn& progress, const StopFn& stop) {
  const Dataset& dataset = data.faces.dataset;
  Split split = split_samples(dataset, split_options_of(experiment));
  DroppedSuspects suspects;
  if (const DataConfig& config = experiment.data; config.drop_suspects != "none")
    suspects = drop_suspects(dataset, config.drop_suspects, config.drop_suspects_share, split.parts);
  data.leaks = find_leaks(
      {.dataset = dataset, .digests = data.faces.digests, .looks = data.looks, .parts = split.parts},
      std::max(1, worker_count(experiment)), progress_of(progress, "comparing parts"), stop);
  const std::size_t excluded = experiment.data.exclude_leaked ? exclude_leaked(data.leaks, split.parts) : 0;
  require_parts(split);
  require_every_class(dataset, split);
  data.parts = split.parts;
  data.folds = split.folds;
  data.split = split_facts(dataset, split, remaining_leaks(data), excluded);
  data.split.suspects = suspects;
  data.split.leakage_allowed = experiment.data.allow_leakage;
  data.warnings = split_warnings(dataset, split, data.split);
}

TrainingData data_of_source(const TrainingData& whole, const std::string& name) {
  constexpr std::size_t kNowhere = SIZE_MAX;
  TrainingData data;
  data.preprocessing = whole.preprocessing;
  data.faces.dataset.classes = whole.faces.dataset.classes;
  data.faces.from_cache = whole.faces.from_cache;
  std::vector<std::size_t> places(whole.parts.size(), kNowhere);
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (whole.faces.dataset.samples[i].source != name) continue;
    places[i] = data.parts.size();
    take_sample(whole, i, data);
  }
  for (Leak leak : whole.leaks) {
    if (places[leak.sample] == kNowhere || places[leak.other] == kNowhere) continue;
    leak.sample = places[leak.sample];
    leak.other = places[leak.other];
    data.leaks.push_back(leak);
  }
  const Split split{
      .method = whole.split.method, .parts = data.parts, .folds = data.folds, .fold = whole.split.fold};
  require_parts(split);
  require_every_class(data.faces.dataset, split);
  data.split = split_facts(data.faces.dataset, split, remaining_leaks(data), 0);
  data.split.leakage_allowed = whole.split.leakage_allowed;
  data.warnings = split_warnings(data.faces.dataset, split, data.split);
  return data;
}

void refuse_leaks(const TrainingData& data, const Experiment& experiment) {
  if (experiment.data.allow_leakage || data.split.leaks.empty()) return;
  throw leakage_error(data.faces.dataset, remaining_leaks(data));
}

void split_training_data(TrainingData& data, const Experiment& experiment, const StepsFn& progress,
                         const StopFn& stop) {
  divide(data, experiment, progress, stop);
  refuse_leaks(data, experiment);
  sampling_of(experiment, data);  // refuses what the data do not know
}

TrainingData prepare_training_data(const Experiment& experiment, const std::filesystem::path& models_folder,
                                   const StepsFn& progress, const StopFn& stop) {
  TrainingData data = load_training_data(experiment, models_folder, progress, stop);
  split_training_data(data, experiment, progress, stop);
  return data;
}

cv::Mat sample_sheet(const Experiment& experiment, const TrainingData& data) {
  constexpr int kColumns = 8;
  constexpr int kRows = 4;
  std::vector<cv::Mat> crops;
  std::vector<int> labels;
  for (const std::size_t sample : indices_of(data.parts, Part::train)) {
    crops.push_back(data.faces.crops[sample]);
    labels.push_back(data.faces.dataset.samples[sample].label);
  }
  BatchLoader loader(crops, labels,
                     {.order = {.batch_size = kColumns * kRows,
                                .shuffle = true,
                                .seed = experiment.experiment.seed,
                                .shards = shards_of(experiment)},
                      .augment = augment_options_of(experiment)});
  loader.start_epoch({.epoch = 1});
  Batch batch = *loader.next();
  const int side = batch.size;
  cv::Mat sheet(kRows * side, kColumns * side, CV_8UC3, cv::Scalar::all(255));
  for (int i = 0; i < static_cast<int>(batch.labels.size()); ++i) {
    const cv::Mat crop(side, side, CV_8UC3,
                       batch.pixels.data() + static_cast<std::size_t>(i) * side * side * 3);
    crop.copyTo(sheet(cv::Rect(i % kColumns * side, i / kColumns * side, side, side)));
  }
  return sheet;
}

std::string data_hash(const TrainingData& data) {
  std::string digests;
  for (std::size_t i = 0; i < data.parts.size(); ++i) {
    const Sample& sample = data.faces.dataset.samples[i];
    digests += fmt::format("{},{},{},{}\n", sample.path, sample.label, part_name(data.parts[i]),
                           data.faces.digests[i]);
    if (!sample.shares.empty()) digests += fmt::format("{}\n", fmt::join(sample.shares, ","));
  }
  return sha256(digests);
}

}  // namespace fer
