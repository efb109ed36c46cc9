#include "fer/data/inspection.hpp"

#include <algorithm>
#include <set>

#include "inspection_counts.hpp"
#include "inspection_problems.hpp"
#include "inspection_thumbnails.hpp"
#include "share_work.hpp"
#include "spread.hpp"

namespace fer {
namespace {

std::vector<ImageFacts> look_at(const Dataset& dataset, const InspectionOptions& options,
                                const ProgressFn& progress, const StopFn& stop) {
  std::vector<ImageFacts> facts(dataset.samples.size());
  using Detectors = std::vector<std::unique_ptr<FaceDetector>>;
  std::vector<Detectors> detectors(static_cast<std::size_t>(options.workers));  // of each thread
  const auto look = [&](std::size_t i, std::size_t worker) {
    Detectors& own = detectors[worker];
    while (own.size() < options.detectors.size()) own.push_back(options.detectors[own.size()].make());
    facts[i] = facts_of(dataset.samples[i], own);
  };
  share_work(facts.size(), options.workers, look, progress, stop);
  return facts;
}

DuplicateGroup group_of(const SampleGroup& samples, const Dataset& dataset) {
  DuplicateGroup group{.kind = samples.kind};
  std::set<int> labels;
  std::set<std::string> splits;
  std::set<std::string> subjects;
  for (const std::size_t i : samples.samples) {
    const Sample& sample = dataset.samples[i];
    group.paths.push_back(sample.path);
    labels.insert(sample.label);
    if (!sample.split.empty()) splits.insert(sample.split);
    if (!sample.subject.empty()) subjects.insert(sample.subject);
  }
  group.differences = {
      .label = labels.size() > 1, .split = splits.size() > 1, .subject = subjects.size() > 1};
  return group;
}

}  // namespace

std::vector<ProblemGroup> group_problems(const Inspection& inspection) {
  std::vector<ProblemGroup> groups;
  for (const Problem& problem : inspection.problems) {
    if (groups.empty() || groups.back().kind != problem.kind || groups.back().detector != problem.detector)
      groups.push_back({.kind = problem.kind, .detector = problem.detector, .problems = {}});
    groups.back().problems.push_back(&problem);
  }
  for (ProblemGroup& group : groups) {
    std::stable_partition(group.problems.begin(), group.problems.end(),
                          [](const Problem* problem) { return problem->differences.any(); });
  }
  return groups;
}

std::vector<const Problem*> examples_of(const ProblemGroup& group, int count) {
  const std::span<const Problem* const> problems = group.problems;
  const auto same =
      std::ranges::find_if(problems, [](const Problem* problem) { return !problem->differences.any(); });
  const auto differing = static_cast<std::size_t>(same - problems.begin());
  const auto wanted = static_cast<std::size_t>(count);
  std::vector<const Problem*> shown = spread<const Problem*>(problems.first(differing), wanted);
  std::ranges::copy(spread<const Problem*>(problems.subspan(differing), wanted - shown.size()),
                    std::back_inserter(shown));
  return shown;
}

Inspection inspect(const Dataset& dataset, const InspectionOptions& options, const StepsFn& progress,
                   const StopFn& stop) {
  Inspection inspection;
  inspection.classes = dataset.classes;
  for (const InspectionDetector& detector : options.detectors) inspection.detectors.push_back(detector.name);
  const std::vector<ImageFacts> facts =
      look_at(dataset, options, progress_of(progress, "looking at images"), stop);

  const std::size_t detectors = options.detectors.size();
  inspection.all = count_images(dataset, facts, std::nullopt, detectors);
  for (int label = 0; label < dataset.classes.size(); ++label) {
    inspection.per_class.push_back(count_images(dataset, facts, label, detectors));
    inspection.per_class.back().examples = example_images(dataset, facts, label, options.examples);
  }
  count_subjects(dataset, inspection);
  count_attributes(dataset, inspection);

  const std::vector<SampleGroup> groups =
      find_duplicates(facts, progress_of(progress, "looking for copies"), stop);
  inspection.problems = list_problems(dataset, facts, groups, inspection.detectors);
  for (const SampleGroup& group : groups) inspection.duplicates.push_back(group_of(group, dataset));
  inspection.thumbnails = make_thumbnails({.dataset = dataset, .facts = facts, .inspection = inspection},
                                          options, progress_of(progress, "making pictures"), stop);
  return inspection;
}

}  // namespace fer
