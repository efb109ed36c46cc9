#include "fer/config/experiment.hpp"

#include "check.hpp"
#include "check_layout.hpp"
#include "describe_source.hpp"
#include "documents.hpp"
#include "fer/config/load.hpp"
#include "layout_files.hpp"
#include "visitors.hpp"

namespace fer {
namespace {

/// Figures of an epoch, as results.csv names them.
Rule a_figure() {
  return one_of({"train_loss", "train_accuracy", "val_loss", "val_accuracy", "val_macro_f1"});
}

}  // namespace

// The descriptions: everything about a key but its name in C++ and its default is said here, once.

template <class Visitor>
void describe(Visitor& visitor, RunConfig& run) {
  visitor.field("name", run.name, anything(), "Name of the run and of its folder under `output`.");
  visitor.field(
      "seed", run.seed, anything(),
      "Seed of every random choice but the split, 0 to 2^64 - 1: order, augmentation, new weights, dropout.");
  visitor.field("output", run.output, anything(), "Folder that gets a folder per run.");
}

template <class Visitor>
void describe(Visitor& visitor, SplitConfig& split) {
  visitor.field(
      "method", split.method,
      one_of({"auto", "subject", "random", "kfold", "random_kfold", "group_out", "file", "source"}),
      "How samples part: by `subject` (nobody stands on two sides), at `random` (optimistic: the same "
      "faces on both sides), in folds by subject (`kfold`) or at random (`random_kfold`, as optimistic; for "
      "comparison with the literature), with each value of an attribute tested in turn (`group_out`), as a "
      "`file` or as the `source` says; `auto`: for each source `subject` where every subject is known, else "
      "`source` where it says, else `random`.");
  visitor.field("val", split.val, from_to_below(0, 1),
                "Share for validation, of the subjects (`subject`, `kfold`) or samples; with folds, of what "
                "is not in the test fold.");
  visitor.field("test", split.test, from_to_below(0, 1),
                "Share kept aside for the final test; with folds, that is the fold.");
  visitor.field("seed", split.seed, anything(),
                "Seed of the split alone, 0 to 2^64 - 1, so that runs with other seeds share it.");
  visitor.field("folds", split.folds, from_to(2, 1000), "Number of folds of `kfold` and `random_kfold`.");
  visitor.field("fold", split.fold, from_to(0, 1000),
                "The fold that is tested, from 1; 0: all of them, one after the other.");
  visitor.field("group", split.group, anything(),
                "The attribute whose values are the folds of `group_out`, in alphabetical order.");
  visitor.field("file", split.file, anything(),
                "List for method `file`, with the columns `path` and `split` (train, val, test, unused) or "
                "`path` and `fold`; `fer-data split` writes one.");
  visitor.field("each_source", split.each_source, anything(),
                "Divide each source by itself, so that its parts do not depend on the others; `auto` always "
                "does, `group_out`, `file` and `source` have no use for it.");
}

template <class Visitor>
void describe(Visitor& visitor, CacheConfig& cache) {
  visitor.field("keep", cache.keep, anything(),
                "Keep the crops on disk, so that the next run on the same images starts at once.");
  visitor.field("folder", cache.folder, anything(),
                "Where they lie; `auto`: `$XDG_CACHE_HOME/fer/crops` or `~/.cache/fer/crops`.");
  visitor.field("max_gb", cache.max_gb, above_up_to(0, 1e6),
                "Size of that folder above which the crops used longest ago go.");
  visitor.field(
      "shard_mb", cache.shard_mb, from_to(0, 1e6),
      "Crops that memory does not hold are read in stretches of this size, see docs/scaling.md; 0: singly.");
  visitor.field("mixed_shards", cache.mixed_shards, from_to(1, 100000),
                "Such stretches whose images are shuffled together; memory should hold twice as many.");
}

template <class Visitor>
void describe(Visitor& visitor, DataConfig& data) {
  visitor.field("sources", data.sources, anything(), "The data sets to train on; at least one.");
  visitor.field("classes", data.classes, anything(),
                "Class names in the order of the outputs; empty: angry, disgust, fear, happy, sad, surprise, "
                "neutral.");
  visitor.field("bins", data.bins, anything(),
                "Turns an attribute of numbers into ranges, each from one limit to below the next, as in "
                "`{age: [18, 30, 60]}`: `<18`, `18-30`, `30-60`, `60+`.");
  visitor.field("only", data.only, anything(),
                "Takes the samples with these values of an attribute alone, as in `{angle: [S], sex: [F]}`.");
  visitor.field("soft_labels", data.soft_labels, anything(),
                "Train on the share of votes of each class where a source has them, else on the label alone; "
                "what is evaluated is always the label.");
  visitor.field("split", data.split, anything(), "Training, validation and test.");
  visitor.field("allow_leakage", data.allow_leakage, anything(),
                "Train although parts share people or copies of images, and say so in every output; else "
                "that ends the run.");
  visitor.field("exclude_leaked", data.exclude_leaked, anything(),
                "Leave out training images of which validation or test have a copy, and validation images of "
                "which the test has one.");
  visitor.field(
      "drop_suspects", data.drop_suspects, anything(),
      "List of samples with doubtful labels that leave the training part, never validation or test; "
      "`fer-eval suspects` writes one. `none`: all stay.");
  visitor.field("drop_suspects_share", data.drop_suspects_share, above_up_to(0, 1),
                "How much of that list counts, the most suspicious first.");
  visitor.field("cache", data.cache, anything(), "The crops of the images, kept for the next run.");
  visitor.field(
      "on_bad_file", data.on_bad_file, one_of({"skip", "error"}),
      "What an undecodable image or an unknown file name does: it is listed and skipped, or ends the "
      "run.");
  visitor.field("workers", data.workers, from_to(-1, 1024), "Threads that read images; -1: one per core.");
}

template <class Visitor>
void describe(Visitor& visitor, FaceConfig& face) {
  visitor.field("detector", face.detector,
                one_of({"haar", "yunet", "mtcnn", "blazeface", "blazeface_back", "none"}),
                "Finds the face to crop; `none`: the whole image is the face. All but `haar` and `none` need "
                "model files: `fer-data fetch NAME`.");
  visitor.field("min_size", face.min_size, from_to(0, 1),
                "Smallest face, as a share of the image's shorter side.");
  visitor.field("min_score", face.min_score, from_to(0, 1),
                "Least score of a face; 0: the detector's own, see `fer-bench detectors --help`.");
  visitor.field("target", face.target, one_of({"largest", "center"}),
                "Which of several faces is the sample: the largest, or the one nearest to the middle.");
  visitor.field(
      "align", face.align, anything(),
      "Turn, shift and scale faces so that eyes, nose and mouth lie where all others have them; needs a "
      "detector with landmarks (not `haar` or `none`).");
  visitor.field("square", face.square, anything(),
                "Crop the square around the face; else its box, stretched to the input's square.");
  visitor.field(
      "margin", face.margin, from_to(0, 2),
      "Added on each side of the crop, as a share of its side; with `align`, 0 shows the whole face.");
  visitor.field("missing", face.missing, one_of({"skip", "use_image", "error"}),
                "What an image without a face does: it is left out, used whole, or ends the run.");
  visitor.field("grey", face.grey, anything(), "Turn crops grey (still three channels).");
}

template <class Visitor>
void describe(Visitor& visitor, InputConfig& input) {
  visitor.field("size", input.size, from_to(32, 1024), "Side of the crop the network sees, in pixels.");
  visitor.field(
      "normalisation", input.normalisation, one_of({"imagenet", "half"}),
      "What starting weights were trained with: ImageNet's mean and deviation, or 0.5 and 0.5 (timm's "
      "augreg Vision Transformers).");
}

template <class Visitor>
void describe(Visitor& visitor, ChangeConfig& change) {
  visitor.field("p", change.p, from_to(0, 1), "Probability; 0: never.");
  visitor.field("max", change.max, visitor.rule(), "Largest amount; each is drawn evenly up to it.");
}

template <class Visitor>
void describe(Visitor& visitor, AugmentConfig& augment) {
  visitor.field("flip", augment.flip, from_to(0, 1), "Probability of mirroring left and right.");
  visitor.field("shift", augment.shift, from_to(0, 0.5), "Shift along each axis, as a share of the side.");
  visitor.field("scale", augment.scale, from_to_below(0, 1), "Relative change of size.");
  visitor.field("rotate", augment.rotate, from_to(0, 180), "Rotation, in degrees.");
  visitor.field(
      "crop_jitter", augment.crop_jitter, from_to(0, 0.4),
      "Shift of each edge of the crop on its own, as a share of the side: a detector's inaccuracy.");
  visitor.field("perspective", augment.perspective, from_to(0, 0.4),
                "Shift of each corner on its own, as a share of the side.");
  visitor.field("brightness", augment.brightness, from_to(0, 1), "Relative change of brightness.");
  visitor.field("contrast", augment.contrast, from_to(0, 1), "Relative change of contrast.");
  visitor.field("colour", augment.colour, from_to(0, 1), "Relative change of saturation.");
  visitor.field("light", augment.light, from_to(0, 1),
                "Uneven lighting: relative change of brightness from one side to the other.");
  visitor.field("grey", augment.grey, from_to(0, 1), "Probability of taking the colour away.");
  visitor.field("blur", augment.blur, from_to(0, 10), "Gaussian blur, sigma in percent of the side.");
  visitor.field("noise", augment.noise, from_to(0, 128), "Gaussian noise, sigma in grey levels of 255.");
  visitor.field("low_resolution", augment.low_resolution, from_to(0, 0.95),
                "Share of the resolution lost by scaling down and up again.");
  visitor.field("jpeg", augment.jpeg, from_to(0, 99), "JPEG artefacts, as 100 minus the quality.");
  visitor.field("erase", augment.erase, from_to(0, 0.9), "A rectangle of noise, as a share of the area.");
}

template <class Visitor>
void describe(Visitor& visitor, ModelConfig& model) {
  visitor.field("backbone", model.backbone,
                one_of({"mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large", "efficientnet_b0",
                        "efficientnet_b1", "efficientnet_b2", "efficientnet_b3", "efficientnet_b4",
                        "efficientnet_lite0", "resnet18", "resnet50", "vit_tiny_patch16", "vit_small_patch16",
                        "vit_base_patch16"}),
                "The network below the classifier.");
  visitor.field(
      "weights", model.weights, anything(),
      "Where training starts: `imagenet`, `auto` (`imagenet` where found, else `none`), `none`, "
      "`fer` or `tiny` (a model in the box, whose head is replaced), or the path of a weight file.");
  visitor.field("dropout", model.dropout, from_to_below(0, 1),
                "Probability of dropping a feature before the head.");
  visitor.field("width", model.width, from_to(0.05, 10),
                "Factor of the numbers of channels; other than 1 for `mobilenet_v2` alone.");
  visitor.field(
      "stochastic_depth", model.stochastic_depth, from_to_below(0, 1),
      "Probability of leaving out the last block for an image, falling evenly to 0 at the first; for "
      "the EfficientNets.");
}

template <class Visitor>
void describe(Visitor& visitor, StageConfig& stage) {
  visitor.field(
      "trainable", stage.trainable, one_of({"head", "last_blocks", "all"}),
      "What learns: the new head, it and the last `blocks` of the backbone, or everything; what does "
      "not keeps its BatchNorm statistics, too.");
  visitor.field("blocks", stage.blocks, from_to(1, 1000), "How many blocks learn with `last_blocks`.");
  visitor.field("epochs", stage.epochs, from_to(0, 100000),
                "Length; 0, for the last stage only: what is left of `train.epochs`.");
  visitor.field("lr", stage.lr, above_up_to(0, 10), "Highest learning rate of the stage.");
  visitor.field("layer_decay", stage.layer_decay, above_up_to(0, 1),
                "Factor of the learning rate from each block to the one below it, the head's being 1.");
  visitor.field("views", stage.views, from_to(0, 10000),
                "Fixed augmented views per image, taken in turn; 0: a new one every epoch. With views, what "
                "does not learn is computed once (see `activation_cache_gb`).");
  visitor.field(
      "size", stage.size, from_to(0, 1024),
      "Pixels a side that the training's images are scaled down to; 0: `input.size`, at which validation "
      "always is.");
}

template <class Visitor>
void describe(Visitor& visitor, OptimizerConfig& optimizer) {
  visitor.field("name", optimizer.name, one_of({"adamw", "adam", "sgd"}), "The optimiser.");
  visitor.field("weight_decay", optimizer.weight_decay, from_to(0, 1),
                "Weight decay; norms and biases have none.");
  visitor.field("momentum", optimizer.momentum, from_to_below(0, 1), "Momentum of `sgd`.");
  visitor.field("nesterov", optimizer.nesterov, anything(), "Nesterov's momentum for `sgd`.");
  visitor.field("beta1", optimizer.beta1, from_to_below(0, 1), "First moment's decay of `adam` and `adamw`.");
  visitor.field("beta2", optimizer.beta2, from_to_below(0, 1),
                "Second moment's decay of `adam` and `adamw`.");
  visitor.field("clip_norm", optimizer.clip_norm, from_to(0, 1e6),
                "Largest norm of all gradients together; 0: as they are.");
  visitor.field("accumulate", optimizer.accumulate, from_to(1, 100000),
                "Batches whose gradients make a step.");
}

template <class Visitor>
void describe(Visitor& visitor, ScheduleConfig& schedule) {
  visitor.field(
      "name", schedule.name, one_of({"constant", "step", "cosine", "one_cycle", "plateau"}),
      "How the learning rate goes over each stage: as it is, times `factor` every `step_epochs`, down "
      "to `floor` along a cosine, up from a 25th for 30 % of the stage and down to `floor`, or times "
      "`factor` when the validation loss rests for `patience` epochs.");
  visitor.field("warmup", schedule.warmup, from_to(0, 100000),
                "Epochs over which the rate first rises from 0, in each stage.");
  visitor.field("floor", schedule.floor, from_to(0, 1), "Share of the rate that is left at the end.");
  visitor.field("step_epochs", schedule.step_epochs, from_to(1, 100000), "Length of a step of `step`.");
  visitor.field("factor", schedule.factor, above_up_to(0, 1), "Factor of `step` and `plateau`.");
  visitor.field("patience", schedule.patience, from_to(1, 100000), "Epochs `plateau` waits.");
}

template <class Visitor>
void describe(Visitor& visitor, LossConfig& loss) {
  visitor.field("name", loss.name, one_of({"cross_entropy", "focal"}), "The loss.");
  visitor.field("label_smoothing", loss.label_smoothing, from_to_below(0, 1),
                "Share of each label spread over all classes.");
  visitor.field("class_weights", loss.class_weights, one_of({"none", "balanced"}),
                "Weight of a sample by its class: 1, or inverse to the class's share of the training part.");
  visitor.field("gamma", loss.gamma, from_to(0, 10), "How much `focal` plays down what is already right.");
}

template <class Visitor>
void describe(Visitor& visitor, MixConfig& mix) {
  visitor.field("p", mix.p, from_to(0, 1), "Probability that a batch is mixed, where one of these is on.");
  visitor.field("mixup", mix.mixup, from_to(0, 10), "Alpha of mixup (blended pairs); 0: off.");
  visitor.field("cutmix", mix.cutmix, from_to(0, 10),
                "Alpha of cutmix (a rectangle from another image); 0: off. With both, each has every second "
                "mixed batch.");
}

template <class Visitor>
void describe(Visitor& visitor, DistillConfig& distill) {
  visitor.field(
      "teachers", distill.teachers, anything(),
      "Checkpoints whose answers to every training batch the network learns from, besides the labels; "
      "empty: none.");
  visitor.field("weight", distill.weight, above_up_to(0, 1),
                "Share of the loss that is about the teachers' answers.");
  visitor.field("temperature", distill.temperature, from_to(0.5, 20),
                "What teachers' and student's logits are divided by before they are compared.");
}

template <class Visitor>
void describe(Visitor& visitor, EarlyStoppingConfig& stopping) {
  visitor.field("monitor", stopping.monitor, a_figure(), "The figure that has to improve.");
  visitor.field(
      "patience", stopping.patience, from_to(0, 100000),
      "Epochs without improvement after which a stage ends, and with the last stage training; 0: never.");
}

template <class Visitor>
void describe(Visitor& visitor, TrainConfig& train) {
  visitor.field("epochs", train.epochs, from_to(1, 100000), "Epochs of all stages together.");
  visitor.field("batch_size", train.batch_size, from_to(1, 4096), "Images per batch.");
  visitor.field("stages", train.stages, anything(), "What learns when, one after the other; at least one.");
  visitor.field("optimizer", train.optimizer, anything(), "The optimiser and its settings.");
  visitor.field("schedule", train.schedule, anything(), "The learning rate over each stage.");
  visitor.field("loss", train.loss, anything(), "What training makes small.");
  visitor.field("mix", train.mix, anything(), "Mixing of images within a batch, with their labels.");
  visitor.field("distill", train.distill, anything(), "Learning from trained checkpoints, too.");
  visitor.field("balance", train.balance, anything(),
                "What an epoch goes through: empty, every image once; else as many, drawn so that each "
                "combination of these attributes' values comes equally often, as in `[label, source]`.");
  visitor.field("ema", train.ema, from_to_below(0, 1),
                "Decay per step of averaged weights, which are then the ones validated and kept; 0: none.");
  visitor.field(
      "precision", train.precision, one_of({"fp32", "bf16", "auto"}),
      "Arithmetic of the network: `bf16` is mixed precision; `auto` measures which is faster here.");
  visitor.field("device", train.device, anything(), "`auto`, `cpu`, `cuda` or `cuda:N`.");
  visitor.field("select", train.select, a_figure(), "The figure by which the best epoch is kept.");
  visitor.field("keep_best", train.keep_best, from_to(1, 1000),
                "How many of the best epochs are kept; from two on as `epoch-NNNN.safetensors`, too.");
  visitor.field(
      "calibration", train.calibration, one_of({"temperature", "vector", "none"}),
      "How a checkpoint's probabilities are corrected by the validation part: by one `temperature`, by "
      "a `vector` of scales and biases, one of each per class, which may change predictions, or not.");
  visitor.field("early_stopping", train.early_stopping, anything(), "When to stop before `epochs`.");
  visitor.field(
      "max_time", train.max_time, anything(),
      "Time for training, such as `2h`, `90m` or `1h30m`; the schedule is laid over the epochs that "
      "fit. `none`: as long as it takes.");
  visitor.field(
      "on_divergence", train.on_divergence, one_of({"stop", "rollback"}),
      "What a loss that is no longer finite does: it ends the run, or training goes back to what was "
      "last saved and on at half the learning rate, five times at most.");
  visitor.field("save_every", train.save_every, from_to(0, 86400),
                "Seconds between savings of all that `--resume` needs; 0: after every batch.");
  visitor.field(
      "activation_cache_gb", train.activation_cache_gb, from_to(0, 1e6),
      "Memory for the activations of what does not learn, in stages with `views` and without mixing; "
      "where it is too small they are computed anew every epoch, with the same result.");
  visitor.field(
      "repeats", train.repeats, from_to(1, 1000),
      "Runs with the seeds `seed`, `seed` + 1, … on the same split, reported as mean and deviation.");
  visitor.field("sync_batchnorm", train.sync_batchnorm, anything(),
                "With several processes: BatchNorm takes its statistics over the whole batch, as one process "
                "would; false: each over its own share, which is faster, and rank 0's are kept.");
  visitor.field("tensorboard", train.tensorboard, anything(), "Write event files for TensorBoard, too.");
}

template <class Visitor>
void describe(Visitor& visitor, Experiment& all) {
  visitor.field("experiment", all.experiment, anything(), "The run as a whole.");
  visitor.field("data", all.data, anything(), "What to train on, and how it is split.");
  visitor.field("face", all.face, anything(), "How the face is found and cropped; stored in the checkpoint.");
  visitor.field("input", all.input, anything(), "What the network sees; stored in the checkpoint.");
  visitor.field("augment", all.augment, anything(),
                "Random changes of training crops, in the order of their making.");
  visitor.field("model", all.model, anything(), "The network and where its weights come from.");
  visitor.field("train", all.train, anything(), "How it is trained.");
}

Experiment read_experiment(Tree tree) {
  include_layouts(tree, {});
  Experiment experiment;
  Reader::read(tree, "", experiment);
  check_whole(experiment, tree);
  return experiment;
}

LayoutConfig load_layout(const std::filesystem::path& file) {
  LayoutConfig layout;
  const Tree tree = read_document(find_layout(file, {}, ""));
  Reader::read(tree, "", layout);
  check_layout(layout, "", tree);
  return layout;
}

std::string dump_experiment(const Experiment& experiment) { return Writer::write(experiment); }

std::vector<Field> experiment_fields() {
  std::vector<Field> fields;
  const Experiment defaults;
  Lister::list("", defaults, fields);
  return fields;
}

}  // namespace fer
