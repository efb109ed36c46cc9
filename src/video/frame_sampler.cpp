#include "fer/video/frame_sampler.hpp"

#include <cmath>

#include "fer/core/error.hpp"

namespace fer {

FrameSampler::FrameSampler(const Sampling& sampling) : sampling_(sampling) {
  if (sampling.method == SamplingMethod::rate && !(sampling.fps > 0 && std::isfinite(sampling.fps)))
    throw usage_error("sampling rate: {} frames a second, expected a number above 0", sampling.fps);
  if (sampling.method == SamplingMethod::every_n && sampling.every_n < 1)
    throw usage_error("sampling step: every {} frames, expected at least 1", sampling.every_n);
  if (!(sampling.end > sampling.start))
    throw usage_error("excerpt from {} to {} s: expected an end after the start", sampling.start,
                      sampling.end);
}

bool FrameSampler::take(const Frame& frame) {
  return chosen(frame) && frame.timestamp >= sampling_.start && !finished(frame.timestamp);
}

bool FrameSampler::chosen(const Frame& frame) {
  if (sampling_.method == SamplingMethod::all) return true;
  if (sampling_.method == SamplingMethod::every_n) return frame.index % sampling_.every_n == 0;
  if (!started_) {
    started_ = true;
    first_ = frame.timestamp;
  }
  const double elapsed = frame.timestamp - first_ + kTimeTolerance;
  if (elapsed < next_step_ / sampling_.fps) return false;
  next_step_ = std::floor(elapsed * sampling_.fps) + 1;
  return true;
}

}  // namespace fer
