#include "fer/config/experiment.hpp"

#include "check.hpp"
#include "fer/config/load.hpp"
#include "fer/core/files.hpp"
#include "visitors.hpp"

namespace fer {

// The descriptions: everything about a key but its name in C++ and its default is said here, once.

template <class Visitor>
void describe(Visitor& visitor, RunConfig& run) {
  visitor.field("name", run.name, anything(), "Name of the run and of its folder under `output`.");
  visitor.field("seed", run.seed, anything(),
                "Seed of every random choice, 0 to 2^64 - 1: split, order, augmentation, new weights.");
  visitor.field("output", run.output, anything(), "Folder that gets a folder per run.");
}

template <class Visitor>
void describe(Visitor& visitor, SourceConfig& source) {
  visitor.field("kind", source.kind, one_of({"kdef", "folder", "csv", "fer2013_csv"}),
                "Layout: KDEF's file names, a folder per class, a `path,label` list, or `fer2013.csv`.");
  visitor.field("root", source.root, anything(), "The folder (`kdef`, `folder`) or the list file. Required.");
}

template <class Visitor>
void describe(Visitor& visitor, SplitConfig& split) {
  visitor.field(
      "method", split.method, one_of({"subject", "random", "source"}),
      "How samples part: by `subject` (nobody stands on two sides), at `random` (optimistic: the same "
      "faces on both sides), or as the `source` says.");
  visitor.field("val", split.val, from_to_below(0, 1),
                "Share for validation, of the subjects (`subject`) or samples (`random`).");
  visitor.field("test", split.test, from_to_below(0, 1), "Share kept aside for the final test.");
}

template <class Visitor>
void describe(Visitor& visitor, DataConfig& data) {
  visitor.field("sources", data.sources, anything(), "The data sets to train on; at least one.");
  visitor.field("classes", data.classes, anything(),
                "Class names in the order of the outputs; empty: angry, disgust, fear, happy, sad, surprise, "
                "neutral.");
  visitor.field("split", data.split, anything(), "Training, validation and test.");
  visitor.field(
      "on_bad_file", data.on_bad_file, one_of({"skip", "error"}),
      "What an undecodable image or an unknown file name does: it is listed and skipped, or ends the "
      "run.");
  visitor.field("workers", data.workers, from_to(-1, 1024), "Threads that read images; -1: one per core.");
}

template <class Visitor>
void describe(Visitor& visitor, FaceConfig& face) {
  visitor.field("detector", face.detector, one_of({"haar", "none"}),
                "Finds the face to crop; `none`: the whole image is the face.");
  visitor.field("margin", face.margin, from_to(0, 2),
                "Added on each side of the square around the face, as a share of its side.");
  visitor.field("min_size", face.min_size, from_to(0, 1),
                "Smallest face, as a share of the image's shorter side.");
  visitor.field("missing", face.missing, one_of({"skip", "use_image", "error"}),
                "What an image without a face does: it is left out, used whole, or ends the run.");
  visitor.field("grey", face.grey, anything(), "Turn crops grey (still three channels).");
}

template <class Visitor>
void describe(Visitor& visitor, InputConfig& input) {
  visitor.field("size", input.size, from_to(32, 1024), "Side of the crop the network sees, in pixels.");
}

template <class Visitor>
void describe(Visitor& visitor, AugmentConfig& augment) {
  visitor.field("flip", augment.flip, from_to(0, 1), "Probability of mirroring left and right.");
  visitor.field("shift", augment.shift, from_to(0, 0.5),
                "Largest shift along each axis, as a share of the side.");
  visitor.field("scale", augment.scale, from_to_below(0, 1), "Largest relative change of size.");
  visitor.field("rotate", augment.rotate, from_to(0, 180), "Largest angle, in degrees.");
  visitor.field("brightness", augment.brightness, from_to(0, 1), "Largest relative change of brightness.");
  visitor.field("contrast", augment.contrast, from_to(0, 1), "Largest relative change of contrast.");
  visitor.field("colour", augment.colour, from_to(0, 1), "Largest relative change of saturation.");
  visitor.field("blur", augment.blur, from_to(0, 1), "Probability of a blur.");
  visitor.field("noise", augment.noise, from_to(0, 1), "Probability of noise.");
  visitor.field("erase", augment.erase, from_to(0, 1), "Probability of covering a rectangle with noise.");
}

template <class Visitor>
void describe(Visitor& visitor, ModelConfig& model) {
  visitor.field("backbone", model.backbone, one_of({"mobilenet_v2"}), "The network below the classifier.");
  visitor.field("weights", model.weights, anything(),
                "Where training starts: `imagenet`, `auto` (`imagenet` where found, else `none`), `none`, or "
                "the path of a weight file.");
  visitor.field("dropout", model.dropout, from_to_below(0, 1),
                "Probability of dropping a feature before the head.");
}

template <class Visitor>
void describe(Visitor& visitor, StageConfig& stage) {
  visitor.field("trainable", stage.trainable, one_of({"head", "all"}),
                "What learns: the new head, or everything.");
  visitor.field("epochs", stage.epochs, from_to(0, 100000),
                "Length; 0, for the last stage only: what is left of `train.epochs`.");
  visitor.field("lr", stage.lr, above_up_to(0, 10), "Learning rate at the start of the stage.");
}

template <class Visitor>
void describe(Visitor& visitor, OptimizerConfig& optimizer) {
  visitor.field("name", optimizer.name, one_of({"adamw", "sgd"}), "The optimiser.");
  visitor.field("weight_decay", optimizer.weight_decay, from_to(0, 1), "Weight decay.");
  visitor.field("momentum", optimizer.momentum, from_to_below(0, 1), "Momentum of `sgd`.");
}

template <class Visitor>
void describe(Visitor& visitor, EarlyStoppingConfig& stopping) {
  visitor.field("monitor", stopping.monitor, one_of({"val_loss", "val_accuracy", "val_macro_f1"}),
                "The figure that has to improve.");
  visitor.field("patience", stopping.patience, from_to(0, 100000),
                "Epochs without improvement after which training stops; 0: never.");
}

template <class Visitor>
void describe(Visitor& visitor, TrainConfig& train) {
  visitor.field("epochs", train.epochs, from_to(1, 100000), "Epochs of all stages together.");
  visitor.field("batch_size", train.batch_size, from_to(1, 4096), "Images per step.");
  visitor.field("stages", train.stages, anything(), "What learns when, one after the other; at least one.");
  visitor.field("optimizer", train.optimizer, anything(), "The optimiser and its settings.");
  visitor.field(
      "schedule", train.schedule, one_of({"constant", "cosine"}),
      "How the learning rate goes over each stage: as it is, or down to a hundredth along a cosine.");
  visitor.field("label_smoothing", train.label_smoothing, from_to_below(0, 1),
                "Share of each label spread over all classes.");
  visitor.field("select", train.select, one_of({"val_loss", "val_accuracy", "val_macro_f1"}),
                "The figure by which the best epoch is kept.");
  visitor.field("early_stopping", train.early_stopping, anything(), "When to stop before `epochs`.");
  visitor.field("device", train.device, anything(), "`auto`, `cpu`, `cuda` or `cuda:N`.");
}

template <class Visitor>
void describe(Visitor& visitor, Experiment& all) {
  visitor.field("experiment", all.experiment, anything(), "The run as a whole.");
  visitor.field("data", all.data, anything(), "What to train on, and how it is split.");
  visitor.field("face", all.face, anything(), "How the face is found and cropped; stored in the checkpoint.");
  visitor.field("input", all.input, anything(), "What the network sees; stored in the checkpoint.");
  visitor.field("augment", all.augment, anything(), "Random changes of training crops; 0 turns one off.");
  visitor.field("model", all.model, anything(), "The network and where its weights come from.");
  visitor.field("train", all.train, anything(), "How it is trained.");
}

namespace {

Tree read_document(const std::filesystem::path& path) {
  std::string text;
  try {
    text = read_file(path);
  } catch (const Error& error) {
    throw usage_error("{}", error.what());
  }
  return parse_document(text, path.string());
}

}  // namespace

Experiment load_experiment(std::span<const std::filesystem::path> files,
                           std::span<const std::string> overrides) {
  Experiment experiment;
  Tree tree = parse_document(dump_experiment(experiment), "");
  for (const auto& path : files) merge(tree, read_document(path));
  for (const std::string& assignment : overrides) apply_override(tree, assignment);
  Reader::read(tree, "", experiment);
  check_whole(experiment, tree);
  return experiment;
}

std::string dump_experiment(const Experiment& experiment) { return Writer::write(experiment); }

std::vector<Field> experiment_fields() {
  std::vector<Field> fields;
  const Experiment defaults;
  Lister::list("", defaults, fields);
  return fields;
}

}  // namespace fer
