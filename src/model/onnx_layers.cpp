#include "onnx_layers.hpp"

#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <array>
#include <cmath>
#include <numbers>

#include "fer/core/error.hpp"

namespace fer {
namespace {

using Sizes = std::vector<std::int64_t>;

OnnxType type_of(const at::Tensor& tensor) {
  return tensor.scalar_type() == at::kChar ? OnnxType::int8 : OnnxType::float32;
}

class LayerWriter {
 public:
  LayerWriter(OnnxGraph& graph, const QuantisedLayers& network) : graph_(graph), network_(network) {}

  std::string write(const std::string& images, const std::string& result) {
    values_.push_back(rounded(images));
    for (const Layer& layer : network_.layers) {
      const bool last = values_.size() == network_.layers.size();
      const std::string out = last ? result : layer.name;
      const bool plain = layer.activation == Activation::none;
      const std::string before = compute(layer, plain ? out : out + ".before");
      values_.push_back(rounded(plain ? before : activated(layer.activation, before, out)));
    }
    return values_.back();
  }

 private:
  std::string input(const Layer& layer, std::size_t i = 0) const {
    return values_.at(static_cast<std::size_t>(layer.inputs.at(i)));
  }

  std::string constant(const std::string& name, const at::Tensor& tensor) {
    const at::Tensor values = tensor.contiguous();
    const auto* bytes = static_cast<const std::byte*>(values.const_data_ptr());
    return graph_.constant(name, type_of(values), values.sizes(), {bytes, values.nbytes()});
  }

  std::string bias(const Layer& layer) { return constant(layer.name + ".bias", layer.bias); }

  /// Of the layer that is written now.
  std::string weight(const Layer& layer) {
    const std::string name = layer.name + ".weight";
    const at::Tensor& steps = network_.weight_steps.at(values_.size() - 1);
    if (!steps.defined()) return constant(name, layer.weight);
    const std::string zeros = constant(name + ".zeros", at::zeros(steps.sizes(), at::kChar));
    const std::string of_each = constant(name + ".steps", steps);
    return graph_.node("DequantizeLinear", {constant(name + ".bytes", layer.weight), of_each, zeros}, name,
                       {{"axis", std::int64_t{0}}});
  }

  /// The value that comes next as bytes can say it, where it is bytes.
  std::string rounded(const std::string& value) {
    const auto& scale = network_.values.at(values_.size());
    if (!scale) return value;
    const std::string step = graph_.scalar(value + ".step", scale->step);
    const auto byte = static_cast<std::uint8_t>(scale->zero);
    const std::string zero =
        graph_.constant(value + ".zero", OnnxType::uint8, {}, std::as_bytes(std::span(&byte, 1)));
    const std::string bytes = graph_.node("QuantizeLinear", {value, step, zero}, value + ".bytes");
    return graph_.node("DequantizeLinear", {bytes, step, zero}, value + ".rounded");
  }

  /// Before the activation; `out` is a name for the result.
  std::string compute(const Layer& layer, const std::string& out) {
    switch (layer.kind) {
      case LayerKind::conv:
        return convolve(layer, out);
      case LayerKind::linear:
        return linear(layer, out);
      case LayerKind::activate:
        return input(layer);
      case LayerKind::add:
        return graph_.node("Add", {input(layer), input(layer, 1)}, out);
      case LayerKind::multiply:
        return multiply(layer, out);
      case LayerKind::mean:
        return graph_.node("Flatten", {graph_.node("GlobalAveragePool", {input(layer)}, out + ".maps")}, out,
                           {{"axis", std::int64_t{1}}});
      case LayerKind::max_pool:
        return graph_.node("MaxPool", {input(layer)}, out,
                           {{"kernel_shape", Sizes(2, layer.kernel)},
                            {"strides", Sizes(2, layer.stride)},
                            {"pads", Sizes(4, layer.padding)}});
      case LayerKind::layer_norm:
        return normalise(layer, out);
      case LayerKind::attention:
        return attend(layer, out);
      case LayerKind::tokens:
        return make_tokens(layer, out);
      case LayerKind::class_token:
        tokens_ = 0;
        return graph_.node("Flatten", {first_token(layer, out)}, out, {{"axis", std::int64_t{1}}});
    }
    throw failure("layer {} is of a kind that ONNX export does not know", layer.name);
  }

  std::string convolve(const Layer& layer, const std::string& out) {
    std::vector<std::string> inputs = {input(layer), weight(layer)};
    if (layer.bias.defined()) inputs.push_back(bias(layer));
    return graph_.node("Conv", inputs, out,
                       {{"kernel_shape", Sizes{layer.weight.size(2), layer.weight.size(3)}},
                        {"strides", Sizes(2, layer.stride)},
                        {"pads", Sizes(4, layer.padding)},
                        {"group", std::int64_t{layer.groups}}});
  }

  std::string linear(const Layer& layer, const std::string& out) {
    if (tokens_ == 0) {
      return graph_.node("Gemm", {input(layer), weight(layer), bias(layer)}, out,
                         {{"transB", std::int64_t{1}}});
    }
    const std::string turned = constant(layer.name + ".weight", layer.weight.t());
    const std::string product = graph_.node("MatMul", {input(layer), turned}, out + ".product");
    return graph_.node("Add", {product, bias(layer)}, out);
  }

  std::string multiply(const Layer& layer, const std::string& out) {
    const std::string shape = graph_.integers(out + ".shape", Sizes{0, -1, 1, 1});
    const std::string factors = graph_.node("Reshape", {input(layer, 1), shape}, out + ".factors");
    return graph_.node("Mul", {input(layer), factors}, out);
  }

  /// Instance normalisation with the tokens as channels is layer normalisation without weights; a row without
  /// tokens is one. OpenCV multiplies by tensors alone that have the tokens, too.
  std::string normalise(const Layer& layer, const std::string& out) {
    const bool row = tokens_ == 0;
    const at::Tensor ones = at::ones({row ? 1 : tokens_});
    const std::string shape = row ? graph_.integers(out + ".shape", Sizes{0, 1, -1}) : "";
    const std::string maps = row ? graph_.node("Reshape", {input(layer), shape}, out + ".map") : input(layer);
    std::string even =
        graph_.node("InstanceNormalization",
                    {maps, constant(out + ".ones", ones), constant(out + ".zeros", at::zeros_like(ones))},
                    out + ".even", {{"epsilon", static_cast<float>(layer.eps)}});
    if (row) even = graph_.node("Flatten", {even}, out + ".row", {{"axis", std::int64_t{1}}});
    const std::string factors =
        row ? weight(layer)
            : constant(layer.name + ".weight", layer.weight.expand({tokens_, layer.weight.size(0)}));
    const std::string scaled = graph_.node("Mul", {even, factors}, out + ".scaled");
    return graph_.node("Add", {scaled, bias(layer)}, out);
  }

  /// [N,T,C] to [N,heads,T,C/heads], or as `order` says of [N,T,heads,C/heads].
  std::string heads_of(const Layer& layer, const std::string& value, const Sizes& order) {
    const std::string shape = graph_.integers(value + ".shape", Sizes{0, 0, layer.heads, -1});
    const std::string split = graph_.node("Reshape", {value, shape}, value + ".split");
    return graph_.node("Transpose", {split}, value + ".heads", {{"perm", order}});
  }

  /// Queries are scaled, not their products: OpenCV 4.6 loses a factor that follows a MatMul.
  std::string attend(const Layer& layer, const std::string& out) {
    const std::string query = out + ".query", key = out + ".key", value = out + ".value";
    graph_.node("Split", {input(layer)}, std::vector<std::string>{query, key, value},
                {{"axis", std::int64_t{2}}});
    const Layer& parts = network_.layers.at(static_cast<std::size_t>(layer.inputs.at(0) - 1));
    const auto depth = static_cast<double>(parts.weight.size(0)) / 3 / layer.heads;
    const std::string scale = graph_.scalar(out + ".scale", static_cast<float>(1 / std::sqrt(depth)));
    const std::string rows =
        heads_of(layer, graph_.node("Mul", {query, scale}, query + ".scaled"), {0, 2, 1, 3});
    const std::string columns = heads_of(layer, key, {0, 2, 3, 1});
    const std::string scores = graph_.node("MatMul", {rows, columns}, out + ".scores");
    const std::string shares = graph_.node("Softmax", {scores}, out + ".shares", {{"axis", std::int64_t{3}}});
    const std::string seen =
        graph_.node("MatMul", {shares, heads_of(layer, value, {0, 2, 1, 3})}, out + ".seen");
    const std::string turned =
        graph_.node("Transpose", {seen}, out + ".turned", {{"perm", Sizes{0, 2, 1, 3}}});
    return graph_.node("Reshape", {turned, graph_.integers(out + ".joined", Sizes{0, 0, -1})}, out);
  }

  /// A place for the first token is made by padding, which works for any number of images.
  std::string make_tokens(const Layer& layer, const std::string& out) {
    tokens_ = layer.bias.size(1);
    const std::string flat = graph_.integers(out + ".flat", Sizes{0, layer.weight.size(2), -1});
    const std::string columns = graph_.node("Reshape", {input(layer), flat}, out + ".columns");
    const std::string patches =
        graph_.node("Transpose", {columns}, out + ".patches", {{"perm", Sizes{0, 2, 1}}});
    const std::string pads = graph_.integers(out + ".pads", Sizes{0, 1, 0, 0, 0, 0});
    const std::string padded = graph_.node("Pad", {patches, pads}, out + ".padded");
    at::Tensor added = layer.bias[0].clone();
    added[0] += layer.weight[0][0];
    return graph_.node("Add", {padded, constant(out + ".added", added)}, out);
  }

  std::string first_token(const Layer& layer, const std::string& out) {
    return graph_.node("Slice",
                       {input(layer), graph_.integers(out + ".begin", Sizes{0}),
                        graph_.integers(out + ".end", Sizes{1}), graph_.integers(out + ".axis", Sizes{1})},
                       out + ".first");
  }

  std::string activated(Activation activation, const std::string& x, const std::string& out) {
    switch (activation) {
      case Activation::none:
        return x;
      case Activation::relu:
        return graph_.node("Relu", {x}, out);
      case Activation::relu6:
        return graph_.node("Clip", {x, graph_.scalar(out + ".least", 0), graph_.scalar(out + ".most", 6)},
                           out);
      case Activation::silu:
        return graph_.node("Mul", {x, graph_.node("Sigmoid", {x}, out + ".gate")}, out);
      case Activation::hard_swish:
        return graph_.node("HardSwish", {x}, out);
      case Activation::sigmoid:
        return graph_.node("Sigmoid", {x}, out);
      case Activation::hard_sigmoid:
        return graph_.node("HardSigmoid", {x}, out, {{"alpha", 1.0F / 6}, {"beta", 0.5F}});
      case Activation::gelu:
        return gelu(x, out);
    }
    throw failure("{} is an activation that ONNX export does not know", out);
  }

  std::string gelu(const std::string& x, const std::string& out) {
    const std::string root = graph_.scalar(out + ".root", 1 / std::numbers::sqrt2_v<float>);
    const std::string erf =
        graph_.node("Erf", {graph_.node("Mul", {x, root}, out + ".scaled")}, out + ".erf");
    const std::string share = graph_.node("Add", {erf, graph_.scalar(out + ".one", 1)}, out + ".share");
    const std::string twice = graph_.node("Mul", {x, share}, out + ".twice");
    return graph_.node("Mul", {twice, graph_.scalar(out + ".half", 0.5F)}, out);
  }

  OnnxGraph& graph_;
  const QuantisedLayers& network_;
  std::vector<std::string> values_;  // their names, as Layer::inputs counts them
  std::int64_t tokens_ = 0;          // of an image, where it is tokens at present
};

}  // namespace

std::string add_layers(OnnxGraph& graph, const QuantisedLayers& network, const std::string& images,
                       const std::string& result) {
  return LayerWriter(graph, network).write(images, result);
}

}  // namespace fer
