#include "mtcnn_networks.hpp"

#include <ATen/ops/allclose.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/prelu.h>
#include <ATen/ops/randn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/utils.h>

#include <limits>

#include "mtcnn_weights.hpp"
#include "support/error_text.hpp"

namespace fer {
namespace {

using testing::Eq;

TensorMap random_weights(MtcnnPart part) {
  torch::manual_seed(17);
  return test::mtcnn_weights(part, [](const std::string&, at::Tensor& tensor) {
    tensor.copy_(at::randn(tensor.sizes()));
    if (tensor.dim() > 1) tensor /= std::sqrt(static_cast<double>(tensor[0].numel()));
  });
}

/// facenet-pytorch's way through a network, with LibTorch's operators.
class MtcnnReference {
 public:
  MtcnnReference(const TensorMap& weights, const at::Tensor& x) : weights_(weights), x_(x) {}

  MtcnnReference& conv(int i) {
    const std::string name = "conv" + std::to_string(i);
    x_ = at::conv2d(x_, weights_.at(name + ".weight"), weights_.at(name + ".bias"));
    return prelu(i);
  }

  MtcnnReference& pool(int size) {
    x_ = at::max_pool2d(x_, {size, size}, {2, 2}, 0, 1, /*ceil_mode=*/true);
    return *this;
  }

  MtcnnReference& dense(int i) {
    if (x_.dim() == 4) x_ = x_.permute({0, 3, 2, 1}).reshape({x_.size(0), -1});
    x_ = head("dense" + std::to_string(i));
    return prelu(i);
  }

  at::Tensor heads(const std::vector<std::string>& names) const {
    std::vector<at::Tensor> outputs;
    for (const std::string& name : names) outputs.push_back(head(name));
    return at::cat(outputs, 1);
  }

 private:
  MtcnnReference& prelu(int i) {
    x_ = at::prelu(x_, weights_.at("prelu" + std::to_string(i) + ".weight"));
    return *this;
  }

  at::Tensor head(const std::string& name) const {
    const at::Tensor& weight = weights_.at(name + ".weight");
    const at::Tensor& bias = weights_.at(name + ".bias");
    return weight.dim() == 4 ? at::conv2d(x_, weight, bias) : at::linear(x_, weight, bias);
  }

  const TensorMap& weights_;
  at::Tensor x_;
};

void expect_outputs(MtcnnPart part, const TensorMap& weights, const at::Tensor& image,
                    const at::Tensor& expected) {
  const at::Tensor pixels = image.permute({0, 2, 3, 1}).contiguous();
  MtcnnNetwork::Buffers buffers;
  const MapView out = MtcnnNetwork(part, weights, "x.pt")
                          .run({.values = pixels.data_ptr<float>(),
                                .height = static_cast<int>(image.size(2)),
                                .width = static_cast<int>(image.size(3)),
                                .channels = 3},
                               buffers);
  const at::Tensor values =
      at::from_blob(out.values, {1, out.height, out.width, out.channels}, at::kFloat).permute({0, 3, 1, 2});
  const at::Tensor map = expected.dim() == 4 ? expected : expected.unsqueeze(2).unsqueeze(3);
  ASSERT_EQ(values.size(2), map.size(2));
  ASSERT_EQ(values.size(3), map.size(3));
  EXPECT_TRUE(at::allclose(values.narrow(1, 0, map.size(1)), map, 1e-4, 1e-4));
}

TEST(MtcnnNetworkTest, PNetGivesWhatTheOperatorsGive) {
  const TensorMap weights = random_weights(MtcnnPart::pnet);
  for (const auto& [height, width] : {std::pair{12, 12}, {13, 31}, {40, 27}}) {
    const at::Tensor image = at::randn({1, 3, height, width});
    expect_outputs(
        MtcnnPart::pnet, weights, image,
        MtcnnReference(weights, image).conv(1).pool(2).conv(2).conv(3).heads({"conv4_1", "conv4_2"}));
  }
}

TEST(MtcnnNetworkTest, RNetGivesWhatTheOperatorsGive) {
  const TensorMap weights = random_weights(MtcnnPart::rnet);
  const at::Tensor image = at::randn({1, 3, 24, 24});
  MtcnnReference reference(weights, image);
  expect_outputs(MtcnnPart::rnet, weights, image,
                 reference.conv(1).pool(3).conv(2).pool(3).conv(3).dense(4).heads({"dense5_1", "dense5_2"}));
}

TEST(MtcnnNetworkTest, ONetGivesWhatTheOperatorsGive) {
  const TensorMap weights = random_weights(MtcnnPart::onet);
  const at::Tensor image = at::randn({1, 3, 48, 48});
  MtcnnReference reference(weights, image);
  reference.conv(1).pool(3).conv(2).pool(3).conv(3).pool(2).conv(4).dense(5);
  expect_outputs(MtcnnPart::onet, weights, image, reference.heads({"dense6_1", "dense6_2", "dense6_3"}));
}

std::string error_of(const TensorMap& weights) {
  return test::error_text(ErrorKind::data,
                          [&] { return MtcnnNetwork(MtcnnPart::rnet, weights, "models/rnet.pt"); });
}

TEST(MtcnnNetworkTest, RefusesWeightsOfAnotherNetwork) {
  EXPECT_THAT(error_of(random_weights(MtcnnPart::pnet)),
              Eq("models/rnet.pt: conv1.weight has shape [10,3,3,3], expected [28,3,3,3]"));
  EXPECT_THAT(error_of({}), Eq("models/rnet.pt: lacks conv1.weight"));
}

TEST(MtcnnNetworkTest, NamesTheTensorThatDoesNotFit) {
  TensorMap weights = random_weights(MtcnnPart::rnet);
  weights.erase("dense5_2.bias");
  EXPECT_THAT(error_of(weights), Eq("models/rnet.pt: lacks dense5_2.bias"));
  weights["dense5_2.bias"] = at::zeros({4, 1});
  EXPECT_THAT(error_of(weights), Eq("models/rnet.pt: dense5_2.bias has shape [4,1], expected [4]"));
  weights["dense5_2.bias"] = at::zeros({4}).fill_(std::numeric_limits<float>::quiet_NaN());
  EXPECT_THAT(error_of(weights), Eq("models/rnet.pt: dense5_2.bias has values that are no finite numbers"));
  weights["dense5_2.bias"] = at::zeros({4});
  weights["dense7.bias"] = at::zeros({4});
  EXPECT_THAT(error_of(weights), Eq("models/rnet.pt: 1 tensors too many for this network"));
}

}  // namespace
}  // namespace fer
