#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace fer {

/// What a run is called, where it lies, and its seed: `experiment`.
struct RunConfig {
  std::string name = "fer";
  std::uint64_t seed = 42;
  std::string output = "runs";
  bool operator==(const RunConfig&) const = default;
};

/// Images of a sequence that are samples.
struct SequenceConfig {
  std::vector<std::string> by = {};  ///< fields that tell sequences apart; empty: every image stands alone
  int last = 0;                      ///< images at the end, with the sequence's label; 0: all
  int first = 0;                     ///< images at the beginning, with first_label
  std::string first_label = "neutral";
  bool operator==(const SequenceConfig&) const = default;
};

/// How several people's votes become a label and the share of each class.
struct VotesConfig {
  std::vector<std::string> columns = {};  ///< the number of votes for the class of that name; empty: no votes
  std::vector<std::string> others = {};   ///< votes for something that is no class
  int min_votes = 0;                      ///< fewer count as none
  double majority = 0;                    ///< share of all votes the label needs more than
  bool operator==(const VotesConfig&) const = default;
};

/// How the images of a data set are named and listed; configs/datasets/ has ready ones.
struct LayoutConfig {
  std::string read = "files";    ///< files | lines | table
  std::string pattern = "none";  ///< of files and lines
  bool ignore_case = false;
  std::vector<std::string> lists = {};              ///< files below the root, of lines and table
  std::map<std::string, std::string> columns = {};  ///< table: field -> column
  std::string image = "none";                       ///< its path below the root, with fields in braces
  std::string pixels = "none";                      ///< table: a CSV file with the images, row by row
  std::string label_file = "none";                  ///< whose text is the label
  std::map<std::string, std::string> fields = {};   ///< further ones, made of others
  std::map<std::string, std::map<std::string, std::string>> values = {};  ///< what a field's texts mean
  SequenceConfig sequence = {};
  VotesConfig votes = {};
  bool operator==(const LayoutConfig&) const = default;
};

/// A data set and how it is read: an entry of `data.sources`.
struct SourceConfig {
  std::string kind = "kdef";                    ///< kdef | folder | csv | fer2013_csv | layout
  std::string root;                             ///< folder, or the list file
  std::map<std::string, std::string> map = {};  ///< words of the source to classes; "-": left out
  std::string name = "auto";                    ///< auto: the kind, numbered where it is taken
  double weight = 1;                            ///< how often its images are drawn, besides train.balance
  std::string attributes = "none";              ///< table of further attributes, by subject or path
  bool own_people = false;                      ///< its subjects are nobody of the other sources
  std::optional<LayoutConfig> layout = {};      ///< of kind layout
  bool operator==(const SourceConfig&) const = default;
};

/// How samples come into parts: `data.split`; see SplitOptions.
struct SplitConfig {
  std::string method =
      "auto";         ///< auto | subject | random | kfold | random_kfold | group_out | file | source
  double val = 0.15;  ///< shares of the samples (random, …) or subjects (subject, kfold)
  double test = 0.0;
  std::uint64_t seed = 42;
  int folds = 10;              ///< kfold, random_kfold
  int fold = 1;                ///< the one that is tested; 0: all, one after the other
  std::string group = "none";  ///< group_out: the attribute
  std::string file = "none";   ///< file
  bool each_source = false;    ///< divide each source by itself
  bool operator==(const SplitConfig&) const = default;
};

/// Where crops are kept and how they are read: `data.cache`.
struct CacheConfig {
  bool keep = true;
  std::string folder = "auto";  ///< auto: in the user's cache
  double max_gb = 50;
  double shard_mb = 0;  ///< crops shuffled as one; 0: each alone
  int mixed_shards = 128;
  bool operator==(const CacheConfig&) const = default;
};

/// What is trained and evaluated on: `data`.
struct DataConfig {
  std::vector<SourceConfig> sources;
  std::vector<std::string> classes;                      ///< empty: the canonical seven
  std::map<std::string, std::vector<std::string>> bins;  ///< limits by attribute, ascending numbers
  std::map<std::string, std::vector<std::string>> only;  ///< values by attribute; empty: all samples
  bool soft_labels = true;
  SplitConfig split;
  bool allow_leakage = false;
  bool exclude_leaked = false;
  std::string drop_suspects = "none";  ///< list of samples that leave the training part
  double drop_suspects_share = 1;      ///< of the listed ones, the most suspicious first
  CacheConfig cache;
  std::string on_bad_file = "skip";  ///< skip | error
  int workers = -1;                  ///< -1: one per core
  bool operator==(const DataConfig&) const = default;
};

/// How faces are found and cropped: `face`; see Preprocessing.
struct FaceConfig {
  std::string detector = "haar";
  double min_size = 0.1;
  double min_score = 0;            ///< 0: the detector's own
  std::string target = "largest";  ///< largest | center
  bool align = false;
  bool square = true;
  double margin = 0.2;
  std::string missing = "use_image";  ///< skip | use_image | error
  bool grey = false;
  bool operator==(const FaceConfig&) const = default;
};

/// What the network takes: `input`; the size in pixels a side.
struct InputConfig {
  int size = 224;
  std::string normalisation = "imagenet";  ///< imagenet | half
  bool operator==(const InputConfig&) const = default;
};

/// One random change: with probability `p`, by an amount drawn up to `max`.
struct ChangeConfig {
  double p = 0;
  double max = 0;
  bool operator==(const ChangeConfig&) const = default;
};

/// Random changes of training crops: `augment`; units as in AugmentOptions.
struct AugmentConfig {
  double flip = 0.5;  ///< probability
  ChangeConfig shift = {1, 0.05};
  ChangeConfig scale = {1, 0.1};
  ChangeConfig rotate = {1, 10};
  ChangeConfig crop_jitter = {0, 0.1};
  ChangeConfig perspective = {0, 0.1};
  ChangeConfig brightness = {1, 0.2};
  ChangeConfig contrast = {1, 0.2};
  ChangeConfig colour = {1, 0.1};
  ChangeConfig light = {0, 0.5};
  double grey = 0;  ///< probability
  ChangeConfig blur = {0.1, 1.5};
  ChangeConfig noise = {0.1, 12};
  ChangeConfig low_resolution = {0, 0.75};
  ChangeConfig jpeg = {0, 80};
  ChangeConfig erase = {0.1, 0.15};
  bool operator==(const AugmentConfig&) const = default;
};

/// The network and where its weights begin: `model`; see ClassifierOptions.
struct ModelConfig {
  std::string backbone = "mobilenet_v2";
  std::string weights = "imagenet";  ///< imagenet | auto (imagenet where found, else none) | none | a path
  double dropout = 0.2;
  double width = 1;
  double stochastic_depth = 0.2;
  bool operator==(const ModelConfig&) const = default;
};

/// What learns, for how long and how fast: an entry of `train.stages`.
struct StageConfig {
  std::string trainable = "all";  ///< head | last_blocks | all
  int blocks = 1;                 ///< of last_blocks
  int epochs = 0;                 ///< 0: what is left of train.epochs
  double lr = 1e-4;
  double layer_decay = 1;  ///< factor of the learning rate per block, from the head down
  int views = 0;           ///< fixed augmented views per image; 0: a new one every epoch
  int size = 0;            ///< of the images while training; 0: input.size
  bool operator==(const StageConfig&) const = default;
};

/// `train.optimizer`; see Optimizer.
struct OptimizerConfig {
  std::string name = "adamw";  ///< adamw | adam | sgd
  double weight_decay = 1e-4;
  double momentum = 0.9;  ///< sgd
  bool nesterov = false;  ///< sgd
  double beta1 = 0.9;     ///< adam, adamw
  double beta2 = 0.999;   ///< adam, adamw
  double clip_norm = 0;   ///< 0: no clipping
  int accumulate = 1;     ///< batches per step
  bool operator==(const OptimizerConfig&) const = default;
};

/// `train.schedule`; see learning_rate_share().
struct ScheduleConfig {
  std::string name = "cosine";  ///< constant | step | cosine | one_cycle | plateau
  double warmup = 0;            ///< epochs
  double floor = 0.01;          ///< share of the rate at the end
  int step_epochs = 30;         ///< step
  double factor = 0.1;          ///< step, plateau
  int patience = 10;            ///< plateau
  bool operator==(const ScheduleConfig&) const = default;
};

/// `train.loss`; see Loss.
struct LossConfig {
  std::string name = "cross_entropy";  ///< cross_entropy | focal
  double label_smoothing = 0;
  std::string class_weights = "none";  ///< none | balanced
  double gamma = 2;                    ///< focal
  bool operator==(const LossConfig&) const = default;
};

/// `train.mix`; `p` is the share of the batches that are mixed, see mix().
struct MixConfig {
  double p = 1;
  double mixup = 0;   ///< alpha; 0: off
  double cutmix = 0;  ///< alpha; 0: off
  bool operator==(const MixConfig&) const = default;
};

/// What is learned from other models (Hinton, Vinyals & Dean 2015): `train.distill`.
struct DistillConfig {
  std::vector<std::string> teachers;  ///< checkpoints; empty: none
  double weight = 0.5;                ///< of what the teachers say; the rest is the labels'
  double temperature = 2;
  bool operator==(const DistillConfig&) const = default;
};

/// When a stage ends before its epochs are over: `train.early_stopping`.
struct EarlyStoppingConfig {
  std::string monitor = "val_loss";
  int patience = 0;  ///< epochs without improvement; 0: never stop early
  bool operator==(const EarlyStoppingConfig&) const = default;
};

/// How it is trained: `train`.
struct TrainConfig {
  int epochs = 245;
  int batch_size = 32;
  std::vector<StageConfig> stages = {StageConfig{}};
  OptimizerConfig optimizer;
  ScheduleConfig schedule;  ///< over each stage
  LossConfig loss;
  MixConfig mix;
  DistillConfig distill;
  std::vector<std::string> balance;  ///< attributes, `label` and `source` among them
  double ema = 0;                    ///< decay of the averaged weights; 0: none
  std::string precision = "fp32";    ///< fp32 | bf16 | auto
  std::string device = "auto";
  std::string select = "val_accuracy";  ///< which epoch is kept as best
  int keep_best = 1;
  std::string calibration = "temperature";  ///< temperature | vector | none
  EarlyStoppingConfig early_stopping;
  std::string max_time = "none";
  std::string on_divergence = "stop";  ///< stop | rollback
  double save_every = 60;              ///< seconds
  double activation_cache_gb = 1;
  int repeats = 1;
  bool sync_batchnorm = true;  ///< of several processes
  bool tensorboard = false;
  bool operator==(const TrainConfig&) const = default;
};

/// One training experiment, as its YAML says it; load_experiment() reads it. Each field's sentence, range and
/// choices stand in src/config/experiment.cpp, from which parsing, errors, --dump-config and
/// docs/configuration.md are made.
struct Experiment {
  RunConfig experiment;
  DataConfig data;
  FaceConfig face;
  InputConfig input;
  AugmentConfig augment;
  ModelConfig model;
  TrainConfig train;
  bool operator==(const Experiment&) const = default;
};

}  // namespace fer
