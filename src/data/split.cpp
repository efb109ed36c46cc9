#include "fer/data/split.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "fer/core/random.hpp"

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

/// A part for every item; `strata` hold the item numbers drawn among each other.
std::vector<Part> draw(std::map<std::string, std::vector<std::size_t>> strata, std::size_t items,
                       const SplitOptions& options) {
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

std::vector<Part> split_by_subject(const Dataset& dataset, const SplitOptions& options) {
  std::map<std::string, std::size_t> subjects;
  std::map<std::string, std::vector<std::size_t>> by_sex;
  for (const Sample& sample : dataset.samples) {
    if (sample.subject.empty()) {
      throw usage_error(
          "data.split.method: 'subject' needs to know who is in each image, and {} does not say; use "
          "'random'",
          sample.path);
    }
    const auto [place, added] = subjects.try_emplace(sample.subject, subjects.size());
    if (!added) continue;
    const auto sex = sample.attributes.find("sex");
    by_sex[sex == sample.attributes.end() ? "" : sex->second].push_back(place->second);
  }
  const std::vector<Part> of_subject = draw(std::move(by_sex), subjects.size(), options);
  std::vector<Part> parts;
  for (const Sample& sample : dataset.samples) parts.push_back(of_subject[subjects.at(sample.subject)]);
  return parts;
}

std::vector<Part> split_at_random(const Dataset& dataset, const SplitOptions& options) {
  std::map<std::string, std::vector<std::size_t>> by_class;
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
    by_class[dataset.classes.name(dataset.samples[i].label)].push_back(i);
  }
  return draw(std::move(by_class), dataset.samples.size(), options);
}

std::vector<Part> split_by_source(const Dataset& dataset) {
  std::vector<Part> parts;
  for (const Sample& sample : dataset.samples) {
    parts.push_back(sample.split == "val" ? Part::val : sample.split == "test" ? Part::test : Part::train);
  }
  return parts;
}

}  // namespace

std::string part_name(Part part) {
  static const std::array<std::string, 3> names = {"train", "val", "test"};
  return names[static_cast<std::size_t>(part)];
}

std::vector<Part> split_samples(const Dataset& dataset, const SplitOptions& options) {
  std::vector<Part> parts;
  if (options.method == "subject") {
    parts = split_by_subject(dataset, options);
  } else if (options.method == "random") {
    parts = split_at_random(dataset, options);
  } else if (options.method == "source") {
    parts = split_by_source(dataset);
  } else {
    throw usage_error("data.split.method: '{}' is none of subject, random, source", options.method);
  }
  for (const Part needed : {Part::train, Part::val}) {
    if (std::ranges::count(parts, needed) == 0) {
      throw usage_error("data.split: method '{}' leaves no sample for {} ({} samples in all)", options.method,
                        part_name(needed), parts.size());
    }
  }
  return parts;
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
    if (!dataset.samples[i].subject.empty()) where[dataset.samples[i].subject].insert(parts[i]);
  }
  std::vector<std::string> shared;
  for (const auto& [subject, in] : where) {
    if (in.size() > 1) shared.push_back(subject);
  }
  return shared;
}

std::string split_csv(const Dataset& dataset, std::span<const Part> parts) {
  std::string text = "path,label,subject,split,fold\n";
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Sample& sample = dataset.samples[i];
    text += csv_line(std::vector<std::string>{sample.path, dataset.classes.name(sample.label), sample.subject,
                                              part_name(parts[i]), ""});
  }
  return text;
}

}  // namespace fer
