#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <span>
#include <string>
#include <vector>

#include "fer/core/files.hpp"
#include "fer/core/naming.hpp"
#include "fer/engine/opencv_net.hpp"
#include "fer/engine/yunet.hpp"

namespace fer {
namespace {

constexpr int kLeastSide = 96;  // pixels: on maps one cell wide OpenCV 4.6 reads memory that nobody wrote

struct Answer {
  const char* name;
  int first;  // of a cell's values
  int count;
};
constexpr std::array<Answer, 4> kAnswers = {{{"cls", 0, 1}, {"obj", 1, 1}, {"bbox", 2, 4}, {"kps", 6, 10}}};

std::vector<cv::String> output_names() {
  std::vector<cv::String> names;
  for (const int stride : kYuNetStrides) {
    for (const Answer& answer : kAnswers) names.push_back(fmt::format("{}_{}", answer.name, stride));
  }
  return names;
}

int whole_cells(int side) {
  constexpr int kCell = kYuNetStrides.back();
  return std::max(kLeastSide, (side + kCell - 1) / kCell * kCell);
}

class OpencvYuNet {
 public:
  explicit OpencvYuNet(const std::string& file) : net_(read_onnx_net(file)) {
    run(cv::Mat::zeros(kLeastSide, kLeastSide, CV_8UC3));
  }

  YuNetOutput run(const cv::Mat& rgb) {
    cv::copyMakeBorder(rgb, padded_, 0, whole_cells(rgb.rows) - rgb.rows, 0, whole_cells(rgb.cols) - rgb.cols,
                       cv::BORDER_CONSTANT);
    std::vector<cv::Mat> answers;
    try {
      net_.setInput(cv::dnn::blobFromImage(padded_, 1, {}, {}, /*swapRB=*/true));
      net_.forward(answers, output_names());
    } catch (const cv::Exception&) {
      throw no_yunet();
    }
    YuNetOutput output;
    for (std::size_t k = 0; k < output.size(); ++k) {
      const int stride = kYuNetStrides[k];
      output[k] = joined(k, {answers.data() + k * kAnswers.size(), kAnswers.size()},
                         {padded_.cols / stride, padded_.rows / stride});
    }
    return output;
  }

 private:
  static Error no_yunet() {
    return data_error("is no YuNet of 2023: its inputs or outputs have other names or sizes");
  }

  /// The four answers of a stride, cell by cell, probabilities as logits again.
  MapView joined(std::size_t level, std::span<const cv::Mat> answers, cv::Size cells) {
    std::vector<float>& values = values_[level];
    values.resize(static_cast<std::size_t>(cells.area()) * kYuNetValues);
    for (std::size_t i = 0; i < kAnswers.size(); ++i) {
      const auto [name, first, count] = kAnswers[i];
      if (answers[i].depth() != CV_32F ||
          answers[i].total() != static_cast<std::size_t>(cells.area() * count))
        throw no_yunet();
      const auto* value = answers[i].ptr<float>();
      for (int cell = 0; cell < cells.area(); ++cell) {
        for (int k = first; k < first + count; ++k, ++value) {
          const auto at = static_cast<std::size_t>(cell * kYuNetValues + k);
          values[at] = first < 2 ? std::log(*value / (1 - *value)) : *value;
        }
      }
    }
    return {.values = values.data(), .height = cells.height, .width = cells.width, .channels = kYuNetValues};
  }

  cv::dnn::Net net_;
  cv::Mat padded_;
  std::array<std::vector<float>, kYuNetStrides.size()> values_;
};

}  // namespace

const FaceDetectorKind& opencv_yunet_detector() {
  static const FaceDetectorKind kind = yunet_kind([](const std::filesystem::path& path) -> YuNetRun {
    return [network = naming(path, [file = read_file(path)] { return OpencvYuNet(file); })](
               const cv::Mat& rgb) mutable { return network.run(rgb); };
  });
  return kind;
}

}  // namespace fer
