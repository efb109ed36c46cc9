#include "inspection_problems.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "fer/core/text.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

/// Whether a list names a file that is not there. Rows of a list have the path "list:LINE".
bool is_missing(const RejectedFile& file) {
  std::error_code ignored;
  const std::string list = file.path.substr(0, file.path.rfind(':'));
  return !fs::exists(file.path, ignored) && (list == file.path || !fs::is_regular_file(list, ignored));
}

std::string shortened(const cv::Size& size) { return fmt::format("{} x {} pixels", size.width, size.height); }

/// Collects problems; the order comes at the end.
class ProblemList {
 public:
  ProblemList(const Dataset& dataset, std::span<const ImageFacts> facts) : dataset_(dataset), facts_(facts) {}

  void add_classes() {
    for (int label = 0; label < dataset_.classes.size(); ++label) {
      if (std::ranges::count(dataset_.samples, label, &Sample::label) > 0) continue;
      problems_.push_back({.kind = ProblemKind::empty_class,
                           .detail = fmt::format("class '{}' has no image", dataset_.classes.name(label))});
    }
  }

  void add_rejected() {
    for (const RejectedFile& file : dataset_.rejected) {
      problems_.push_back({.kind = is_missing(file) ? ProblemKind::unreadable : ProblemKind::rejected,
                           .path = file.path,
                           .detail = file.reason});
    }
  }

  void add_images(std::span<const std::string> detectors) {
    for (std::size_t i = 0; i < facts_.size(); ++i) {
      const ImageFacts& facts = facts_[i];
      const std::string& path = dataset_.samples[i].path;
      if (facts.problem) {
        problems_.push_back({.kind = *facts.problem, .path = path, .detail = facts.detail});
        continue;
      }
      if (std::min(facts.size.width, facts.size.height) < kSmallSide)
        problems_.push_back({.kind = ProblemKind::small, .path = path, .detail = shortened(facts.size)});
      for (std::size_t k = 0; k < detectors.size(); ++k) {
        if (facts.faces[k].faces > 0) continue;
        problems_.push_back({.kind = ProblemKind::no_face,
                             .path = path,
                             .detail = detectors[k] + " finds no face",
                             .detector = detectors[k]});
      }
    }
  }

  void add_duplicates(std::span<const SampleGroup> groups) {
    for (const SampleGroup& group : groups) {
      const Sample& first = dataset_.samples[group.samples.front()];
      for (std::size_t i = 1; i < group.samples.size(); ++i) {
        const Sample& sample = dataset_.samples[group.samples[i]];
        problems_.push_back({.kind = group.kind,
                             .path = sample.path,
                             .detail = duplicate_detail(sample, first, group.differences[i]),
                             .other = first.path,
                             .differences = differences(sample, first)});
      }
    }
  }

  /// Kind by kind, by detector.
  std::vector<Problem> sorted(std::span<const std::string> detectors) {
    const auto rank = [&](const Problem& problem) {
      return std::pair(problem.kind, std::ranges::find(detectors, problem.detector));
    };
    std::ranges::stable_sort(problems_, {}, rank);
    return std::move(problems_);
  }

  static Differences differences(const Sample& a, const Sample& b) {
    const auto differ = [](const std::string& x, const std::string& y) {
      return !x.empty() && !y.empty() && x != y;
    };
    return {.label = a.label != b.label,
            .split = differ(a.split, b.split),
            .subject = differ(a.subject, b.subject)};
  }

 private:
  std::string duplicate_detail(const Sample& sample, const Sample& first, double difference) const {
    const Differences differs = differences(sample, first);
    std::vector<std::string> parts;
    if (differs.label)
      parts.push_back(fmt::format("label {}, there {}", dataset_.classes.name(sample.label),
                                  dataset_.classes.name(first.label)));
    if (differs.split) parts.push_back(fmt::format("split {}, there {}", sample.split, first.split));
    if (differs.subject) parts.push_back(fmt::format("subject {}, there {}", sample.subject, first.subject));
    parts.push_back(difference > 0 ? fmt::format("differs by {:.2f}", difference) : "the same pixels");
    return join(parts, "; ");
  }

  const Dataset& dataset_;
  std::span<const ImageFacts> facts_;
  std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> list_problems(const Dataset& dataset, std::span<const ImageFacts> facts,
                                   std::span<const SampleGroup> duplicates,
                                   std::span<const std::string> detectors) {
  ProblemList problems(dataset, facts);
  problems.add_classes();
  problems.add_rejected();
  problems.add_images(detectors);
  problems.add_duplicates(duplicates);
  return problems.sorted(detectors);
}

}  // namespace fer
