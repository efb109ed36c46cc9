#include "fer/onnx/graph.hpp"

#include <onnx/onnx_pb.h>

#include <array>

namespace fer {
namespace {

constexpr int kOpset = 17;
constexpr int kIrVersion = 8;

onnx::TensorProto::DataType proto_type(OnnxType type) {
  switch (type) {
    case OnnxType::float32:
      return onnx::TensorProto::FLOAT;
    case OnnxType::uint8:
      return onnx::TensorProto::UINT8;
    case OnnxType::int8:
      return onnx::TensorProto::INT8;
    case OnnxType::int64:
      return onnx::TensorProto::INT64;
  }
  return onnx::TensorProto::UNDEFINED;
}

void describe(onnx::ValueInfoProto& value, const std::string& name, OnnxType type,
              std::span<const std::int64_t> sizes) {
  value.set_name(name);
  onnx::TypeProto::Tensor& tensor = *value.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(proto_type(type));
  tensor.mutable_shape()->add_dim()->set_dim_param("N");
  for (const std::int64_t size : sizes) tensor.mutable_shape()->add_dim()->set_dim_value(size);
}

void add_attribute(onnx::NodeProto& node, const OnnxAttribute& attribute) {
  onnx::AttributeProto& proto = *node.add_attribute();
  proto.set_name(std::string(attribute.name));
  if (const auto* integer = std::get_if<std::int64_t>(&attribute.value)) {
    proto.set_type(onnx::AttributeProto::INT);
    proto.set_i(*integer);
  } else if (const auto* number = std::get_if<float>(&attribute.value)) {
    proto.set_type(onnx::AttributeProto::FLOAT);
    proto.set_f(*number);
  } else {
    proto.set_type(onnx::AttributeProto::INTS);
    for (const std::int64_t value : std::get<std::vector<std::int64_t>>(attribute.value))
      proto.add_ints(value);
  }
}

}  // namespace

OnnxGraph::OnnxGraph() : model_(std::make_unique<onnx::ModelProto>()) {
  model_->set_ir_version(kIrVersion);
  model_->set_producer_name("fer-export");
  model_->add_opset_import()->set_version(kOpset);
  model_->mutable_graph()->set_name("classifier");
}

OnnxGraph::~OnnxGraph() = default;

void OnnxGraph::add_input(const std::string& name, OnnxType type, std::span<const std::int64_t> sizes) {
  describe(*model_->mutable_graph()->add_input(), name, type, sizes);
}

void OnnxGraph::add_output(const std::string& name, OnnxType type, std::span<const std::int64_t> sizes) {
  describe(*model_->mutable_graph()->add_output(), name, type, sizes);
}

void OnnxGraph::add_metadata(const std::string& key, const std::string& value) {
  onnx::StringStringEntryProto& entry = *model_->add_metadata_props();
  entry.set_key(key);
  entry.set_value(value);
}

std::string OnnxGraph::node(const char* type, const std::vector<std::string>& inputs,
                            const std::string& output, const std::vector<OnnxAttribute>& attributes) {
  node(type, inputs, std::vector<std::string>{output}, attributes);
  return output;
}

void OnnxGraph::node(const char* type, const std::vector<std::string>& inputs,
                     const std::vector<std::string>& outputs, const std::vector<OnnxAttribute>& attributes) {
  onnx::NodeProto& node = *model_->mutable_graph()->add_node();
  node.set_op_type(type);
  node.set_name(outputs.front());
  for (const std::string& input : inputs) node.add_input(input);
  for (const std::string& output : outputs) node.add_output(output);
  for (const OnnxAttribute& attribute : attributes) add_attribute(node, attribute);
}

std::string OnnxGraph::constant(const std::string& name, OnnxType type, std::span<const std::int64_t> sizes,
                                std::span<const std::byte> elements) {
  onnx::TensorProto& tensor = *model_->mutable_graph()->add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(proto_type(type));
  for (const std::int64_t size : sizes) tensor.add_dims(size);
  tensor.set_raw_data(elements.data(), elements.size());
  return name;
}

std::string OnnxGraph::scalar(const std::string& name, float value) {
  return constant(name, OnnxType::float32, {}, std::as_bytes(std::span(&value, 1)));
}

std::string OnnxGraph::floats(const std::string& name, std::span<const float> values) {
  return constant(name, OnnxType::float32, std::array{std::ssize(values)}, std::as_bytes(values));
}

std::string OnnxGraph::integers(const std::string& name, std::span<const std::int64_t> values) {
  return constant(name, OnnxType::int64, std::array{std::ssize(values)}, std::as_bytes(values));
}

std::string OnnxGraph::file() const { return model_->SerializeAsString(); }

}  // namespace fer
