#include "frame_groups.hpp"

#include <algorithm>
#include <utility>

#include "fer/core/error.hpp"

namespace fer {
namespace {

constexpr double kSpan = 0.1;             // seconds from one detection to the next, at least
constexpr std::size_t kLargestGroup = 8;  // frames, where nobody asked for a number
constexpr int kMostFrames = 64;           // a group's images are in memory together

}  // namespace

void FrameIntervals::add(double timestamp) {
  if (last) {
    shortest = std::min(shortest, timestamp - *last);
    longest = std::max(longest, timestamp - *last);
  }
  last = timestamp;
}

bool FrameIntervals::vary() const {
  return longest - shortest > std::max(2 * kTimeTolerance, 0.1 * shortest);
}

FrameGroups::FrameGroups(FrameSource& source, const AnalysisOptions& options, const AnalysisControl& control)
    : source_(source),
      sampler_(options.sampling),
      detect_every_(options.detect_every),
      frames_expected_(static_cast<std::size_t>(source.facts().frames_before(options.sampling.end))),
      control_(control) {
  if (detect_every_ < 0 || detect_every_ > kMostFrames)
    throw usage_error("detection every {} frames, expected 0 to {}", detect_every_, kMostFrames);
}

std::optional<FrameGroup> FrameGroups::next() {
  FrameGroup group;
  while (auto sampled = pending_ ? std::exchange(pending_, std::nullopt) : next_sampled()) {
    if (sampled->new_shot && !group.frames.empty()) {
      pending_ = std::move(sampled);
      break;
    }
    group.new_shot = sampled->new_shot;
    group.frames.push_back(std::move(sampled->image));
    if (complete(group)) break;
  }
  if (group.frames.empty()) return std::nullopt;
  last_detection_ = group.frames.back().frame.timestamp;
  return group;
}

bool FrameGroups::complete(const FrameGroup& group) const {
  if (group.new_shot) return true;
  if (detect_every_ > 0) return group.frames.size() >= static_cast<std::size_t>(detect_every_);
  const double next_detection = last_detection_ + kSpan - kTimeTolerance;
  return group.frames.size() == kLargestGroup || group.frames.back().frame.timestamp >= next_detection;
}

std::optional<Frame> FrameGroups::next_frame() {
  const auto frame = source_.next();
  if (!frame || sampler_.finished(frame->timestamp)) return std::nullopt;
  stopped_ = control_.stop && control_.stop();
  if (stopped_) return std::nullopt;
  ++frames_total_;
  intervals_.add(frame->timestamp);
  const auto done = static_cast<std::size_t>(frames_total_);
  if (control_.progress)
    control_.progress(done, frames_expected_ == 0 ? 0 : std::max(done, frames_expected_));
  return frame;
}

std::optional<FrameGroups::Sampled> FrameGroups::next_sampled() {
  while (const auto frame = next_frame()) {
    if (cut_detector_.add(source_.thumbnail())) {
      ++cuts_;
      new_shot_ = true;
    }
    if (sampler_.take(*frame))
      return Sampled{.image = {*frame, source_.image()}, .new_shot = std::exchange(new_shot_, false)};
  }
  return std::nullopt;
}

}  // namespace fer
