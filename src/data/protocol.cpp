#include "fer/data/protocol.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "fer/core/error.hpp"
#include "fer/core/text.hpp"

namespace fer {
namespace {

bool is_random(const SplitFacts& facts) { return facts.method.starts_with("random"); }
bool is_by_subject(const SplitFacts& facts) { return facts.method == "subject" || facts.method == "kfold"; }

/// "split", or "10-fold, fold 3".
std::string shape_text(const SplitFacts& facts) {
  std::string text = facts.folds > 0 ? fmt::format("{}-fold", facts.folds) : "split";
  if (facts.fold > 0) text += fmt::format(", fold {}", facts.fold);
  return text;
}

std::string method_text(const SplitFacts& facts) {
  if (is_by_subject(facts)) return "subject-disjoint " + shape_text(facts);
  if (is_random(facts)) return "random " + shape_text(facts);
  if (facts.method == "group_out") {
    const std::string fold = facts.fold > 0 ? fmt::format(", fold {} ({})", facts.fold, facts.value) : "";
    return fmt::format("leave-one-group-out by {}{}", facts.group, fold);
  }
  if (facts.method == "each_source") return "each source's own split";
  if (facts.method == "source") return "the data set's own split";
  if (facts.method == "file") return shape_text(facts) + " by file";
  return facts.method + " split";
}

/// What is known of people in several parts; empty where the method says it.
std::string subjects_text(const SplitFacts& facts) {
  if (is_by_subject(facts)) return "";
  const std::string shared = fmt::format("subjects shared ({} of {})", facts.shared_subjects, facts.subjects);
  if (is_random(facts)) return facts.subjects > 0 ? shared : "subjects shared (how many is not known)";
  if (facts.subjects == 0) return "subjects not known";
  if (facts.shared_subjects > 0) return shared;
  return facts.without_subject > 0 ? "subjects known in part, none of them shared" : "subject-disjoint";
}

/// Of several folds together each has a number of its own.
std::string suspects_text(const SplitFacts& facts) {
  if (facts.suspects.file.empty()) return "";
  if (facts.folds > 0 && facts.fold == 0) return "; suspects left out of training";
  return fmt::format("; {} suspects left out of training", facts.suspects.dropped);
}

PartCounts count_samples(const Dataset& dataset, std::span<const std::size_t> samples, std::string name) {
  PartCounts counts{.name = std::move(name), .samples = samples.size()};
  counts.per_class.resize(static_cast<std::size_t>(dataset.classes.size()));
  std::set<std::string> people;
  for (const std::size_t i : samples) {
    const Sample& sample = dataset.samples[i];
    ++counts.per_class[static_cast<std::size_t>(sample.label)];
    if (!sample.subject.empty()) people.insert(person_of(sample.subject));
  }
  counts.subjects = people.size();
  return counts;
}

}  // namespace

SplitFacts split_facts(const Dataset& dataset, const Split& split, std::span<const Leak> leaks,
                       std::size_t excluded) {
  SplitFacts facts;
  facts.method = split.method;
  facts.folds = split.folds.empty() ? 0 : std::ranges::max(split.folds);
  facts.fold = split.fold;
  facts.group = split.group;
  facts.value = split.value;
  facts.shared_subjects = shared_subjects(dataset, split.parts).size();
  facts.not_in_file = split.not_in_file;
  facts.excluded = excluded;
  facts.leaks = group_leaks(leaks);
  std::set<std::string> people;
  for (std::size_t i = 0; i < split.parts.size(); ++i) {
    ++facts.samples[static_cast<std::size_t>(split.parts[i])];
    if (split.parts[i] == Part::unused) continue;
    const std::string& subject = dataset.samples[i].subject;
    if (subject.empty()) {
      ++facts.without_subject;
    } else {
      people.insert(person_of(subject));
    }
  }
  facts.subjects = people.size();
  return facts;
}

std::string split_text(const SplitFacts& facts) {
  std::string text = method_text(facts);
  if (const std::string subjects = subjects_text(facts); !subjects.empty()) text += ", " + subjects;
  if (facts.excluded > 0) text += fmt::format("; {} copies left out", facts.excluded);
  text += suspects_text(facts);
  if (facts.leaks.empty()) return text;
  std::vector<std::string> leaks;
  for (const LeakGroup& group : facts.leaks) leaks.push_back(leak_text(group));
  return text + (facts.leakage_allowed ? "; leakage allowed: " : "; leaking: ") + join(leaks, ", ");
}

std::vector<std::string> split_warnings(const Dataset& dataset, const Split& split, const SplitFacts& facts) {
  std::vector<std::string> warnings;
  if (facts.not_in_file > 0)
    warnings.push_back(fmt::format("{} images are not named by the split file: unused", facts.not_in_file));
  if (const auto unknown = std::ranges::count(split.folds, 0); facts.method == "group_out" && unknown > 0) {
    warnings.push_back(
        fmt::format("of {} images the {} is not known: they are unused", unknown, facts.group));
  }
  for (const Part part : {Part::val, Part::test}) {
    const std::vector<std::string> absent = absent_classes(dataset, split.parts, part);
    if (absent.empty() || facts.samples[static_cast<std::size_t>(part)] == 0) continue;
    warnings.push_back(fmt::format("the {} part has no image of class {}: its figures say nothing of them",
                                   part_name(part), join(absent, ", ")));
  }
  if (facts.excluded > 0) {
    warnings.push_back(fmt::format(
        "{} images are left out: a later part has them, too (all are in leaks.csv)", facts.excluded));
  }
  if (const DroppedSuspects& suspects = facts.suspects; suspects.missing + suspects.other_label > 0) {
    warnings.push_back(
        fmt::format("{}: of {} listed suspects {} are not in the data and {} have another label there: these "
                    "stay as they "
                    "are",
                    suspects.file, suspects.listed, suspects.missing, suspects.other_label));
  }
  if (!facts.leaks.empty() && facts.leakage_allowed) {
    warnings.push_back("figures are optimistic, as data.allow_leakage lets parts share what they must not: " +
                       split_text(facts) + " (all are in leaks.csv)");
  }
  return warnings;
}

std::vector<PartCounts> count_parts(const Dataset& dataset, std::span<const Part> parts) {
  std::vector<PartCounts> counts;
  for (const Part part : {Part::train, Part::val, Part::test, Part::unused}) {
    const std::vector<std::size_t> samples = indices_of(parts, part);
    if (!samples.empty()) counts.push_back(count_samples(dataset, samples, part_name(part)));
  }
  return counts;
}

std::vector<PartCounts> count_folds(const Dataset& dataset, std::span<const int> folds) {
  std::map<int, std::vector<std::size_t>> samples;
  for (std::size_t i = 0; i < folds.size(); ++i) {
    if (folds[i] > 0) samples[folds[i]].push_back(i);
  }
  std::vector<PartCounts> counts;
  for (const auto& [fold, members] : samples)
    counts.push_back(count_samples(dataset, members, std::to_string(fold)));
  return counts;
}

void require_every_class(const Dataset& dataset, const Split& split) {
  const std::vector<std::string> absent = absent_classes(dataset, split.parts, Part::train);
  if (absent.empty()) return;
  throw data_error(
      "the training part has no image of class {}: name the classes you have under data.classes, or split in "
      "another way (data.split)",
      join(absent, ", "));
}

}  // namespace fer
