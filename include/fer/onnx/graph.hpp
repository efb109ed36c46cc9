#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace onnx {
class ModelProto;
}

namespace fer {

/// Types of the elements of a value.
enum class OnnxType { float32, uint8, int8, int64 };

/// A setting of a node, by its name in the operator's definition.
struct OnnxAttribute {
  std::string_view name;
  std::variant<std::int64_t, float, std::vector<std::int64_t>> value;
};

/// An ONNX model of opset 17 in the making (https://onnx.ai/onnx/operators). Values go by their names.
class OnnxGraph {
 public:
  OnnxGraph();
  ~OnnxGraph();
  OnnxGraph(const OnnxGraph&) = delete;
  OnnxGraph& operator=(const OnnxGraph&) = delete;

  /// A value of N rows of these sizes, N being whatever comes.
  void add_input(const std::string& name, OnnxType type, std::span<const std::int64_t> sizes);
  void add_output(const std::string& name, OnnxType type, std::span<const std::int64_t> sizes);

  /// Text by key, in `metadata_props`.
  void add_metadata(const std::string& key, const std::string& value);

  /// Returns the name of its result.
  std::string node(const char* type, const std::vector<std::string>& inputs, const std::string& output,
                   const std::vector<OnnxAttribute>& attributes = {});

  /// One with several results.
  void node(const char* type, const std::vector<std::string>& inputs, const std::vector<std::string>& outputs,
            const std::vector<OnnxAttribute>& attributes = {});

  /// A tensor that is part of the file, its elements one after the other; no sizes: a single number. Returns
  /// its name.
  std::string constant(const std::string& name, OnnxType type, std::span<const std::int64_t> sizes,
                       std::span<const std::byte> elements);

  /// A float, without sizes.
  std::string scalar(const std::string& name, float value);
  std::string floats(const std::string& name, std::span<const float> values);
  std::string integers(const std::string& name, std::span<const std::int64_t> values);

  /// The whole file.
  std::string file() const;

 private:
  std::unique_ptr<onnx::ModelProto> model_;
};

}  // namespace fer
