#include "fer/data/leakage.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <opencv2/imgproc.hpp>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>

#include "fer/core/csv.hpp"
#include "fer/core/text.hpp"
#include "fer/data/look_alike.hpp"
#include "fer/data/problem.hpp"
#include "hash_index.hpp"
#include "share_work.hpp"

namespace fer {
namespace {

using Indices = std::vector<std::size_t>;

struct PartPair {
  Part part;
  Part other_part;
};

constexpr std::array<PartPair, 3> kPairs = {
    {{Part::train, Part::val}, {Part::train, Part::test}, {Part::val, Part::test}}};

/// The first sample of each subject of a person in each part.
using Appearances = std::array<std::map<std::string, std::size_t>, 3>;

std::map<std::string, Appearances> people_of(const LeakageEvidence& evidence) {
  std::map<std::string, Appearances> people;
  for (std::size_t i = 0; i < evidence.parts.size(); ++i) {
    const std::string& subject = evidence.dataset.samples[i].subject;
    if (subject.empty() || evidence.parts[i] == Part::unused) continue;
    people[person_of(subject)][static_cast<std::size_t>(evidence.parts[i])].try_emplace(subject, i);
  }
  return people;
}

/// One person in two parts: under the same name if there is one, else under the first two.
std::optional<Leak> leak_of(const Appearances& person, const PartPair& pair) {
  const auto& here = person[static_cast<std::size_t>(pair.part)];
  const auto& there = person[static_cast<std::size_t>(pair.other_part)];
  if (here.empty() || there.empty()) return std::nullopt;
  Leak leak{.kind = LeakKind::session_twin,
            .sample = here.begin()->second,
            .part = pair.part,
            .other = there.begin()->second,
            .other_part = pair.other_part};
  for (const auto& [subject, sample] : here) {
    const auto same = there.find(subject);
    if (same == there.end()) continue;
    leak.kind = LeakKind::subject;
    leak.sample = sample;
    leak.other = same->second;
    break;
  }
  return leak;
}

/// How many crops are held against another part, over all pairs: each of a part's once for each of the
/// others.
std::size_t count_comparisons(std::span<const Part> parts) {
  std::size_t count = 0;
  for (const auto& [part, other_part] : kPairs) {
    const std::size_t here = indices_of(parts, part).size();
    const std::size_t there = indices_of(parts, other_part).size();
    if (here > 0 && there > 0) count += here + there;
  }
  return count;
}

/// Samples of two parts, each beside its partner in the other one.
using Partners = std::set<std::pair<std::size_t, std::size_t>>;

/// Crops of two parts compared.
class CropComparison {
 public:
  CropComparison(const LeakageEvidence& evidence, const PartPair& pair, int workers, const StopFn& stop)
      : evidence_(evidence),
        workers_(workers),
        stop_(stop),
        here_(indices_of(evidence.parts, pair.part)),
        there_(indices_of(evidence.parts, pair.other_part)),
        doubled_(evidence.parts.size()) {}

  /// 0 where one of the parts is empty.
  std::size_t size() const { return here_.empty() || there_.empty() ? 0 : here_.size() + there_.size(); }

  Partners duplicates() {
    const auto first_here = by_digest(here_);
    const auto first_there = by_digest(there_);
    Partners partners;
    const auto join = [&](std::size_t sample, const auto& others, bool is_here) {
      const auto other = others.find(evidence_.digests[sample]);
      if (other == others.end()) return;
      partners.insert(is_here ? std::pair(sample, other->second) : std::pair(other->second, sample));
      doubled_[sample] = true;
    };
    for (const std::size_t sample : here_) join(sample, first_there, true);
    for (const std::size_t sample : there_) join(sample, first_here, false);
    return partners;
  }

  /// After duplicates(), whose samples need no further partner.
  Partners near_duplicates(const ProgressFn& progress) const {
    Partners partners;
    const std::vector<Nearest> of_here = nearest(here_, there_, progress);
    const std::vector<Nearest> of_there = nearest(there_, here_, part_of(progress, here_.size(), size()));
    for (std::size_t i = 0; i < here_.size(); ++i) {
      if (of_here[i]) partners.emplace(here_[i], *of_here[i]);
    }
    for (std::size_t i = 0; i < there_.size(); ++i) {
      if (of_there[i]) partners.emplace(*of_there[i], there_[i]);
    }
    return partners;
  }

 private:
  using Nearest = std::optional<std::size_t>;

  std::unordered_map<std::string_view, std::size_t> by_digest(const Indices& samples) const {
    std::unordered_map<std::string_view, std::size_t> first;
    for (const std::size_t sample : samples) first.try_emplace(evidence_.digests[sample], sample);
    return first;
  }

  /// For each of `samples` the one of `others` that looks most like it, if it looks like it at all.
  std::vector<Nearest> nearest(const Indices& samples, const Indices& others,
                               const ProgressFn& progress) const {
    Indices candidates;
    std::vector<std::uint64_t> hashes;
    for (const std::size_t other : others) {
      if (evidence_.looks[other].blank) continue;
      candidates.push_back(other);
      hashes.push_back(evidence_.looks[other].look.hash);
    }
    const HashIndex index(hashes);
    std::vector<Nearest> found(samples.size());
    const auto search = [&](std::size_t i, std::size_t) {
      const CropLook& own = evidence_.looks[samples[i]];
      if (own.blank || doubled_[samples[i]]) return;
      double best = kLookAlikeDifference;
      for (const std::size_t k : index.near(own.look.hash)) {
        const double distance = difference(own.look, evidence_.looks[candidates[k]].look);
        if (distance > best || (distance == best && found[i])) continue;
        best = distance;
        found[i] = candidates[k];
      }
    };
    share_work(samples.size(), workers_, search, progress, stop_);
    return found;
  }

  const LeakageEvidence& evidence_;
  int workers_;
  const StopFn& stop_;
  Indices here_;
  Indices there_;
  std::vector<bool> doubled_;
};

std::string plural(LeakKind kind) {
  static const std::array<std::string, 4> names = {"subjects", "people under two sessions' names",
                                                   "duplicates", "near duplicates"};
  return names[static_cast<std::size_t>(kind)];
}

std::string singular(LeakKind kind) {
  static const std::array<std::string, 4> names = {"subject", "person under two sessions' names", "duplicate",
                                                   "near duplicate"};
  return names[static_cast<std::size_t>(kind)];
}

bool is_of_crops(LeakKind kind) { return kind == LeakKind::duplicate || kind == LeakKind::near_duplicate; }

}  // namespace

std::string_view name_of(LeakKind kind) {
  static constexpr std::array<std::string_view, 4> kNames = {"subject", "session_twin", "duplicate",
                                                             "near_duplicate"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::vector<CropLook> looks_of(std::span<const cv::Mat> crops, int workers, const ProgressFn& progress,
                               const StopFn& stop) {
  std::vector<CropLook> looks(crops.size());
  const auto look = [&](std::size_t i, std::size_t) {
    cv::Mat grey;
    cv::cvtColor(crops[i], grey, cv::COLOR_RGB2GRAY);
    cv::Scalar mean;
    cv::Scalar deviation;
    cv::meanStdDev(grey, mean, deviation);
    looks[i] = {.look = look_of(crops[i]), .blank = deviation[0] < kBlankDeviation};
  };
  share_work(crops.size(), workers, look, progress, stop);
  return looks;
}

std::vector<Leak> find_leaks(const LeakageEvidence& evidence, int workers, const ProgressFn& progress,
                             const StopFn& stop) {
  std::vector<Leak> leaks;
  const auto add = [&](LeakKind kind, const Partners& partners, const PartPair& pair) {
    for (const auto& [sample, other] : partners) {
      leaks.push_back(
          {.kind = kind, .sample = sample, .part = pair.part, .other = other, .other_part = pair.other_part});
    }
  };
  const auto people = people_of(evidence);
  const std::size_t comparisons = count_comparisons(evidence.parts);
  std::size_t compared = 0;
  for (const PartPair& pair : kPairs) {
    for (const auto& [name, person] : people) {
      if (const auto leak = leak_of(person, pair)) leaks.push_back(*leak);
    }
    CropComparison crops(evidence, pair, workers, stop);
    if (crops.size() == 0) continue;
    const ProgressFn counted = part_of(progress, compared, comparisons);
    add(LeakKind::duplicate, crops.duplicates(), pair);
    add(LeakKind::near_duplicate, crops.near_duplicates(counted), pair);
    compared += crops.size();
  }
  std::ranges::sort(leaks, {}, [](const Leak& leak) {
    return std::tuple(leak.kind, leak.part, leak.other_part, leak.sample, leak.other);
  });
  return leaks;
}

std::size_t exclude_leaked(std::span<const Leak> leaks, std::vector<Part>& parts) {
  std::size_t excluded = 0;
  for (const Leak& leak : leaks) {
    if (!is_of_crops(leak.kind) || parts[leak.sample] == Part::unused) continue;
    parts[leak.sample] = Part::unused;
    ++excluded;
  }
  return excluded;
}

std::vector<LeakGroup> group_leaks(std::span<const Leak> leaks) {
  std::vector<LeakGroup> groups;
  std::set<std::size_t> counted;
  for (std::size_t i = 0; i < leaks.size(); ++i) {
    const Leak& leak = leaks[i];
    if (groups.empty() || groups.back().kind != leak.kind || groups.back().part != leak.part ||
        groups.back().other_part != leak.other_part) {
      groups.push_back({.kind = leak.kind, .part = leak.part, .other_part = leak.other_part, .first = i});
      counted.clear();
    }
    groups.back().count += counted.insert(leak.other).second ? 1 : 0;
  }
  return groups;
}

std::string leak_text(const LeakGroup& group) {
  return fmt::format("{} {} in {} and {}", group.count,
                     group.count == 1 ? singular(group.kind) : plural(group.kind), part_name(group.part),
                     part_name(group.other_part));
}

Error leakage_error(const Dataset& dataset, std::span<const Leak> leaks) {
  std::vector<std::string> texts;
  bool crops = false;
  for (const LeakGroup& group : group_leaks(leaks)) {
    const Leak& first = leaks[group.first];
    texts.push_back(fmt::format("{} (the first: {} and {})", leak_text(group),
                                dataset.samples[first.sample].path, dataset.samples[first.other].path));
    crops = crops || is_of_crops(group.kind);
  }
  return data_error(
      "the parts share what they must not: {}; 'fer-data split' lists all in leaks.csv; {}"
      "data.allow_leakage: true trains all the same and says so everywhere",
      join(texts, ", "), crops ? "data.exclude_leaked: true leaves copies out, " : "");
}

std::string leaks_csv(const Dataset& dataset, std::span<const Leak> leaks) {
  std::string text = "kind,path,split,label,other_path,other_split,other_label\n";
  for (const Leak& leak : leaks) {
    const Sample& sample = dataset.samples[leak.sample];
    const Sample& other = dataset.samples[leak.other];
    text +=
        csv_line(std::vector<std::string>{std::string(name_of(leak.kind)), sample.path, part_name(leak.part),
                                          dataset.classes.name(sample.label), other.path,
                                          part_name(leak.other_part), dataset.classes.name(other.label)});
  }
  return text;
}

}  // namespace fer
