#include "manual_texts.hpp"

#include <algorithm>

#include "fer/core/error.hpp"

namespace fer {
namespace {

ManualTexts train_texts() {
  return {
      .program = "fer-train",
      .description = {"The experiment is YAML: the data and their split, the face detector, the network and "
                      "how it learns. Every key has a default; --dump-config prints the whole of it. A key "
                      "that does not exist is an error that names the line and the nearest key.",
                      "A signal ends the batch in progress and saves; --resume goes on from there."},
      .files = {{"runs/NAME/",
                 "The run: best.safetensors (the checkpoint fer-infer reads), report.html, "
                 "metrics.json, predictions.csv, config.yaml, manifest.json and more."},
                {"~/.cache/fer/crops/", "Faces cut out of the images, once for each data set."}},
      .examples = {
          {"fer-train -c kdef.yaml", "Train as the file says."},
          {"fer-train -c kdef.yaml --set train.epochs=10 --name short", "The same with two changes."},
          {"fer-train --resume runs/short", "Go on with a run that was stopped."},
          {"fer-train -c kdef.yaml --folds 10", "Cross-validation by subject."}}};
}

ManualTexts infer_texts() {
  return {.program = "fer-infer",
          .description =
              {"Reads videos or folders of pictures, finds and follows the faces in them, and writes a "
               "row for each sampled frame, with the container's own time, and a summary of each "
               "video. A frame without a face is a row without a label.",
               "The table on standard output has a line for each video: how many frames were looked "
               "at, the dominant emotion with its share and mean confidence, and the distribution."},
          .files = {{"results/VIDEO/",
                     "frames.csv, summary.json, events.csv, events.eaf, events.TextGrid, "
                     "timeline.svg, report.html and, with --annotate, annotated.mp4."},
                    {"results/summary.csv", "A row for each video and face."},
                    {"~/.cache/fer/models/", "Detectors' files, as 'fer-data fetch' puts them there."}},
          .examples = {{"fer-infer talk.mp4", "Read a video with the model in the box."},
                       {"fer-infer interviews/ -m runs/kdef --annotate --resume",
                        "All videos of a folder with a run's checkpoint; leave out what is finished."},
                       {"fer-infer 'clips/*.mp4' --sample-fps all --smoothing hmm", "Look at every frame."}}};
}

ManualTexts eval_texts() {
  return {
      .program = "fer-eval",
      .description =
          {"Evaluates a checkpoint on labelled images, a run on its own test part, compares models "
           "on the same images, and videos' results with what people coded. Every figure has a "
           "95 % interval, resampled by subject where subjects are known."},
      .files = {{"evaluations/NAME/",
                 "report.html, metrics.json, predictions.csv, confusion_matrix.svg and "
                 "more."}},
      .examples = {{"fer-eval runs/kdef", "A run's own test part once more."},
                   {"fer-eval best.safetensors other/data --map contempt=-", "A checkpoint on other data."},
                   {"fer-eval compare runs/a runs/b", "Which is better, and is it chance?"}}};
}

ManualTexts data_texts() {
  return {
      .program = "fer-data",
      .description = {"Looks over a data set before anything is trained on it, writes the split of an "
                      "experiment as a list to pass on, draws faces and a labelled video to try things out "
                      "with, and fetches the models of face detectors and starting weights.",
                      "'fetch' is the only command of all programs that asks the internet for anything."},
      .files = {{"~/.cache/fer/models/", "What 'fetch' brings, unless --models-dir names another folder."}},
      .examples = {{"fer-data check my/images -o check", "What is in a folder, and what is wrong with it."},
                   {"fer-data fetch yunet mobilenet_v2", "A face detector and starting weights."},
                   {"fer-data synth -o faces --video person.mp4", "Draw a data set and a video."}}};
}

ManualTexts bench_texts() {
  return {
      .program = "fer-bench",
      .description = {"Compares face detectors on your own recordings, measures backbones, and reports what "
                      "this machine can do."},
      .files = {},
      .examples = {{"fer-bench detectors my/images talk.mp4 --pictures look", "Which detector suits them?"},
                   {"fer-bench model --all", "What each backbone costs here."}}};
}

ManualTexts export_texts() {
  return {
      .program = "fer-export",
      .description = {"Writes ONNX for other runtimes, .pth for Python, or a checkpoint whose weights are "
                      "bytes. The file is read back and compared before it appears."},
      .files = {},
      .examples = {{"fer-export runs/kdef -o kdef.onnx --images --probabilities",
                    "RGB bytes in, calibrated probabilities out."},
                   {"fer-export runs/kdef --to int8 -o kdef-int8.safetensors", "A quarter of the size."}}};
}

}  // namespace

std::span<const ManualTexts> manual_texts() {
  static const std::vector<ManualTexts> all = {train_texts(), infer_texts(), eval_texts(),
                                               data_texts(),  bench_texts(), export_texts()};
  return all;
}

const ManualTexts& manual_texts(std::string_view program) {
  const auto all = manual_texts();
  const auto found = std::ranges::find(all, program, &ManualTexts::program);
  if (found == all.end()) throw failure("there is no manual of {}", program);
  return *found;
}

std::span<const ManualEntry> exit_statuses() {
  static const std::vector<ManualEntry> statuses = {
      {"0", "done"},
      {"1", "failed while running"},
      {"2", "wrong option or configuration"},
      {"3", "data or model missing or damaged"},
      {"4", "finished, but some inputs failed"},
      {"130, 143", "stopped by a signal (SIGINT, SIGTERM) after saving"},
  };
  return statuses;
}

std::span<const ManualEntry> environment_variables() {
  static const std::vector<ManualEntry> variables = {
      {"FER_MODELS", "A folder looked through for models before the usual places."},
      {"XDG_CACHE_HOME", "Where caches lie, instead of ~/.cache."},
      {"NO_COLOR", "Set to anything, progress is shown without colours."},
  };
  return variables;
}

}  // namespace fer
