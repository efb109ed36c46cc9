#include "inspection_thumbnails.hpp"

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <set>

#include "fer/core/error.hpp"
#include "share_work.hpp"

namespace fer {
namespace {

/// Paths of all images to show.
std::set<std::string> shown_paths(const Inspection& inspection, int examples) {
  std::set<std::string> paths;
  for (const ImageCounts& counts : inspection.per_class)
    paths.insert(counts.examples.begin(), counts.examples.end());
  for (const ProblemGroup& group : group_problems(inspection)) {
    for (const Problem* problem : examples_of(group, examples)) {
      paths.insert(problem->path);
      paths.insert(problem->other);
    }
  }
  return paths;
}

Thumbnail thumbnail_of(const Sample& sample, const ImageFacts& facts) {
  const cv::Mat rgb = load_image(sample);
  const double scale = static_cast<double>(kThumbnailSide) / std::max(rgb.cols, rgb.rows);
  const auto shown = [&](int length) { return std::max(1, cvRound(length * scale)); };
  Thumbnail thumbnail;
  cv::resize(rgb, thumbnail.rgb, {shown(rgb.cols), shown(rgb.rows)}, 0, 0,
             scale < 1 ? cv::INTER_AREA : cv::INTER_CUBIC);
  const auto factor = static_cast<float>(scale);
  for (const FaceFinds& found : facts.faces) {
    const cv::Rect2f& box = found.largest;
    thumbnail.faces.emplace_back();
    if (found.faces > 0)
      thumbnail.faces.back() = {box.x * factor, box.y * factor, box.width * factor, box.height * factor};
  }
  return thumbnail;
}

}  // namespace

std::map<std::string, Thumbnail> make_thumbnails(const InspectedImages& images,
                                                 const InspectionOptions& options, const ProgressFn& progress,
                                                 const StopFn& stop) {
  const std::vector<Sample>& all = images.dataset.samples;
  const std::set<std::string> paths = shown_paths(images.inspection, options.examples);
  std::vector<std::size_t> samples;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (paths.contains(all[i].path)) samples.push_back(i);
  }
  std::vector<Thumbnail> made(samples.size());
  const auto make = [&](std::size_t i, std::size_t) {
    try {
      made[i] = thumbnail_of(all[samples[i]], images.facts[samples[i]]);
    } catch (const Error&) {
      // Its problem is listed.
    }
  };
  share_work(samples.size(), options.workers, make, progress, stop);
  std::map<std::string, Thumbnail> thumbnails;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (!made[i].rgb.empty()) thumbnails[all[samples[i]].path] = std::move(made[i]);
  }
  return thumbnails;
}

}  // namespace fer
