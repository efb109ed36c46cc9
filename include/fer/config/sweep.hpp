#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "fer/config/experiment.hpp"

namespace fer {

/// A key of the experiment and the values it takes in turn.
struct SweepKey {
  std::string key;                  ///< dotted: "train.stages.0.lr"
  std::vector<std::string> values;  ///< each as YAML on one line; all different
  std::string place = {};           ///< "sweep.yaml:7", for errors
};

/// What varies from run to run, as a sweep file says it:
///
///     name: backbones                   # else the file's name
///     folds: 10                         # a run for each fold of a cross-validation
///     seeds: 3                          # so many from experiment.seed on; or a list, [1, 2, 7]
///     vary:
///       model.backbone: [mobilenet_v2, resnet18]
///       train.stages: [[{lr: 1e-3}], [{trainable: head, epochs: 5}, {lr: 1e-4}]]
struct Sweep {
  std::string name;
  int folds = 0;                          ///< 0: the split is the experiment's
  int seed_count = 1;                     ///< from experiment.seed on
  std::vector<std::uint64_t> seeds = {};  ///< empty: so many as seed_count
  std::vector<SweepKey> vary = {};        ///< in the order of the file
  std::string file = {};                  ///< for errors
};

/// Throws a usage error `FILE:LINE: KEY: …` as load_experiment() does, and for a name that can be no
/// folder's, values that stand there twice, and keys that a sweep sets itself (experiment.seed, …).
Sweep load_sweep(const std::filesystem::path& file);

/// One training of a sweep.
struct SweepRun {
  int number = 0;                        ///< from 1
  std::string name = {};                 ///< what varies: "mobilenet_v2-lr0.001-seed42-fold03"; all different
  std::string variant = {};              ///< the same without seed and fold; "base" where nothing else varies
  std::vector<std::string> values = {};  ///< of the sweep's keys, in their order
  std::uint64_t seed = 0;
  int fold = 0;  ///< 0: the sweep has none
  Experiment experiment;
};

/// All combinations over the experiment that files and overrides make, the first key changing slowest, then
/// the seed, then the fold. Of a run the experiment's name is the run's and its output the sweep's folder,
/// `<experiment.output>/<sweep's name>`. Each is loaded and checked, so that whatever is wrong with the last
/// one shows before the first begins: throws a usage error with the sweep's line, and for runs that would be
/// the same, folds of a split by group, and experiments that are several runs themselves.
std::vector<SweepRun> expand_sweep(const Sweep& sweep, std::span<const std::filesystem::path> files,
                                   std::span<const std::string> overrides);

/// The first key in which two experiments differ, as in "train.epochs is 3 and was 2"; empty where none does.
std::string first_difference(const Experiment& was, const Experiment& is);

}  // namespace fer
