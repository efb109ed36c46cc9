#include "yunet_file.hpp"

#include <ATen/ops/from_blob.h>
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <opencv2/dnn.hpp>
#include <string>
#include <vector>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"

namespace fer {
namespace {

constexpr int kTrialSide = 96;  // pixels: on maps one cell wide OpenCV 4.6 reads memory that nobody wrote
constexpr float kTolerance = 0.01F;

cv::dnn::Net load(const std::filesystem::path& path) {
  const std::string file = read_file(path);
  try {
    return cv::dnn::readNetFromONNX(file.data(), file.size());
  } catch (const std::exception&) {  // not OpenCV's alone: sizes may be absurd
    throw data_error("{}: is no network that OpenCV can load", path.string());
  }
}

/// Weight and bias of each, in the file's order.
std::vector<std::vector<cv::Mat>> convolutions_of(cv::dnn::Net& file) {
  std::vector<std::vector<cv::Mat>> list;
  for (const cv::String& name : file.getLayerNames()) {
    const auto layer = file.getLayer(file.getLayerId(name));
    if (layer->type == "Convolution") list.push_back(layer->blobs);
  }
  return list;
}

at::Tensor tensor_of(const cv::Mat& blob) {
  cv::Mat values;
  blob.convertTo(values, CV_32F);
  const std::vector<std::int64_t> shape(values.size.p, values.size.p + values.dims);
  return at::from_blob(values.data, shape, at::kFloat).clone();
}

YuNetNetwork network_of(cv::dnn::Net& file, const std::string& source) {
  const auto convolutions = convolutions_of(file);
  for (const YuNetKind kind : {YuNetKind::n, YuNetKind::s}) {
    const std::vector<std::string> names = yunet_layers(kind);
    if (names.size() != convolutions.size()) continue;
    TensorMap tensors;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (convolutions[i].size() != 2) throw data_error("{}: {} has no bias", source, names[i]);
      tensors[names[i] + ".weight"] = tensor_of(convolutions[i][0]);
      tensors[names[i] + ".bias"] = tensor_of(convolutions[i][1]).flatten();
    }
    return {kind, tensors, source};
  }
  throw data_error("{}: it has {} convolutions", source, convolutions.size());
}

struct Answer {
  const char* name;
  int first;  // of a cell's values
  int count;
};
constexpr std::array<Answer, 4> kAnswers = {{{"cls", 0, 1}, {"obj", 1, 1}, {"bbox", 2, 4}, {"kps", 6, 10}}};

bool same(const cv::Mat& expected, const MapView& map, const Answer& answer) {
  const int cells = map.height * map.width;
  if (expected.depth() != CV_32F || expected.total() != static_cast<std::size_t>(cells * answer.count))
    return false;
  const auto* value = expected.ptr<float>();
  for (int cell = 0; cell < cells; ++cell) {
    for (int i = answer.first; i < answer.first + answer.count; ++i, ++value) {
      const float logit = map.at(cell / map.width, cell % map.width)[i];
      const float own = answer.first < 2 ? 1 / (1 + std::exp(-logit)) : logit;
      if (!(std::abs(own - *value) <= kTolerance * (1 + std::abs(*value)))) return false;
    }
  }
  return true;
}

/// Throws if the file's layers are put together in another way.
void compare(YuNetNetwork& network, cv::dnn::Net& file, const std::string& source) {
  cv::Mat noise(kTrialSide, kTrialSide, CV_8UC3);
  cv::RNG(1).fill(noise, cv::RNG::UNIFORM, 0, 256);
  const YuNetOutput output = network.run(noise);
  std::vector<cv::String> names;
  for (const int stride : kYuNetStrides) {
    for (const Answer& answer : kAnswers) names.push_back(fmt::format("{}_{}", answer.name, stride));
  }
  std::vector<cv::Mat> expected;
  file.setInput(cv::dnn::blobFromImage(noise, 1, {}, {}, /*swapRB=*/true));
  file.forward(expected, names);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!same(expected[i], output[i / kAnswers.size()], kAnswers[i % kAnswers.size()]))
      throw data_error("{}: its output {} is not what this network gives", source, names[i]);
  }
}

}  // namespace

YuNetNetwork read_yunet(const std::filesystem::path& path) {
  cv::dnn::Net file = load(path);
  const std::string source = path.string() + ": is no YuNet of 2023";
  try {
    YuNetNetwork network = network_of(file, source);
    compare(network, file, source);
    return network;
  } catch (const cv::Exception&) {
    throw data_error("{}: its inputs or outputs have other names or sizes", source);
  }
}

}  // namespace fer
