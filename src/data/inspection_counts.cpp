#include "inspection_counts.hpp"

#include <algorithm>
#include <set>

#include "fer/data/attributes.hpp"
#include "spread.hpp"

namespace fer {
namespace {

Extent extent_of(std::vector<int> numbers) {
  if (numbers.empty()) return {};
  std::ranges::sort(numbers);
  return {.min = numbers.front(), .median = numbers[(numbers.size() - 1) / 2], .max = numbers.back()};
}

Extent extent_of(std::span<const cv::Size> sizes, int (*length)(const cv::Size&)) {
  std::vector<int> lengths;
  for (const cv::Size& size : sizes) lengths.push_back(length(size));
  return extent_of(std::move(lengths));
}

void count_faces(const ImageFacts& facts, ImageCounts& counts) {
  if (facts.problem) return;
  ++counts.searched;
  for (std::size_t detector = 0; detector < facts.faces.size(); ++detector) {
    if (facts.faces[detector].faces > 0) ++counts.with_face[detector];
    if (facts.faces[detector].faces > 1) ++counts.several_faces[detector];
  }
}

}  // namespace

ImageCounts count_images(const Dataset& dataset, std::span<const ImageFacts> facts, std::optional<int> label,
                         std::size_t detectors) {
  ImageCounts counts;
  counts.with_face.resize(detectors);
  counts.several_faces.resize(detectors);
  std::set<std::string> subjects;
  std::vector<cv::Size> sizes;
  for (std::size_t i = 0; i < facts.size(); ++i) {
    if (label && dataset.samples[i].label != *label) continue;
    ++counts.images;
    if (!dataset.samples[i].subject.empty()) subjects.insert(dataset.samples[i].subject);
    if (!facts[i].readable()) continue;
    if (facts[i].grey) ++counts.grey;
    sizes.push_back(facts[i].size);
    count_faces(facts[i], counts);
  }
  counts.readable = sizes.size();
  counts.subjects = subjects.size();
  counts.width = extent_of(sizes, [](const cv::Size& size) { return size.width; });
  counts.height = extent_of(sizes, [](const cv::Size& size) { return size.height; });
  counts.shorter_side =
      extent_of(sizes, [](const cv::Size& size) { return std::min(size.width, size.height); });
  return counts;
}

std::vector<std::string> example_images(const Dataset& dataset, std::span<const ImageFacts> facts, int label,
                                        int count) {
  std::vector<std::string> good;
  for (std::size_t i = 0; i < facts.size(); ++i) {
    if (dataset.samples[i].label == label && !facts[i].problem) good.push_back(dataset.samples[i].path);
  }
  return spread<std::string>(good, static_cast<std::size_t>(count));
}

void count_subjects(const Dataset& dataset, Inspection& inspection) {
  std::map<std::string, std::vector<int>> images;  // of each subject, by label
  const auto classes = static_cast<std::size_t>(dataset.classes.size());
  for (const Sample& sample : dataset.samples) {
    if (sample.subject.empty()) continue;
    std::vector<int>& by_label = images[sample.subject];
    by_label.resize(classes);
    ++by_label[static_cast<std::size_t>(sample.label)];
  }
  std::vector<int> totals;
  for (const auto& [subject, by_label] : images) {
    int total = 0;
    std::vector<std::string> lacking;
    for (std::size_t label = 0; label < classes; ++label) {
      total += by_label[label];
      if (by_label[label] == 0 && inspection.per_class[label].images > 0)
        lacking.push_back(dataset.classes.name(static_cast<int>(label)));
    }
    totals.push_back(total);
    if (!lacking.empty()) inspection.incomplete_subjects.push_back({subject, std::move(lacking)});
  }
  inspection.images_per_subject = extent_of(std::move(totals));
}

void count_attributes(const Dataset& dataset, Inspection& inspection) {
  const bool several = has_several_sources(dataset);
  for (const Sample& sample : dataset.samples) {
    for (const auto& [attribute, value] : sample.attributes) ++inspection.attributes[attribute][value];
    if (several) ++inspection.attributes["source"][sample.source];
    if (!sample.split.empty()) ++inspection.attributes["split"][sample.split];
  }
}

}  // namespace fer
