#include <algorithm>
#include <numeric>
#include <opencv2/imgproc.hpp>

#include "blazeface_decoding.hpp"
#include "blazeface_network.hpp"
#include "fer/model/face_detectors.hpp"

namespace fer {
namespace {

constexpr float kMinScoreFront = 0.75F;
constexpr float kMinScoreBack = 0.65F;

BlazeFaceNetwork load_network(BlazeFaceKind kind, const std::filesystem::path& path) {
  return {kind, read_weights(path), path.string()};
}

FaceDetection in_pixels(const BlazeFace& face, float longer) {
  const auto& [right_eye, left_eye, nose, mouth, right_ear, left_ear] = face.points;
  return {
      .box = {face.box.x * longer, face.box.y * longer, face.box.width * longer, face.box.height * longer},
      .score = face.score,
      // The person's right is on the left of the image.
      .landmarks = {right_eye * longer, left_eye * longer, nose * longer, mouth * longer}};
}

class BlazeFaceDetector final : public FaceDetector {
 public:
  BlazeFaceDetector(const FaceDetectorKind& kind, BlazeFaceNetwork network,
                    const FaceDetectorOptions& options)
      : kind_(kind),
        network_(std::move(network)),
        min_size_(options.min_size),
        min_score_(options.min_score > 0 ? options.min_score : kind.facts.default_min_score) {}

  std::string_view name() const override { return kind_.facts.name; }

  std::vector<FaceDetection> detect(const cv::Mat& rgb) override {
    const BlazeFaceOutput output = network_.run(square_input(rgb));
    const auto longer = static_cast<float>(std::max(rgb.cols, rgb.rows));
    std::vector<FaceDetection> faces;
    for (const BlazeFace& face :
         blend_overlapping(decode_blazeface(output.values, output.logits, network_.side(), min_score_)))
      faces.push_back(in_pixels(face, longer));
    return without_small_faces(std::move(faces), rgb.size(), min_size_);
  }

 private:
  /// The image at the top left of a black square, which is shrunk or enlarged to the network's input.
  const cv::Mat& square_input(const cv::Mat& rgb) {
    const int side = network_.side();
    const int longer = std::max(rgb.cols, rgb.rows);
    // What lies in black alone is not resized: `step` pixels of the input come from whole pixels of the
    // square.
    const int step = longer > side ? side / std::gcd(longer, side) : side;
    const auto shown = [&](int length) {
      const int pixels = static_cast<int>((std::int64_t{length} * side + longer - 1) / longer);
      return (pixels + step - 1) / step * step;
    };
    const cv::Size part(shown(rgb.cols), shown(rgb.rows));
    const auto whole = [&](int pixels) { return static_cast<int>(std::int64_t{pixels} * longer / side); };
    const cv::Size black(whole(part.width) - rgb.cols, whole(part.height) - rgb.rows);
    if (black != cv::Size()) {
      cv::copyMakeBorder(rgb, square_, 0, black.height, 0, black.width,
                         cv::BORDER_CONSTANT | cv::BORDER_ISOLATED);
    }
    input_.create(side, side, CV_8UC3);
    input_.setTo(0);
    cv::Mat top_left = input_(cv::Rect({}, part));
    cv::resize(black == cv::Size() ? rgb : square_, top_left, part, 0, 0,
               longer > side ? cv::INTER_AREA : cv::INTER_LINEAR);
    return input_;
  }

  const FaceDetectorKind& kind_;
  BlazeFaceNetwork network_;
  float min_size_;
  float min_score_;
  cv::Mat square_;
  cv::Mat input_;
};

}  // namespace

const FaceDetectorKind& blazeface_detector() {
  static const FaceDetectorKind kind = {
      .facts = {.name = "blazeface",
                .summary = "MediaPipe's BlazeFace for faces near the camera",
                .landmarks = 4,
                .wants_colour = true,
                .model_files = "blazeface",
                .default_min_score = kMinScoreFront},
      .make = [](const FaceDetectorOptions& options) -> std::unique_ptr<FaceDetector> {
        const auto path = require_detector_file("blazeface", options);
        return std::make_unique<BlazeFaceDetector>(blazeface_detector(),
                                                   load_network(BlazeFaceKind::front, path), options);
      }};
  return kind;
}

const FaceDetectorKind& blazeface_back_detector() {
  static const FaceDetectorKind kind = {
      .facts = {.name = "blazeface_back",
                .summary = "MediaPipe's BlazeFace at twice the resolution, for smaller faces",
                .landmarks = 4,
                .wants_colour = true,
                .model_files = "blazeface_back",
                .default_min_score = kMinScoreBack},
      .make = [](const FaceDetectorOptions& options) -> std::unique_ptr<FaceDetector> {
        const auto path = require_detector_file("blazeface_back", options);
        return std::make_unique<BlazeFaceDetector>(blazeface_back_detector(),
                                                   load_network(BlazeFaceKind::back, path), options);
      }};
  return kind;
}

}  // namespace fer
