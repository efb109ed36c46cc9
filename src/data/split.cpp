#include "fer/data/split.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "fer/core/random.hpp"
#include "fer/core/text.hpp"
#include "fer/data/attributes.hpp"
#include "folds.hpp"
#include "people.hpp"
#include "split_file.hpp"

namespace fer {
namespace {

/// How many of each stratum go to a part, so that the whole comes as close to the share as rounding allows:
/// each stratum gives what the running total still lacks, as far as it has `free` members left.
class ShareOut {
 public:
  explicit ShareOut(double share) : share_(share) {}
  std::size_t next(std::size_t stratum, std::size_t free) {
    seen_ += stratum;
    const auto due = static_cast<std::size_t>(std::llround(share_ * static_cast<double>(seen_)));
    const std::size_t now = std::min(free, due - given_);
    given_ += now;
    return now;
  }

 private:
  double share_;
  std::size_t seen_ = 0;
  std::size_t given_ = 0;
};

using Strata = std::map<std::string, std::vector<std::size_t>>;

/// A part for every item; `strata` hold the item numbers drawn among each other.
std::vector<Part> draw(Strata strata, std::size_t items, const SplitOptions& options) {
  std::vector<Part> parts(items, Part::train);
  Rng rng(options.seed);
  ShareOut val(options.val);
  ShareOut test(options.test);
  for (auto& stratum : strata) {
    std::vector<std::size_t>& members = stratum.second;
    rng.shuffle(std::span(members));
    const std::size_t val_count = val.next(members.size(), members.size());
    const std::size_t test_count = test.next(members.size(), members.size() - val_count);
    for (std::size_t i = 0; i < val_count + test_count; ++i) {
      parts[members[i]] = i < val_count ? Part::val : Part::test;
    }
  }
  return parts;
}

/// Gives each sample of `pool` a part, by subject.
void draw_subjects(const Dataset& dataset, std::span<const std::size_t> pool, const SplitOptions& options,
                   std::vector<Part>& parts) {
  const People people = everybody_in(dataset);
  Strata by_sex;
  std::vector<bool> seen(people.sex.size());
  for (const std::size_t sample : pool) {
    const std::size_t person = people.of_sample[sample];
    if (!seen[person]) by_sex[people.sex[person]].push_back(person);
    seen[person] = true;
  }
  const std::vector<Part> of_person = draw(std::move(by_sex), people.sex.size(), options);
  for (const std::size_t sample : pool) parts[sample] = of_person[people.of_sample[sample]];
}

/// Gives each sample of `pool` a part, within each class.
void draw_samples(const Dataset& dataset, std::span<const std::size_t> pool, const SplitOptions& options,
                  std::vector<Part>& parts) {
  Strata by_class;
  for (const std::size_t sample : pool)
    by_class[dataset.classes.name(dataset.samples[sample].label)].push_back(sample);
  const std::vector<Part> of_sample = draw(std::move(by_class), parts.size(), options);
  for (const std::size_t sample : pool) parts[sample] = of_sample[sample];
}

std::vector<std::size_t> all_samples(const Dataset& dataset) {
  std::vector<std::size_t> all(dataset.samples.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

std::vector<Part> split_by_source(const Dataset& dataset) {
  std::vector<Part> parts;
  for (const Sample& sample : dataset.samples) {
    parts.push_back(sample.split == "val" ? Part::val : sample.split == "test" ? Part::test : Part::train);
  }
  return parts;
}

/// The fold to test, checked.
int require_fold(std::span<const int> folds, const SplitOptions& options) {
  const int last = folds.empty() ? 0 : std::ranges::max(folds);
  if (options.fold == 0) {
    throw usage_error("data.split.fold: 0 stands for all folds, one after the other; name one from 1 to {}",
                      last);
  }
  if (std::ranges::count(folds, options.fold) > 0) return options.fold;
  throw usage_error("data.split.fold: there is no fold {}; they go from 1 to {}", options.fold, last);
}

void split_in_folds(const Dataset& dataset, const SplitOptions& options, Split& split) {
  split.fold = require_fold(split.folds, options);
  split.parts.assign(dataset.samples.size(), Part::unused);
  std::vector<std::size_t> pool;
  for (std::size_t i = 0; i < split.folds.size(); ++i) {
    if (split.folds[i] == split.fold) split.parts[i] = Part::test;
    if (split.folds[i] > 0 && split.folds[i] != split.fold) pool.push_back(i);
  }
  SplitOptions inner = options;
  inner.test = 0;
  if (split.method == "random_kfold") {
    draw_samples(dataset, pool, inner, split.parts);
    return;
  }
  const auto is_known = [&](std::size_t sample) { return !dataset.samples[sample].subject.empty(); };
  const auto unknown = std::stable_partition(pool.begin(), pool.end(), is_known);
  const auto known = static_cast<std::size_t>(unknown - pool.begin());
  draw_subjects(dataset, std::span(pool).first(known), inner, split.parts);
  draw_samples(dataset, std::span(pool).subspan(known), inner, split.parts);
}

void split_by_group(const Dataset& dataset, const SplitOptions& options, Split& split) {
  split.folds = assign_folds(dataset, options);
  split_in_folds(dataset, options, split);
  split.group = options.group;
  split.value = attribute_values(dataset, options.group)[static_cast<std::size_t>(split.fold) - 1];
}

void split_by_file(const Dataset& dataset, const SplitOptions& options, Split& split) {
  SplitFile file = read_split_file(options.file, dataset);
  split.not_in_file = file.not_named;
  split.folds = std::move(file.folds);
  if (file.parts.empty()) {
    split_in_folds(dataset, options, split);
    return;
  }
  split.parts = std::move(file.parts);
  // The parts may be those of a fold: then it is the one all of the test part is in.
  const std::vector<std::size_t> test = indices_of(split.parts, Part::test);
  if (split.folds.empty() || test.empty()) return;
  const int fold = split.folds[test.front()];
  if (std::ranges::all_of(test, [&](std::size_t i) { return split.folds[i] == fold; })) split.fold = fold;
}

std::string method_for(const Dataset& dataset, const std::string& method) {
  if (method != "auto") return method;
  if (knows_all_subjects(dataset)) return "subject";
  const bool says = !std::ranges::all_of(dataset.samples, &std::string::empty, &Sample::split);
  return says ? "source" : "random";
}

const std::vector<std::string>& method_names() {
  static const std::vector<std::string> names = {"auto",         "subject",   "random", "kfold",
                                                 "random_kfold", "group_out", "file",   "source"};
  return names;
}

bool divides_each_source(const Dataset& dataset, const SplitOptions& options) {
  const std::string& method = options.method;
  const bool whole = method == "group_out" || method == "file" || method == "source";
  return (options.each_source || method == "auto") && !whole && has_several_sources(dataset);
}

/// The samples at these positions, without what no split looks at.
Dataset samples_at(const Dataset& dataset, std::span<const std::size_t> positions) {
  Dataset part{.classes = dataset.classes, .samples = {}, .rejected = {}};
  for (const std::size_t i : positions) {
    const Sample& sample = dataset.samples[i];
    part.samples.push_back({.path = sample.path,
                            .label = sample.label,
                            .subject = sample.subject,
                            .split = sample.split,
                            .attributes = sample.attributes,
                            .pixels = {},
                            .source = sample.source});
  }
  return part;
}

/// Puts the split of one source where its samples are in the whole.
void place(const Split& part, std::span<const std::size_t> positions, Split& whole) {
  if (!part.folds.empty()) whole.folds.resize(whole.parts.size());
  for (std::size_t i = 0; i < positions.size(); ++i) {
    whole.parts[positions[i]] = part.parts[i];
    if (!part.folds.empty()) whole.folds[positions[i]] = part.folds[i];
  }
  whole.fold = part.fold;
  whole.method = whole.method.empty() || whole.method == part.method ? part.method : "each_source";
}

Split split_each_source(const Dataset& dataset, const SplitOptions& options) {
  std::map<std::string, std::vector<std::size_t>> sources;
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) sources[dataset.samples[i].source].push_back(i);
  Split whole;
  whole.parts.assign(dataset.samples.size(), Part::unused);
  for (const auto& [name, positions] : sources) {
    try {
      place(split_samples(samples_at(dataset, positions), options), positions, whole);
    } catch (const Error& error) {
      throw Error(error.kind(), fmt::format("{} (source {})", error.what(), name));
    }
  }
  return whole;
}

}  // namespace

std::string part_name(Part part) {
  static const std::array<std::string, 4> names = {"train", "val", "test", "unused"};
  return names[static_cast<std::size_t>(part)];
}

Split split_samples(const Dataset& dataset, const SplitOptions& options) {
  if (divides_each_source(dataset, options)) return split_each_source(dataset, options);
  Split split;
  split.method = method_for(dataset, options.method);
  split.parts.assign(dataset.samples.size(), Part::train);
  if (split.method == "subject") {
    require_subjects(dataset, split.method);
    draw_subjects(dataset, all_samples(dataset), options, split.parts);
  } else if (split.method == "random") {
    draw_samples(dataset, all_samples(dataset), options, split.parts);
  } else if (split.method == "kfold" || split.method == "random_kfold") {
    split.folds = assign_folds(dataset, options);
    split_in_folds(dataset, options, split);
  } else if (split.method == "group_out") {
    split_by_group(dataset, options, split);
  } else if (split.method == "file") {
    split_by_file(dataset, options, split);
  } else if (split.method == "source") {
    split.parts = split_by_source(dataset);
  } else {
    throw usage_error("data.split.method: '{}' is none of {}", options.method, join(method_names(), ", "));
  }
  require_parts(split);
  return split;
}

void require_parts(const Split& split) {
  for (const Part needed : {Part::train, Part::val}) {
    if (std::ranges::count(split.parts, needed) == 0) {
      throw usage_error("data.split: method '{}' leaves no sample for {} ({} samples in all)", split.method,
                        part_name(needed), split.parts.size());
    }
  }
}

std::vector<int> assign_folds(const Dataset& dataset, const SplitOptions& options) {
  if (options.method == "kfold") return folds_by_subject(dataset, options);
  if (options.method == "random_kfold") return folds_at_random(dataset, options);
  if (options.method == "group_out") return folds_by_group(dataset, options);
  if (options.method != "file")
    throw usage_error("data.split.method: '{}' has no folds; kfold, random_kfold, group_out and file have",
                      options.method);
  std::vector<int> folds = read_split_file(options.file, dataset).folds;
  if (folds.empty()) throw usage_error("data.split.file: {} has no column 'fold'", options.file.string());
  return folds;
}

std::vector<std::size_t> indices_of(std::span<const Part> parts, Part part) {
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] == part) indices.push_back(i);
  }
  return indices;
}

std::vector<std::string> shared_subjects(const Dataset& dataset, std::span<const Part> parts) {
  std::map<std::string, std::set<Part>> where;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string& subject = dataset.samples[i].subject;
    if (!subject.empty() && parts[i] != Part::unused) where[person_of(subject)].insert(parts[i]);
  }
  std::vector<std::string> shared;
  for (const auto& [person, in] : where) {
    if (in.size() > 1) shared.push_back(person);
  }
  return shared;
}

std::vector<std::string> absent_classes(const Dataset& dataset, std::span<const Part> parts, Part part) {
  std::vector<bool> present(static_cast<std::size_t>(dataset.classes.size()));
  for (const std::size_t i : indices_of(parts, part))
    present[static_cast<std::size_t>(dataset.samples[i].label)] = true;
  std::vector<std::string> absent;
  for (int label = 0; label < dataset.classes.size(); ++label) {
    if (!present[static_cast<std::size_t>(label)]) absent.push_back(dataset.classes.name(label));
  }
  return absent;
}

std::string split_csv(const Dataset& dataset, std::span<const Part> parts, std::span<const int> folds) {
  const bool several = has_several_sources(dataset);
  std::string text = several ? "path,label,subject,split,fold,source\n" : "path,label,subject,split,fold\n";
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
    const Sample& sample = dataset.samples[i];
    std::vector<std::string> fields = {sample.path, dataset.classes.name(sample.label), sample.subject,
                                       parts.empty() ? "" : part_name(parts[i]),
                                       folds.empty() || folds[i] == 0 ? "" : std::to_string(folds[i])};
    if (several) fields.push_back(sample.source);
    text += csv_line(fields);
  }
  return text;
}

}  // namespace fer
