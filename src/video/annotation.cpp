#include "fer/video/annotation.hpp"

#include <tbb/info.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <span>
#include <utility>

#include "annotation_drawing.hpp"
#include "fer/core/error.hpp"
#include "fer/video/video_writer.hpp"
#include "pipeline_items.hpp"
#include "shown_faces.hpp"

namespace fer {
namespace {

/// The part of the recording to write, in its seconds. What a damaged file states of its length may be far
/// from what can be read.
TimeSpan part_to_write(const VideoAnalysis& analysis) {
  const Sampling& sampling = analysis.options.sampling;
  const double stated = analysis.duration_seconds.value_or(0);
  double end = stated;
  if (!analysis.frames.empty() && (stated <= 0 || analysis.damaged || analysis.stopped)) {
    const SampledFrame& last = analysis.frames.back();
    end = last.timestamp + last.seconds;
    if (stated > 0) end = std::min(end, stated);
  }
  return {.from = sampling.start, .until = std::min(end, sampling.end)};
}

cv::Rect2f scaled(const cv::Rect2f& box, const cv::Point2f& factor) {
  return {box.x * factor.x, box.y * factor.y, box.width * factor.x, box.height * factor.y};
}

struct Picture {
  Frame frame;
  cv::Mat rgb;
};

class AnnotationStages {
 public:
  AnnotationStages(FrameSource& source, const VideoAnalysis& analysis, const AnnotationOptions& options,
                   const AnalysisControl& control)
      : source_(source),
        analysis_(analysis),
        threads_(std::min(options.threads, tbb::info::default_concurrency())),
        control_(control),
        size_(analysis.facts.width, analysis.facts.height),
        span_(part_to_write(analysis)),
        excerpt_({.method = SamplingMethod::all,
                  .start = analysis.options.sampling.start,
                  .end = analysis.options.sampling.end}),
        drawing_(size_, analysis, span_),
        pictures_(static_cast<std::size_t>(threads_) + 2),
        cover_(options.blur_faces ? std::span(analysis.frames) : std::span<const SampledFrame>()) {}

  void run(VideoWriter& writer) {
    using tbb::filter_mode;
    const auto read = [this](tbb::flow_control& flow) {
      Picture* picture = next();
      if (picture == nullptr) flow.stop();
      return picture;
    };
    const auto draw = [this](Picture* picture) {
      annotate(*picture);
      return picture;
    };
    const auto write = [&](const Picture* picture) {
      writer.write(picture->rgb, std::max(0.0, picture->frame.timestamp - span_.from));
    };
    tbb::task_arena arena(threads_);
    arena.execute([&] {
      tbb::parallel_pipeline(pictures_.most(),
                             tbb::make_filter<void, Picture*>(filter_mode::serial_in_order, read) &
                                 tbb::make_filter<Picture*, Picture*>(filter_mode::parallel, draw) &
                                 tbb::make_filter<Picture*, void>(filter_mode::serial_in_order, write));
    });
    writer.finish(span_.until - span_.from);
  }

 private:
  Picture* next() {
    while (frames_read_ < analysis_.frames_total) {
      if (control_.stop && control_.stop()) throw Stopped();
      const auto frame = source_.next();
      if (!frame || excerpt_.finished(frame->timestamp)) break;
      ++frames_read_;
      if (control_.progress)
        control_.progress(static_cast<std::size_t>(frames_read_),
                          static_cast<std::size_t>(analysis_.frames_total));
      if (excerpt_.take(*frame)) return pictures_.add({.frame = *frame, .rgb = source_.image()});
    }
    return nullptr;
  }

  /// Faces are where they are in a picture of its own size.
  void annotate(Picture& picture) const {
    const cv::Size own = picture.rgb.size();
    for (const CoveredArea& area : cover_.at(picture.frame.index)) cover_area(picture.rgb, area);
    std::vector<ShownFace> faces = shown_faces(analysis_.frames, picture.frame);
    if (own != size_) {
      const cv::Point2f factor(static_cast<float>(size_.width) / static_cast<float>(own.width),
                               static_cast<float>(size_.height) / static_cast<float>(own.height));
      for (ShownFace& face : faces) face.box = scaled(face.box, factor);
      cv::Mat resized;
      cv::resize(picture.rgb, resized, size_, 0, 0, cv::INTER_AREA);
      picture.rgb = resized;
    }
    drawing_.draw(picture.rgb, faces, picture.frame.timestamp);
  }

  FrameSource& source_;
  const VideoAnalysis& analysis_;
  int threads_;
  const AnalysisControl& control_;
  cv::Size size_;
  TimeSpan span_;
  FrameSampler excerpt_;
  AnnotationDrawing drawing_;
  PipelineItems<Picture> pictures_;
  FaceCover cover_;  // of no frames where faces may show
  std::int64_t frames_read_ = 0;
};

}  // namespace

std::vector<std::string> annotate_video(FrameSource& source, const VideoAnalysis& analysis,
                                        const std::filesystem::path& path, const AnnotationOptions& options,
                                        const AnalysisControl& control) {
  const VideoFacts& facts = analysis.facts;
  VideoWriter writer(path, {.size = {facts.width, facts.height},
                            .fps = std::min(1000.0, 1 / facts.frame_interval()),
                            .threads = options.threads,
                            .sound_from = options.sound_from,
                            .sound_zero = facts.zero + analysis.options.sampling.start});
  AnnotationStages(source, analysis, options, control).run(writer);
  return writer.warnings();
}

}  // namespace fer
