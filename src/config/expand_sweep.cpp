#include <algorithm>
#include <map>

#include "documents.hpp"
#include "fer/config/load.hpp"
#include "fer/config/split_method.hpp"
#include "fer/config/sweep.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"
#include "sweep_names.hpp"

namespace fer {
namespace {

constexpr std::size_t kMostRuns = 10000;

/// What is one training: neither all folds nor several seeds.
void refuse_series(const Experiment& experiment, const Sweep& sweep) {
  const SplitConfig& split = experiment.data.split;
  if (experiment.train.repeats > 1)
    throw usage_error("train.repeats: expected 1 in a sweep, got {}; {} may have 'seeds: {}'",
                      experiment.train.repeats, sweep.file, experiment.train.repeats);
  if (sweep.folds == 0 && has_folds(split) && split.fold == 0)
    throw usage_error(
        "data.split.fold: 0 stands for all folds; {} may have '{}'", sweep.file,
        is_by_group(split) ? "vary: {data.split.fold: [1, 2, …]}" : fmt::format("folds: {}", split.folds));
}

/// Makes runs, one after the other.
class Expansion {
 public:
  Expansion(const Sweep& sweep, Tree base) : sweep_(sweep), base_(std::move(base)) {
    labels_ = value_labels(sweep.vary);
    refuse_too_many();
  }

  std::vector<SweepRun> make() {
    const SweepRun first;
    add_variants(0, base_, first);
    settle_names(runs_);
    for (SweepRun& run : runs_) finish(run);
    return std::move(runs_);
  }

 private:
  void refuse_too_many() const {
    std::vector<std::size_t> factors = {
        static_cast<std::size_t>(std::max(1, sweep_.folds)),
        sweep_.seeds.empty() ? static_cast<std::size_t>(sweep_.seed_count) : sweep_.seeds.size()};
    for (const SweepKey& key : sweep_.vary) factors.push_back(key.values.size());
    std::size_t count = 1;
    for (const std::size_t factor : factors) {
      count *= factor;
      if (count > kMostRuns) throw usage_error("{}: makes more than {} runs", sweep_.file, kMostRuns);
    }
  }

  /// All combinations of the values from this key on.
  void add_variants(std::size_t at, const Tree& tree, const SweepRun& run) {
    if (at == sweep_.vary.size()) return add_seeds(tree, run);
    const SweepKey& key = sweep_.vary[at];
    for (std::size_t i = 0; i < key.values.size(); ++i) {
      Tree varied = tree;
      apply_value(varied, key.key, key.values[i], key.place);
      SweepRun with = run;
      with.values.push_back(key.values[i]);
      if (key.values.size() > 1) add_part(with.variant, labels_[at][i]);
      add_variants(at + 1, varied, with);
    }
  }

  std::vector<std::uint64_t> seeds_from(std::uint64_t first) const {
    std::vector<std::uint64_t> seeds = sweep_.seeds;
    if (!seeds.empty()) return seeds;
    for (int i = 0; i < sweep_.seed_count; ++i) seeds.push_back(first + static_cast<std::uint64_t>(i));
    return seeds;
  }

  void add_seeds(const Tree& tree, SweepRun run) {
    run.experiment = read_experiment(tree);
    refuse_series(run.experiment, sweep_);
    run.name = run.variant;
    const std::vector<std::uint64_t> seeds = seeds_from(run.experiment.experiment.seed);
    for (const std::uint64_t seed : seeds) add_seed(tree, run, seed, seeds.size() > 1);
  }

  void add_seed(const Tree& tree, SweepRun run, std::uint64_t seed, bool named) {
    run.seed = seed;
    run.experiment.experiment.seed = seed;
    if (named) add_part(run.name, fmt::format("seed{}", seed));
    if (sweep_.folds == 0) return add(std::move(run));
    for (int fold = 1; fold <= sweep_.folds; ++fold) {
      SweepRun with = run;
      with.fold = fold;
      with.experiment = fold_of(tree, run.experiment, fold);
      with.experiment.experiment.seed = seed;
      add_part(with.name, fmt::format("fold{:0{}}", fold, std::to_string(sweep_.folds).size()));
      add(std::move(with));
    }
  }

  /// As `fer-train --folds N --fold K` makes it.
  Experiment fold_of(Tree tree, const Experiment& whole, int fold) const {
    const SplitConfig& split = whole.data.split;
    const std::string place = sweep_.file + ": folds";
    if (is_by_group(split))
      throw usage_error(
          "{}: with data.split.method group_out there are as many as values of {}; "
          "leave it out and vary data.split.fold",
          place, split.group);
    if (!has_folds(split)) {
      apply_value(tree, "data.split.method", "kfold", place);
      apply_value(tree, "data.split.test", "0", place);
    }
    apply_value(tree, "data.split.folds", std::to_string(sweep_.folds), place);
    apply_value(tree, "data.split.fold", std::to_string(fold), place);
    return read_experiment(std::move(tree));
  }

  void add(SweepRun run) {
    run.number = static_cast<int>(runs_.size()) + 1;
    if (run.name.empty()) run.name = "run";
    if (run.variant.empty()) run.variant = "base";
    const auto [same, is_new] = by_content_.emplace(sha256(dump_experiment(run.experiment)), run.name);
    if (!is_new)
      throw usage_error("{}: the runs {} and {} would be the same experiment", sweep_.file, same->second,
                        run.name);
    runs_.push_back(std::move(run));
  }

  void finish(SweepRun& run) const {
    RunConfig& config = run.experiment.experiment;
    config.name = run.name;
    config.output = (std::filesystem::path(config.output) / sweep_.name).string();
  }

  static void add_part(std::string& name, const std::string& part) {
    if (!name.empty()) name += '-';
    name += part;
  }

  const Sweep& sweep_;
  Tree base_;
  std::vector<std::vector<std::string>> labels_;
  std::vector<SweepRun> runs_;
  std::map<std::string, std::string> by_content_;  ///< name by hash of the experiment
};

/// Of two values that are there.
std::string difference(const Tree& was, const Tree& is, const std::string& key) {
  const bool maps = was.kind == Tree::Kind::map && is.kind == Tree::Kind::map;
  const bool lists =
      was.kind == Tree::Kind::list && is.kind == Tree::Kind::list && was.items.size() == is.items.size();
  if (!maps && !lists) {
    const std::string before = flow_text(was), now = flow_text(is);
    return before == now ? "" : fmt::format("{} is {} and was {}", key, now, before);
  }
  for (std::size_t i = 0; i < is.items.size(); ++i) {
    const Tree& item = is.items[i];
    const std::string full = dotted(key, maps ? item.name : std::to_string(i));
    const Tree* before = maps ? entry_of(was, item.name) : &was.items[i];
    if (before == nullptr) return fmt::format("{} is {} and was not there", full, flow_text(item));
    if (std::string found = difference(*before, item, full); !found.empty()) return found;
  }
  for (const Tree& item : was.items)
    if (maps && entry_of(is, item.name) == nullptr)
      return fmt::format("{} was {} and is not there", dotted(key, item.name), flow_text(item));
  return "";
}

}  // namespace

std::vector<SweepRun> expand_sweep(const Sweep& sweep, std::span<const std::filesystem::path> files,
                                   std::span<const std::string> overrides) {
  return Expansion(sweep, merge_documents(files, overrides)).make();
}

std::string first_difference(const Experiment& was, const Experiment& is) {
  return difference(parse_document(dump_experiment(was), ""), parse_document(dump_experiment(is), ""), "");
}

}  // namespace fer
