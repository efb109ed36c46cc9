#include "inspection_duplicates.hpp"

#include <optional>
#include <string_view>
#include <unordered_map>

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

/// The first images of the groups so far. Hashes lie side by side, as each new image is compared with all.
class Leaders {
 public:
  explicit Leaders(std::span<const ImageFacts> facts) : facts_(facts) {}

  struct Match {
    std::size_t group;
    double difference;
  };

  std::optional<Match> nearest(const Look& look) const {
    std::optional<Match> best;
    for (std::size_t group = 0; group < hashes_.size(); ++group) {
      if (hash_distance(hashes_[group], look.hash) > kLookAlikeBits) continue;
      const double distance = difference(facts_[samples_[group]].look, look);
      if (distance <= kLookAlikeDifference && (!best || distance < best->difference))
        best = {.group = group, .difference = distance};
    }
    return best;
  }

  void add(std::size_t sample) {
    samples_.push_back(sample);
    hashes_.push_back(facts_[sample].look.hash);
  }

 private:
  std::span<const ImageFacts> facts_;
  std::vector<std::size_t> samples_;
  std::vector<std::uint64_t> hashes_;
};

Groups group_look_alikes(std::span<const ImageFacts> facts, std::span<const SampleGroup> equals,
                         const ProgressFn& progress, const StopFn& stop) {
  Groups groups(ProblemKind::near_duplicate);
  Leaders leaders(facts);
  std::size_t done = 0;
  for (const SampleGroup& equal : equals) {
    if (stop && stop()) throw Stopped();
    if (progress) progress(++done, equals.size());
    const std::size_t sample = equal.samples.front();
    if (const auto match = leaders.nearest(facts[sample].look)) {
      groups.join(match->group, sample, match->difference);
    } else {
      leaders.add(sample);
      groups.add(sample);
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
