#include "check.hpp"

#include <algorithm>
#include <cmath>

#include "check_layout.hpp"
#include "fer/config/split_method.hpp"
#include "fer/core/error.hpp"
#include "fer/core/labels.hpp"
#include "fer/core/text.hpp"

namespace fer {
namespace {

Error wrong(const Tree& tree, const std::string& key, const std::string& what) {
  return usage_error("{}{}: {}", place_of(tree, key), key, one_line(what));
}

void check_run(const RunConfig& run, const Tree& tree) {
  if (run.name.find('/') == std::string::npos && run.name != "." && run.name != "..") return;
  throw wrong(tree, "experiment.name", fmt::format("expected the name of a folder, got '{}'", run.name));
}

void check_source_names(const std::vector<SourceConfig>& sources, const Tree& tree) {
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const std::string& name = sources[i].name;
    if (name == "auto") continue;
    const std::string key = fmt::format("data.sources.{}.name", i);
    if (name.find('/') != std::string::npos || name == "." || name == "..")
      throw wrong(tree, key, fmt::format("expected a name that can be a folder's, got '{}'", name));
    if (std::ranges::count(sources, name, &SourceConfig::name) > 1)
      throw wrong(tree, key, fmt::format("'{}' is the name of another source, too", name));
  }
}

void check_sources(const std::vector<SourceConfig>& sources, const Tree& tree) {
  if (sources.empty()) {
    throw wrong(tree, "data.sources", "expected at least one source, as in [{kind: kdef, root: /data/KDEF}]");
  }
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (!sources[i].root.empty()) continue;
    throw wrong(tree, fmt::format("data.sources.{}.root", i),
                "missing: the folder or list file of this source");
  }
  check_source_names(sources, tree);
}

void check_layouts(const std::vector<SourceConfig>& sources, const Tree& tree) {
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const SourceConfig& source = sources[i];
    const std::string key = fmt::format("data.sources.{}", i);
    if (!source.layout && source.kind == "layout")
      throw wrong(tree, key + ".layout", "missing: a layout or the file that holds one");
    if (!source.layout) continue;
    if (source.kind != "layout")
      throw wrong(tree, key + ".kind", fmt::format("expected layout beside a layout, got '{}'", source.kind));
    check_layout(*source.layout, key + ".layout", tree);
  }
}

void check_folds(const SplitConfig& split, const Tree& tree) {
  if (split.test > 0) {
    throw wrong(tree, "data.split.test",
                fmt::format("expected 0 with method {}, whose test part is the fold, got {}", split.method,
                            split.test));
  }
  if (split.method == "group_out") {
    if (split.group == "none")
      throw wrong(tree, "data.split.group", "expected an attribute, as in ethnicity");
    return;
  }
  if (split.fold > split.folds) {
    throw wrong(
        tree, "data.split.fold",
        fmt::format("expected a number up to data.split.folds = {}, got {}", split.folds, split.fold));
  }
}

void check_split(const SplitConfig& split, const Tree& tree) {
  if (split.method == "source") return;
  if (split.method == "file") {
    if (split.file == "none") throw wrong(tree, "data.split.file", "expected a file with method file");
    return;
  }
  if (has_folds(split)) check_folds(split, tree);
  if (split.val + split.test >= 1) {
    throw wrong(tree, "data.split",
                fmt::format("val {} and test {} leave nothing to train on: expected a sum below 1", split.val,
                            split.test));
  }
  if (split.val == 0) {
    throw wrong(tree, "data.split.val",
                fmt::format("expected a number above 0 with method {}, got 0", split.method));
  }
}

void check_shards(const Experiment& experiment, const Tree& tree) {
  if (experiment.data.cache.shard_mb == 0) return;
  const std::vector<SourceConfig>& sources = experiment.data.sources;
  const bool weighted = std::ranges::any_of(
      sources, [&](const SourceConfig& source) { return source.weight != sources.front().weight; });
  if (!weighted && experiment.train.balance.empty()) return;
  throw wrong(tree, "data.cache.shard_mb",
              fmt::format("expected 0 beside {}, whose images are drawn from everywhere",
                          weighted ? "different weights of sources" : "train.balance"));
}

void check_only(const std::map<std::string, std::vector<std::string>>& only, const Tree& tree) {
  for (const auto& [attribute, values] : only) {
    if (values.empty()) throw wrong(tree, "data.only." + attribute, "expected at least one value");
  }
}

void check_bins(const std::map<std::string, std::vector<std::string>>& bins, const Tree& tree) {
  for (const auto& [attribute, limits] : bins) {
    std::vector<double> numbers;
    for (const std::string& limit : limits) {
      const auto number = parse_number(limit);
      if (!number || !std::isfinite(*number) || (!numbers.empty() && *number <= numbers.back())) {
        throw wrong(tree, "data.bins." + attribute,
                    fmt::format("expected ascending numbers, got '{}'", join(limits, ", ")));
      }
      numbers.push_back(*number);
    }
    if (numbers.empty()) throw wrong(tree, "data.bins." + attribute, "expected at least one number");
  }
}

void check_classes(const DataConfig& data, const Tree& tree) {
  std::string key = "data.classes";
  try {
    const ClassList classes = data.classes.empty() ? ClassList() : ClassList(data.classes);
    for (std::size_t i = 0; i < data.sources.size(); ++i) {
      key = fmt::format("data.sources.{}.map", i);
      const LabelMap labels(classes, data.sources[i].map);
    }
  } catch (const Error& error) {
    throw wrong(tree, key, error.what());
  }
}

void check_face(const FaceConfig& face, const Tree& tree) {
  if (!face.align || (face.detector != "haar" && face.detector != "none")) return;
  throw wrong(
      tree, "face.align",
      fmt::format("the detector {} gives no landmarks to align by, others do: yunet, mtcnn, blazeface",
                  face.detector));
}

void check_stage_size(const Experiment& experiment, std::size_t i, const Tree& tree) {
  const StageConfig& stage = experiment.train.stages[i];
  const std::string key = fmt::format("train.stages.{}.size", i);
  if (stage.size > experiment.input.size) {
    throw wrong(tree, key,
                fmt::format("expected input.size = {} at most, got {}", experiment.input.size, stage.size));
  }
  if (stage.size > 0 && stage.views > 0)
    throw wrong(tree, key, "expected 0 beside views: activations are of whole images");
}

void check_distill(const TrainConfig& train, const Tree& tree) {
  if (train.distill.teachers.empty()) return;
  for (std::size_t i = 0; i < train.stages.size(); ++i) {
    if (train.stages[i].views == 0) continue;
    throw wrong(tree, fmt::format("train.stages.{}.views", i),
                "expected 0 with train.distill: teachers look at images, not at activations");
  }
}

void check_stages(const Experiment& experiment, const Tree& tree) {
  const TrainConfig& train = experiment.train;
  if (train.stages.empty()) throw wrong(tree, "train.stages", "expected at least one stage");
  long long sum = 0;
  for (std::size_t i = 0; i < train.stages.size(); ++i) {
    sum += train.stages[i].epochs;
    check_stage_size(experiment, i, tree);
    if (train.stages[i].epochs > 0 || i + 1 == train.stages.size()) continue;
    throw wrong(tree, fmt::format("train.stages.{}.epochs", i),
                "expected a whole number above 0: only the last stage may take what is left");
  }
  const bool open = train.stages.back().epochs == 0;
  if (sum > train.epochs) {
    throw wrong(tree, "train.stages",
                fmt::format("the stages take {} epochs, more than train.epochs = {}", sum, train.epochs));
  }
  if (open && sum == train.epochs) {
    throw wrong(tree, "train.stages",
                fmt::format("the stages before the last take all of train.epochs = {}", train.epochs));
  }
  if (!open && sum < train.epochs) {
    throw wrong(
        tree, "train.stages",
        fmt::format("the stages take {} epochs, less than train.epochs = {}; epochs: 0 in the last takes "
                    "what is left",
                    sum, train.epochs));
  }
}

void check_device(const std::string& device, const Tree& tree) {
  if (device == "auto" || device == "cpu" || device == "cuda") return;
  if (device.starts_with("cuda:") && parse_integer(device.substr(5)).value_or(-1) >= 0) return;
  throw wrong(tree, "train.device", fmt::format("expected auto, cpu, cuda or cuda:N, got '{}'", device));
}

void check_max_time(const std::string& text, const Tree& tree) {
  if (text == "none" || parse_duration(text).value_or(0) > 0) return;
  throw wrong(tree, "train.max_time",
              fmt::format("expected none or a time such as 2h, 90m or 1h30m, got '{}'", text));
}

}  // namespace

void check_whole(const Experiment& experiment, const Tree& tree) {
  check_run(experiment.experiment, tree);
  check_sources(experiment.data.sources, tree);
  check_layouts(experiment.data.sources, tree);
  check_bins(experiment.data.bins, tree);
  check_only(experiment.data.only, tree);
  check_split(experiment.data.split, tree);
  check_classes(experiment.data, tree);
  check_face(experiment.face, tree);
  check_stages(experiment, tree);
  check_shards(experiment, tree);
  check_distill(experiment.train, tree);
  check_device(experiment.train.device, tree);
  check_max_time(experiment.train.max_time, tree);
}

}  // namespace fer
