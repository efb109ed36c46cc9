#include <array>
#include <cstring>
#include <map>
#include <optional>
#include <vector>

#include "fer/engine/onnx_file.hpp"
#include "message_reader.hpp"

namespace fer {
namespace {

// Fields of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
namespace model {
constexpr std::uint64_t kGraph = 7;
}
namespace graph {
constexpr std::uint64_t kNode = 1;
constexpr std::uint64_t kInitializer = 5;
}  // namespace graph
namespace node {
constexpr std::uint64_t kInput = 1;
constexpr std::uint64_t kType = 4;
constexpr std::uint64_t kAttribute = 5;
}  // namespace node
namespace attribute {
constexpr std::uint64_t kName = 1;
constexpr std::uint64_t kFloat = 2;
constexpr std::uint64_t kType = 20;
constexpr std::uint64_t kTypeFloat = 1;
}  // namespace attribute
namespace tensor {
constexpr std::uint64_t kType = 2;
constexpr std::uint64_t kFloats = 4;
constexpr std::uint64_t kName = 8;
constexpr std::uint64_t kRawData = 9;
constexpr std::uint64_t kTypeFloat = 1;
}  // namespace tensor

/// Constants that are a single float, by name.
using Numbers = std::map<std::string_view, float>;

void add_number(Numbers& numbers, std::string_view initializer) {
  std::string_view name;
  std::string_view bytes;
  bool is_float = false;
  MessageReader field(initializer);
  while (field.next()) {
    if (field.field() == tensor::kName) name = field.content();
    if (field.field() == tensor::kType) is_float = field.number() == tensor::kTypeFloat;
    if (field.field() == tensor::kRawData || field.field() == tensor::kFloats) bytes = field.content();
  }
  if (float value = 0; is_float && bytes.size() == sizeof value) {
    std::memcpy(&value, bytes.data(), sizeof value);
    numbers[name] = value;
  }
}

Numbers numbers_of(std::string_view graph) {
  Numbers numbers;
  MessageReader field(graph);
  while (field.next()) {
    if (field.field() == graph::kInitializer) add_number(numbers, field.content());
  }
  return numbers;
}

std::string float_attribute(std::string_view name, float value) {
  std::string message;
  append_field(message, attribute::kName, name);
  append_field(message, attribute::kFloat, value);
  append_field(message, attribute::kType, attribute::kTypeFloat);
  return message;
}

/// The names of a Clip's inputs; none for another node.
std::vector<std::string_view> inputs_of_clip(std::string_view node) {
  std::vector<std::string_view> inputs;
  bool clips = false;
  MessageReader field(node);
  while (field.next()) {
    if (field.field() == node::kInput) inputs.push_back(field.content());
    if (field.field() == node::kType) clips = field.content() == "Clip";
  }
  return clips ? inputs : std::vector<std::string_view>();
}

/// Nothing for a node that is to stay as it is.
std::optional<std::string> with_limits_inside(std::string_view node, const Numbers& numbers) {
  constexpr std::array<std::string_view, 2> kLimits = {"min", "max"};
  const auto inputs = inputs_of_clip(node);
  if (inputs.size() < 2) return std::nullopt;
  std::string rewritten;
  append_field(rewritten, node::kInput, inputs[0]);
  MessageReader field(node);
  while (field.next()) {
    if (field.field() != node::kInput) rewritten += field.whole();
  }
  for (std::size_t i = 1; i < inputs.size() && i <= kLimits.size(); ++i) {
    if (inputs[i].empty()) continue;  // no limit on this side
    const auto found = numbers.find(inputs[i]);
    if (found == numbers.end()) return std::nullopt;
    append_field(rewritten, node::kAttribute, float_attribute(kLimits[i - 1], found->second));
  }
  return rewritten;
}

std::string rewritten_graph(std::string_view graph) {
  const Numbers numbers = numbers_of(graph);
  std::string rewritten;
  MessageReader field(graph);
  while (field.next()) {
    const auto node =
        field.field() == graph::kNode ? with_limits_inside(field.content(), numbers) : std::nullopt;
    if (node) {
      append_field(rewritten, graph::kNode, *node);
    } else {
      rewritten += field.whole();
    }
  }
  return rewritten;
}

}  // namespace

std::string onnx_for_opencv(std::string_view file) {
  std::string rewritten;
  MessageReader field(file);
  while (field.next()) {
    if (field.field() == model::kGraph) {
      append_field(rewritten, model::kGraph, rewritten_graph(field.content()));
    } else {
      rewritten += field.whole();
    }
  }
  return rewritten;
}

}  // namespace fer
