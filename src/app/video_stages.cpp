#include "video_stages.hpp"

#include <algorithm>

#include "detector_choice.hpp"
#include "fer/core/error.hpp"
#include "fer/core/stopwatch.hpp"
#include "fer/data/synthetic_face.hpp"
#include "fer/model/face_detectors.hpp"
#include "fer/video/video_file.hpp"
#include "fer/video/video_writer.hpp"
#include "fer/vision/face_crop.hpp"

namespace fer {
namespace {

/// There is one at least: a video that opens has a frame.
double median_ms(std::vector<double> seconds) {
  const auto middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
  std::ranges::nth_element(seconds, middle);
  return 1e3 * *middle;
}

struct StageSeconds {
  std::vector<double> decode, detect, classify, encode;
};

void classify(const cv::Mat& image, std::vector<FaceDetection> faces, Predictor& predictor,
              std::vector<double>& seconds) {
  const Preprocessing& preprocessing = predictor.facts().preprocessing;
  if (faces.empty()) {
    faces.push_back(
        {.box = {0, 0, static_cast<float>(image.cols), static_cast<float>(image.rows)}, .score = 1});
  }
  Stopwatch watch;
  std::vector<cv::Mat> crops;
  for (const FaceDetection& face : faces) crops.push_back(face_crop(image, face, preprocessing));
  predictor.predict(crops);
  seconds.push_back(watch.seconds() / static_cast<double>(faces.size()));
}

}  // namespace

void draw_clip(const std::filesystem::path& path, int frames) {
  constexpr double kFps = 25;
  VideoWriter writer(path, {.size = {640, 480}, .fps = kFps});
  for (int i = 0; i < frames; ++i) {
    SyntheticFace face;
    face.expression[FaceAction::jaw_drop] = static_cast<float>(i % 25) / 25;
    face.scene.noise_seed = static_cast<std::uint64_t>(i);
    writer.write(render_face(face, {640, 480}), i / kFps);
  }
  writer.finish(frames / kFps);
}

VideoStages video_stages(const VideoStageOptions& options, Predictor& predictor) {
  const Preprocessing& preprocessing = predictor.facts().preprocessing;
  const FaceDetectorOptions detection = detector_options(preprocessing);
  const FaceDetectorKind& kind = usual_detector(preprocessing, detection.models_folder);
  const auto detector = kind.make(detection);
  VideoFile source(options.video, options.threads);
  const VideoFacts& facts = source.facts();
  VideoWriter writer(
      options.encoded,
      {.size = {facts.width, facts.height}, .fps = 1 / facts.frame_interval(), .threads = options.threads});
  StageSeconds seconds;
  double end = 0;
  for (int i = 0; i < options.frames; ++i) {
    Stopwatch watch;
    const auto frame = source.next();
    if (!frame) break;
    const cv::Mat image = source.image();
    seconds.decode.push_back(watch.restart());
    std::vector<FaceDetection> faces = detector->detect(image);
    seconds.detect.push_back(watch.seconds());
    classify(image, std::move(faces), predictor, seconds.classify);
    watch.restart();
    writer.write(image, frame->timestamp);
    seconds.encode.push_back(watch.seconds());
    end = frame->timestamp + facts.frame_interval();
  }
  writer.finish(end);
  return {.setting = fmt::format("{}x{}, faces by {}", facts.width, facts.height, kind.facts.name),
          .stages = {{.name = "decode", .ms = median_ms(seconds.decode)},
                     {.name = "detect", .ms = median_ms(seconds.detect)},
                     {.name = "classify", .ms = median_ms(seconds.classify)},
                     {.name = "encode", .ms = median_ms(seconds.encode)}}};
}

}  // namespace fer
