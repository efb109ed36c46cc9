#include <onnx/onnx_pb.h>

#include <cstring>
#include <map>
#include <set>
#include <utility>

#include "fer/core/error.hpp"
#include "fer/onnx/answers.hpp"

namespace fer {
namespace {

/// Rebuilds a graph's nodes one by one.
class Spelling {
 public:
  explicit Spelling(onnx::GraphProto& graph) : graph_(graph) {
    for (const onnx::TensorProto& tensor : graph.initializer()) constants_[tensor.name()] = tensor;
  }

  void spell_out() {
    const auto nodes = graph_.node();
    graph_.clear_node();
    for (const onnx::NodeProto& node : nodes) {
      if (node.op_type() == "QuantizeLinear") {
        quantise(node);
      } else if (node.op_type() == "DequantizeLinear") {
        constants_.contains(node.input(0)) ? dequantise_constant(node) : dequantise(node);
      } else {
        *graph_.add_node() = node;
      }
    }
    graph_.clear_initializer();
    for (const auto& [name, tensor] : constants_) {
      if (!bytes_.contains(name)) *graph_.add_initializer() = tensor;
    }
  }

 private:
  std::string add(const char* type, const std::vector<std::string>& inputs, const std::string& output) {
    onnx::NodeProto& node = *graph_.add_node();
    node.set_op_type(type);
    node.set_name(output);
    for (const std::string& input : inputs) node.add_input(input);
    node.add_output(output);
    return output;
  }

  std::string number(const std::string& name, float value) {
    onnx::TensorProto& tensor = constants_[name];
    tensor.set_name(name);
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    tensor.set_raw_data(&value, sizeof value);
    return name;
  }

  /// The zero of a node's scale as a float.
  std::string zero_of(const onnx::NodeProto& node) {
    bytes_.insert(node.input(2));
    const auto zero = static_cast<std::uint8_t>(constants_.at(node.input(2)).raw_data().at(0));
    return number(node.output(0) + ".zero", zero);
  }

  void quantise(const onnx::NodeProto& node) {
    const std::string& out = node.output(0);
    const std::string whole =
        add("Round", {add("Div", {node.input(0), node.input(1)}, out + ".steps")}, out + ".whole");
    const std::string moved = add("Add", {whole, zero_of(node)}, out + ".moved");
    add("Clip", {moved, number(out + ".least", 0), number(out + ".most", 255)}, out);
  }

  void dequantise(const onnx::NodeProto& node) {
    const std::string& out = node.output(0);
    add("Mul", {add("Sub", {node.input(0), zero_of(node)}, out + ".steps"), node.input(1)}, out);
  }

  /// Weights, their output channels first.
  void dequantise_constant(const onnx::NodeProto& node) {
    for (int i = 0; i < 3; ++i) bytes_.insert(node.input(i));
    const onnx::TensorProto& weights = constants_.at(node.input(0));
    const std::string& steps = constants_.at(node.input(1)).raw_data();
    const std::size_t channels = steps.size() / sizeof(float);
    const std::size_t each = weights.raw_data().size() / channels;
    std::vector<float> values;
    for (std::size_t i = 0; i < weights.raw_data().size(); ++i) {
      float step = 0;
      std::memcpy(&step, steps.data() + i / each * sizeof step, sizeof step);
      values.push_back(static_cast<float>(static_cast<std::int8_t>(weights.raw_data()[i])) * step);
    }
    onnx::TensorProto tensor;
    tensor.set_name(node.output(0));
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    *tensor.mutable_dims() = weights.dims();
    tensor.set_raw_data(values.data(), values.size() * sizeof(float));
    constants_[tensor.name()] = std::move(tensor);
  }

  onnx::GraphProto& graph_;
  std::map<std::string, onnx::TensorProto> constants_;
  std::set<std::string> bytes_;  // of which the float form alone is left
};

}  // namespace

std::string in_floats(const std::string& onnx) {
  onnx::ModelProto model;
  if (!model.ParseFromString(onnx)) throw data_error("is no ONNX model");
  Spelling(*model.mutable_graph()).spell_out();
  return model.SerializeAsString();
}

}  // namespace fer
