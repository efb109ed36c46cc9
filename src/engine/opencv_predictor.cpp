#include "fer/engine/opencv_predictor.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <numeric>
#include <opencv2/dnn.hpp>
#include <utility>

#include "fer/core/files.hpp"
#include "fer/core/naming.hpp"
#include "fer/engine/mirrored_predictor.hpp"
#include "fer/engine/onnx_file.hpp"
#include "fer/engine/opencv_net.hpp"
#include "fer/vision/pixel_values.hpp"

namespace fer {
namespace {

/// Logits whose softmax they are. Throws a data error if they are none.
void to_logits(std::vector<float>& probabilities) {
  const float sum = std::accumulate(probabilities.begin(), probabilities.end(), 0.0F);
  if (!(std::abs(sum - 1) < 1e-3F) || std::ranges::min(probabilities) < 0)
    throw data_error("its network gives numbers that sum to {:.4g}, not probabilities", sum);
  for (float& value : probabilities) value = std::log(std::max(value, std::numeric_limits<float>::min()));
}

/// As many networks as threads ever ran at once: OpenCV's are not for several.
class NetPool {
 public:
  explicit NetPool(std::string file) : file_(std::move(file)) {}

  /// work(net) with a network that nobody else has.
  template <class Work>
  void lend(Work&& work) {
    cv::dnn::Net net = take();
    work(net);
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(net));
  }

 private:
  cv::dnn::Net take() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        cv::dnn::Net net = idle_.back();
        idle_.pop_back();
        return net;
      }
    }
    return read_onnx_net(file_);
  }

  std::string file_;
  std::mutex mutex_;
  std::vector<cv::dnn::Net> idle_;
};

class OpencvPredictor final : public LogitPredictor {
 public:
  /// Runs it once, so that a network of another kind is known here.
  OpencvPredictor(const CheckpointInfo& info, const OnnxForm& form, std::string file)
      : facts_(facts_of(info, form.quantised ? "int8" : "fp32")),
        form_(form),
        values_(info.preprocessing),
        nets_(std::move(file)) {
    if (form.probabilities) facts_.calibration = {};  // it is in them
    const int size = facts_.preprocessing.size;
    const cv::Mat grey(size, size, CV_8UC3, cv::Scalar::all(128));
    logits({&grey, 1});
  }

  const PredictorFacts& facts() const override { return facts_; }

  std::vector<std::vector<float>> logits(std::span<const cv::Mat> crops) override {
    std::vector<std::vector<float>> rows;
    nets_.lend([&](cv::dnn::Net& net) {
      for (const cv::Mat& crop : crops) rows.push_back(row_of(net, crop));
    });
    return rows;
  }

 private:
  std::vector<float> row_of(cv::dnn::Net& net, const cv::Mat& crop) const {
    check_crop(crop, facts_.preprocessing);
    cv::Mat answer;
    try {
      net.setInput(form_.rgb8 ? bytes_of(crop) : normalised(crop));
      answer = net.forward();
    } catch (const cv::Exception&) {
      throw data_error("its network cannot be run on an image of {0}x{0}", facts_.preprocessing.size);
    }
    const auto classes = static_cast<std::size_t>(facts_.classes.size());
    if (answer.depth() != CV_32F || answer.total() != classes)
      throw data_error("its network gives {} numbers for {} classes", answer.total(), classes);
    const auto* values = answer.ptr<float>();
    std::vector<float> row(values, values + classes);
    if (form_.probabilities) to_logits(row);
    return row;
  }

  /// [1,size,size,3], in the crop's memory
  static cv::Mat bytes_of(const cv::Mat& crop) {
    return {std::vector<int>{1, crop.rows, crop.cols, 3}, CV_8U, crop.data};
  }

  /// [1,3,size,size]
  cv::Mat normalised(const cv::Mat& crop) const {
    cv::Mat blob(std::vector<int>{1, 3, crop.rows, crop.cols}, CV_32F);
    const std::size_t pixels = crop.total();
    for (std::size_t c = 0; c < 3; ++c) {
      float* plane = blob.ptr<float>() + c * pixels;
      for (std::size_t i = 0; i < pixels; ++i) plane[i] = values_(c, crop.data[3 * i + c]);
    }
    return blob;
  }

  PredictorFacts facts_;
  OnnxForm form_;
  PixelValues values_;
  NetPool nets_;
};

void check_options(const PredictorOptions& options) {
  if (options.device != "auto" && options.device != "cpu")
    throw usage_error("device '{}': OpenCV's engine computes on the CPU; use auto or cpu", options.device);
  if (options.precision != "auto" && options.precision != "fp32")
    throw usage_error("precision '{}': OpenCV's engine computes what the ONNX file says; use auto or fp32",
                      options.precision);
}

std::unique_ptr<LogitPredictor> parse_onnx(std::string file) {
  const Metadata metadata = onnx_metadata(file);
  if (!metadata.contains("preprocessing")) {
    throw data_error(
        "is an ONNX file without classes and preprocessing: fer-export writes such that have them");
  }
  const OnnxForm form = onnx_form(metadata);
  try {
    return std::make_unique<OpencvPredictor>(checkpoint_info(metadata), form, std::move(file));
  } catch (const Error& error) {
    if (!form.quantised) throw;
    throw data_error("{}: it is quantised, export it in float for OpenCV {}", error.what(), CV_VERSION);
  }
}

}  // namespace

std::unique_ptr<LogitPredictor> load_opencv_predictor(const std::filesystem::path& onnx,
                                                      const PredictorOptions& options) {
  check_options(options);
  auto predictor = naming(onnx, [&] { return parse_onnx(read_file(onnx)); });
  return options.mirror ? mirrored(std::move(predictor)) : std::move(predictor);
}

}  // namespace fer
