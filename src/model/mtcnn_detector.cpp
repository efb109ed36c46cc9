#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <functional>
#include <utility>

#include "fer/model/face_detectors.hpp"
#include "fer/vision/boxes.hpp"
#include "mtcnn_area.hpp"
#include "mtcnn_boxes.hpp"
#include "mtcnn_networks.hpp"

namespace fer {
namespace {

constexpr double kSmallestFace = 20;
constexpr float kMinScoreP = 0.6F;
constexpr float kMinScoreR = 0.7F;
constexpr float kMinScoreO = 0.7F;
constexpr float kMaxOverlap = 0.7F;
constexpr int kSideR = 24;  // pixels of R-Net's input
constexpr int kSideO = 48;
constexpr int kLandmarks = 5;
constexpr int kMtcnnBandRows = 16;  // of cells: P-Net's maps of a band stay in the cache

struct Candidate {
  Edges box;
  float score = 0;
  Shift shift = {};
  std::array<float, 2 * kLandmarks> points = {};  // x of all, then y, as shares of the box
};

/// By image.
using Candidates = std::vector<std::vector<Candidate>>;

/// The memory of a thread.
struct Workspace {
  MapBuffer image;
  MtcnnNetwork::Buffers maps;
};

/// Calls work(i, workspace) for each i below `count`; whichever of LibTorch's threads is free takes the next.
template <class Work>
void share_out(std::size_t count, const Work& work) {
  std::atomic<std::size_t> next = 0;
  const auto threads = std::min<std::int64_t>(static_cast<std::int64_t>(count), at::get_num_threads());
  at::parallel_for(0, threads, 1, [&](std::int64_t, std::int64_t) {
    Workspace workspace;
    for (std::size_t i = next++; i < count; i = next++) work(i, workspace);
  });
}

/// Of a face, by the two logits of a softmax.
float probability(const float* logits) { return 1 / (1 + std::exp(logits[0] - logits[1])); }

Shift shift_of(const float* outputs) {
  return {.left = outputs[2], .top = outputs[3], .right = outputs[4], .bottom = outputs[5]};
}

/// A part of a level, for one run of P-Net.
struct Band {
  std::size_t image;
  std::size_t level;
  int first_row;
  std::vector<Cell> found = {};
};

/// The cells of a level of that many pixels.
int cells_in(int pixels) { return (pixels - 1) / 2 - 4; }

void search(const MtcnnNetwork& pnet, const cv::Mat& rgb, const PyramidLevel& level, Band& band,
            Workspace& workspace) {
  const int first = 2 * band.first_row;
  const int height = std::min(level.size.height - first, 2 * kMtcnnBandRows + 10);
  const MapView input = workspace.image.shaped(height, level.size.width, 3);
  resize_by_area(rgb, level.size, first, input);
  const MapView map = pnet.run(input, workspace.maps);
  const float* outputs = map.values;
  for (int row = 0; row < map.height; ++row) {
    for (int column = 0; column < map.width; ++column, outputs += map.channels) {
      if (outputs[1] < outputs[0]) continue;  // most, and the exponential takes its time
      const float score = probability(outputs);
      if (!(score >= kMinScoreP)) continue;
      band.found.push_back(
          {.column = column, .row = band.first_row + row, .score = score, .shift = shift_of(outputs)});
    }
  }
}

class MtcnnDetector final : public FaceDetector {
 public:
  MtcnnDetector(MtcnnNetwork pnet, MtcnnNetwork rnet, MtcnnNetwork onet, const FaceDetectorOptions& options)
      : pnet_(std::move(pnet)),
        rnet_(std::move(rnet)),
        onet_(std::move(onet)),
        min_size_(options.min_size),
        min_score_(options.min_score > 0 ? options.min_score : kMinScoreO) {}

  std::string_view name() const override { return mtcnn_detector().facts.name; }

  std::vector<FaceDetection> detect(const cv::Mat& rgb) override {
    return std::move(detect_batch({&rgb, 1}).front());
  }

  std::vector<std::vector<FaceDetection>> detect_batch(std::span<const cv::Mat> images) override {
    Candidates candidates = propose(images);
    refine(images, candidates);
    judge(onet_, kSideO, images, candidates, min_score_);
    std::vector<std::vector<FaceDetection>> faces;
    for (std::size_t i = 0; i < images.size(); ++i) {
      faces.push_back(without_small_faces(faces_of(candidates[i]), images[i].size(), min_size_));
    }
    return faces;
  }

 private:
  /// P-Net over pyramids.
  Candidates propose(std::span<const cv::Mat> images) const {
    std::vector<std::vector<PyramidLevel>> levels;
    std::vector<Band> bands;
    for (std::size_t i = 0; i < images.size(); ++i) {
      const float shorter = static_cast<float>(std::min(images[i].cols, images[i].rows));
      levels.push_back(
          pyramid_levels(images[i].size(), std::max<double>(kSmallestFace, min_size_ * shorter)));
      for (std::size_t level = 0; level < levels[i].size(); ++level) {
        for (int row = 0; row < cells_in(levels[i][level].size.height); row += kMtcnnBandRows)
          bands.push_back({.image = i, .level = level, .first_row = row});
      }
    }
    share_out(bands.size(), [&](std::size_t i, Workspace& workspace) {
      Band& band = bands[i];
      search(pnet_, images[band.image], levels[band.image][band.level], band, workspace);
    });
    Candidates candidates(images.size());
    for (std::size_t i = 0; i < bands.size();) {
      const Band& first = bands[i];
      std::vector<Cell> cells;
      for (; i < bands.size() && bands[i].image == first.image && bands[i].level == first.level; ++i)
        cells.insert(cells.end(), bands[i].found.begin(), bands[i].found.end());
      add_proposals(suppress_cells(cells, levels[first.image][first.level]),
                    levels[first.image][first.level].scale, candidates[first.image]);
    }
    // Upstream's second suppression, over all levels at 0.7, finds nothing: from one to the next, boxes have
    // half the area.
    for (auto& list : candidates) std::ranges::stable_sort(list, std::greater{}, &Candidate::score);
    return candidates;
  }

  static void add_proposals(const std::vector<Cell>& cells, double scale, std::vector<Candidate>& list) {
    for (const Cell& cell : cells) {
      list.push_back({.box = squared(shifted(window_of(cell, scale), cell.shift, 0)), .score = cell.score});
    }
  }

  /// R-Net.
  void refine(std::span<const cv::Mat> images, Candidates& candidates) const {
    judge(rnet_, kSideR, images, candidates, kMinScoreR);
    for (auto& list : candidates) {
      list = suppressed(list, 0, overlap);
      for (Candidate& candidate : list) candidate.box = squared(shifted(candidate.box, candidate.shift, 1));
    }
  }

  /// Gives candidates a network's opinion; those it does not score above the threshold go.
  static void judge(const MtcnnNetwork& network, int side, std::span<const cv::Mat> images,
                    Candidates& candidates, float threshold) {
    std::vector<std::pair<std::size_t, Candidate*>> all;
    for (std::size_t i = 0; i < images.size(); ++i) {
      for (Candidate& candidate : candidates[i]) all.emplace_back(i, &candidate);
    }
    share_out(all.size(), [&](std::size_t i, Workspace& workspace) {
      const auto& [image, candidate] = all[i];
      const cv::Rect pixels = pixels_of(candidate->box, images[image].size());
      candidate->score = 0;
      if (pixels.empty()) return;
      const MapView input = workspace.image.shaped(side, side, 3);
      resize_by_area(images[image](pixels), {side, side}, 0, input);
      const float* outputs = network.run(input, workspace.maps).values;
      candidate->score = probability(outputs);
      candidate->shift = shift_of(outputs);
      std::copy_n(outputs + 6, candidate->points.size(), candidate->points.begin());
    });
    for (auto& list : candidates)
      std::erase_if(list, [&](const Candidate& candidate) { return !(candidate.score > threshold); });
  }

  /// Non-maximum suppression of boxes that are `extra` wider and higher than their edges say.
  static std::vector<Candidate> suppressed(const std::vector<Candidate>& list, float extra, Overlap measure) {
    std::vector<cv::Rect2f> boxes;
    std::vector<float> scores;
    for (const Candidate& candidate : list) {
      const cv::Rect2f box = candidate.box.rect();
      boxes.emplace_back(box.x, box.y, box.width + extra, box.height + extra);
      scores.push_back(candidate.score);
    }
    std::vector<Candidate> kept;
    for (const std::size_t i : suppress(boxes, scores, kMaxOverlap, measure)) kept.push_back(list[i]);
    return kept;
  }

  static std::vector<FaceDetection> faces_of(std::vector<Candidate> candidates) {
    for (Candidate& candidate : candidates) {
      const Edges box = candidate.box;
      for (std::size_t i = 0; i < kLandmarks; ++i) {
        float& x = candidate.points[i];
        float& y = candidate.points[i + kLandmarks];
        x = x * (box.width() + 1) + box.left - 1;
        y = y * (box.height() + 1) + box.top - 1;
      }
      candidate.box = shifted(box, candidate.shift, 1);
    }
    std::vector<FaceDetection> faces;
    std::ranges::reverse(candidates);  // here, upstream takes the last one of equal scores for the highest
    for (const Candidate& candidate : suppressed(candidates, 1, overlap_of_smaller)) {
      FaceDetection face{.box = candidate.box.rect(), .score = candidate.score};
      for (std::size_t i = 0; i < kLandmarks; ++i)
        face.landmarks.emplace_back(candidate.points[i], candidate.points[i + kLandmarks]);
      faces.push_back(std::move(face));
    }
    return faces;
  }

  MtcnnNetwork pnet_;
  MtcnnNetwork rnet_;
  MtcnnNetwork onet_;
  float min_size_;
  float min_score_;
};

MtcnnNetwork load(MtcnnPart part, std::string_view file, const FaceDetectorOptions& options) {
  const auto path = require_detector_file(file, options);
  return {part, read_weights(path), path.string()};
}

}  // namespace

const FaceDetectorKind& mtcnn_detector() {
  static const FaceDetectorKind kind = {
      .facts = {.name = "mtcnn",
                .summary =
                    "MTCNN: three networks over an image pyramid, finds small faces where they are asked for",
                .landmarks = kLandmarks,
                .wants_colour = true,
                .model_files = "mtcnn",
                .default_min_score = kMinScoreO},
      .make = [](const FaceDetectorOptions& options) -> std::unique_ptr<FaceDetector> {
        return std::make_unique<MtcnnDetector>(load(MtcnnPart::pnet, "mtcnn/pnet", options),
                                               load(MtcnnPart::rnet, "mtcnn/rnet", options),
                                               load(MtcnnPart::onet, "mtcnn/onet", options), options);
      }};
  return kind;
}

}  // namespace fer
