#include "inspection_duplicates.hpp"

#include <optional>
#include <string_view>
#include <unordered_map>

#include "hash_index.hpp"

namespace fer {
namespace {

/// Groups in the order of their first samples; most have one sample only.
class Groups {
 public:
  explicit Groups(ProblemKind kind) : kind_(kind) {}

  std::size_t add(std::size_t first) {
    groups_.push_back({.kind = kind_, .samples = {first}, .differences = {0}});
    return groups_.size() - 1;
  }

  void join(std::size_t group, std::size_t sample, double difference) {
    groups_[group].samples.push_back(sample);
    groups_[group].differences.push_back(difference);
  }

  const std::vector<SampleGroup>& all() const { return groups_; }

 private:
  ProblemKind kind_;
  std::vector<SampleGroup> groups_;
};

Groups group_equals(std::span<const ImageFacts> facts) {
  Groups groups(ProblemKind::duplicate);
  std::unordered_map<std::string_view, std::size_t> by_digest;
  for (std::size_t i = 0; i < facts.size(); ++i) {
    if (facts[i].problem) continue;
    if (const auto found = by_digest.find(facts[i].digest); found != by_digest.end()) {
      groups.join(found->second, i, 0);
    } else {
      by_digest[facts[i].digest] = groups.add(i);
    }
  }
  return groups;
}

/// Those of the images that are the first of a group, so far.
class Leaders {
 public:
  explicit Leaders(std::span<const Look* const> looks)
      : looks_(looks), groups_(looks.size()), index_(hashes_of(looks)) {}

  struct Match {
    std::size_t group;
    double difference;
  };

  std::optional<Match> nearest(const Look& look) const {
    std::optional<Match> best;
    for (const std::size_t image : index_.near(look.hash)) {
      if (!groups_[image]) continue;
      const double distance = difference(*looks_[image], look);
      if (distance <= kLookAlikeDifference && (!best || distance < best->difference))
        best = {.group = *groups_[image], .difference = distance};
    }
    return best;
  }

  void add(std::size_t image, std::size_t group) { groups_[image] = group; }

 private:
  static std::vector<std::uint64_t> hashes_of(std::span<const Look* const> looks) {
    std::vector<std::uint64_t> hashes;
    for (const Look* look : looks) hashes.push_back(look->hash);
    return hashes;
  }

  std::span<const Look* const> looks_;
  std::vector<std::optional<std::size_t>> groups_;  // that an image leads
  HashIndex index_;
};

Groups group_look_alikes(std::span<const ImageFacts> facts, std::span<const SampleGroup> equals,
                         const ProgressFn& progress, const StopFn& stop) {
  std::vector<const Look*> looks;
  for (const SampleGroup& equal : equals) looks.push_back(&facts[equal.samples.front()].look);
  Groups groups(ProblemKind::near_duplicate);
  Leaders leaders(looks);
  for (std::size_t i = 0; i < equals.size(); ++i) {
    if (stop && stop()) throw Stopped();
    if (progress) progress(i + 1, equals.size());
    const std::size_t sample = equals[i].samples.front();
    if (const auto match = leaders.nearest(*looks[i])) {
      groups.join(match->group, sample, match->difference);
    } else {
      leaders.add(i, groups.add(sample));
    }
  }
  return groups;
}

}  // namespace

std::vector<SampleGroup> find_duplicates(std::span<const ImageFacts> facts, const ProgressFn& progress,
                                         const StopFn& stop) {
  const Groups equals = group_equals(facts);
  const Groups look_alikes = group_look_alikes(facts, equals.all(), progress, stop);
  std::vector<SampleGroup> found;
  for (const Groups* groups : {&equals, &look_alikes}) {
    for (const SampleGroup& group : groups->all()) {
      if (group.samples.size() > 1) found.push_back(group);
    }
  }
  return found;
}

}  // namespace fer
