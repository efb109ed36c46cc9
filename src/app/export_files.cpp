#include "export_files.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/isfinite.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "fer/core/error.hpp"
#include "fer/core/random.hpp"
#include "fer/data/synthetic_face.hpp"
#include "fer/model/image_tensor.hpp"
#include "fer/model/onnx_export.hpp"
#include "fer/model/pth_file.hpp"
#include "fer/model/tensor_rows.hpp"
#include "fer/onnx/answers.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

using Rows = std::vector<std::vector<float>>;

/// Of the largest answer; the other is for bytes, which may fall on the other side of a half.
constexpr double kTolerance = 1e-4;
constexpr double kByteTolerance = 0.1;
/// How many times as far from double precision as single precision is by itself: networks that never learned
/// blow up the least rounding.
constexpr double kRoundings = 10;

std::vector<cv::Mat> drawn_faces(int size) {
  constexpr int kFaces = 4;
  std::vector<cv::Mat> crops;
  for (int i = 0; i < kFaces; ++i) {
    Rng rng(static_cast<std::uint64_t>(i));
    const std::string& emotion = canonical_classes().at(static_cast<std::size_t>(i));
    const SyntheticFace face{.identity = synthetic_identity(1, i % 2 == 0, i),
                             .expression = synthetic_expression(emotion, 1, rng),
                             .pose = {},
                             .scene = synthetic_scene(rng)};
    crops.push_back(render_face(face, {size, size}));
  }
  return crops;
}

/// Without colour, as face_crop() leaves them for such checkpoints.
std::vector<cv::Mat> without_colour(const std::vector<cv::Mat>& crops) {
  std::vector<cv::Mat> grey(crops.size());
  for (std::size_t i = 0; i < crops.size(); ++i) {
    cv::cvtColor(crops[i], grey[i], cv::COLOR_RGB2GRAY);
    cv::cvtColor(grey[i], grey[i], cv::COLOR_GRAY2RGB);
  }
  return grey;
}

at::Tensor normalised(const std::vector<cv::Mat>& crops, const Preprocessing& preprocessing) {
  return crops_to_tensor(crops, preprocessing).contiguous();
}

/// A float blob for each image, as the model takes them.
std::vector<cv::Mat> blobs_of(const std::vector<cv::Mat>& crops, const Preprocessing& preprocessing,
                              bool images) {
  std::vector<cv::Mat> blobs;
  for (const cv::Mat& crop : crops) {
    const std::vector<int> shape =
        images ? std::vector<int>{1, crop.rows, crop.cols, 3} : std::vector<int>{1, 3, crop.rows, crop.cols};
    cv::Mat blob(shape, CV_32F);
    if (images) {
      std::copy_n(crop.data, blob.total(), blob.ptr<float>());
    } else {
      const at::Tensor tensor = normalised({crop}, preprocessing);
      std::copy_n(tensor.const_data_ptr<float>(), blob.total(), blob.ptr<float>());
    }
    blobs.push_back(std::move(blob));
  }
  return blobs;
}

Rows rows_of(const at::Tensor& logits) {
  Rows rows;
  append_rows(logits, rows);
  return rows;
}

/// A model in both forms.
struct Exported {
  std::string onnx;
  CheckpointInfo info;
  bool bytes;
  std::function<at::Tensor(const at::Tensor&)> logits;
  LayerList layers;  ///< in double precision; empty for bytes
};

Exported exported(const ExportOptions& options) {
  const OnnxOptions onnx{.probabilities = options.probabilities, .images = options.images};
  if (is_quantised(options.model)) {
    const QuantisedCheckpoint checkpoint = load_quantised(options.model);
    const auto run = [layers = DequantisedLayers(checkpoint.layers)](const at::Tensor& images) {
      return layers.run(images);
    };
    return {.onnx = onnx_model(checkpoint, onnx),
            .info = checkpoint.info,
            .bytes = true,
            .logits = run,
            .layers = {}};
  }
  const Checkpoint checkpoint = load_checkpoint(options.model);
  const LayerList layers = layers_of(checkpoint, options.model.string());
  return {.onnx = onnx_model(layers, checkpoint.info, onnx),
          .info = checkpoint.info,
          .bytes = false,
          .logits = [layers](const at::Tensor& images) { return run_layers(layers, images); },
          .layers = layers_on(layers, at::kCPU, at::kDouble)};
}

struct Difference {
  double largest = 0;
  double of = 1;  ///< the largest answer, but not below 1
};

Difference difference(const Rows& answers, const Rows& expected) {
  Difference found;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (answers.at(i).size() != expected[i].size()) return {.largest = INFINITY};
    for (std::size_t c = 0; c < expected[i].size(); ++c) {
      const double distance = std::abs(double{answers[i][c]} - expected[i][c]);
      if (!(distance <= found.largest)) found.largest = distance;  // what is no number stays
      found.of = std::max(found.of, std::abs(double{expected[i][c]}));
    }
  }
  return found;
}

/// How far answers may be apart.
double tolerance(const Exported& model, const at::Tensor& images, const Rows& logits) {
  if (model.bytes) return kByteTolerance * difference(logits, logits).of;
  const auto [rounding, of] = difference(rows_of(run_layers(model.layers, images.to(at::kDouble))), logits);
  return std::max(kTolerance * of, kRoundings * rounding);
}

/// What OpenCV says of the file against what the layers say.
std::string compare(const std::string& onnx, const Exported& model, const ExportOptions& options) {
  const Preprocessing& preprocessing = model.info.preprocessing;
  const std::vector<cv::Mat> faces = drawn_faces(preprocessing.size);
  const std::vector<cv::Mat> crops = preprocessing.grey ? without_colour(faces) : faces;
  const at::NoGradGuard no_grad;
  const at::Tensor images = normalised(crops, preprocessing);
  Rows expected = rows_of(model.logits(images));
  const double most = tolerance(model, images, expected);
  if (options.probabilities) {
    for (auto& row : expected) row = calibrated(row, model.info.calibration);
  }
  const Rows answers =
      opencv_answers(onnx, blobs_of(options.images ? faces : crops, preprocessing, options.images));
  const auto [largest, of] = difference(answers, expected);
  const std::string_view what = options.probabilities ? "probabilities" : "logits";
  if (!(largest <= most)) {
    throw failure("OpenCV's {} differ by {:.2g} from this program's, the largest being {:.2g}", what, largest,
                  of);
  }
  return fmt::format("OpenCV's {} of {} drawn faces differ by {:.1e} at most", what, crops.size(), largest);
}

/// Floats as two bytes instead of four: three significant digits.
void store_in_half(TensorMap& weights) {
  for (auto& [name, tensor] : weights) {
    if (!tensor.is_floating_point()) continue;
    tensor = tensor.to(at::kHalf);
    if (!at::isfinite(tensor).all().item<bool>())
      throw data_error("{}: a number does not fit into half precision", name);
  }
}

bool same(const TensorMap& a, const TensorMap& b) {
  return std::ranges::equal(a, b, [](const auto& one, const auto& other) {
    return one.first == other.first && one.second.scalar_type() == other.second.scalar_type() &&
           one.second.equal(other.second);
  });
}

}  // namespace

std::string export_onnx(const ExportOptions& options) {
  const Exported model = exported(options);
  AtomicFile file(options.output);
  file.write(model.onnx);
  std::string found;
  try {
    found = compare(read_file(file.temporary_path()), model, options);
  } catch (const Error& error) {
    throw failure("{}: was not written: {}", options.output.string(), error.what());
  }
  file.commit();
  return found;
}

std::string export_weights(const ExportOptions& options) {
  Checkpoint checkpoint = load_checkpoint(options.model);
  layers_of(checkpoint, options.model.string());  // refuses weights that are not the network's
  if (options.half) store_in_half(checkpoint.weights);
  AtomicFile file(options.output);
  if (options.format == "pth") {
    file.write(pth_file(checkpoint.weights));
  } else {
    save_checkpoint(file.temporary_path(), checkpoint);
  }
  if (!same(read_weights(file.temporary_path()), checkpoint.weights))
    throw failure("{}: was not written: it does not read as it should", options.output.string());
  file.commit();
  return fmt::format("all {} tensors read as they were written", checkpoint.weights.size());
}

}  // namespace fer
