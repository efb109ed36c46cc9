#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "weight_bytes.hpp"

namespace fer {

struct PickleNode;

struct PickleList {
  std::vector<PickleNode*> items;
  bool tuple = false;
};

struct PickleDict {
  std::vector<std::pair<PickleNode*, PickleNode*>>
      items;  ///< as written: of two equal keys the last one counts
};

/// A block of memory that lies beside the pickle, under this key.
struct PickleStorage {
  std::string_view key;
  at::ScalarType dtype;
  std::int64_t count = 0;  ///< elements
};

/// A view of a storage, its sizes and strides not looked at yet.
struct PickleTensor {
  const PickleStorage* storage;
  std::int64_t offset;
  const PickleList* sizes;
  const PickleList* strides;
};

/// A class or function that tensors are made of, by its Python name.
struct PickleGlobal {
  enum class Kind { ordered_dict, tensor, parameter, size, device, storage };
  std::string_view module;
  std::string_view name;
  Kind kind;
  at::ScalarType dtype = at::kByte;  ///< of a storage class
};

/// An object; None is std::monostate. Texts lie in the pickle's bytes. An integer beyond 64 bits is the
/// nearest double.
struct PickleNode {
  std::variant<std::monostate, bool, std::int64_t, double, std::string_view, PickleList, PickleDict,
               PickleStorage, PickleTensor, const PickleGlobal*>
      value;
};

/// "a number", "a tensor" …, for messages.
std::string_view kind_of(const PickleNode& node);

/// The node's value, or a data error that says what it is instead of `expected` ("a tuple").
template <class Value>
const Value& get(const PickleNode& node, std::string_view expected) {
  if (const auto* value = std::get_if<Value>(&node.value)) return *value;
  throw data_error("the pickle is damaged: {} where {} was expected", kind_of(node), expected);
}

struct Pickle {
  std::deque<PickleNode> nodes;  ///< owns the objects, which may refer to each other in circles
  const PickleNode* root = nullptr;
  std::map<std::string, PickleStorage, std::less<>> storages;
  std::size_t length = 0;  ///< bytes of the pickle
};

/// The row of a name in the list of those allowed. Throws a data error "refused: …" for any other.
const PickleGlobal* find_global(std::string_view module, std::string_view name);

/// From the arguments a pickle gives: ('storage', class, key, place it was on, elements[, None]) and
/// (storage, offset, sizes, strides[, requires_grad, hooks[, metadata]]). A data error for any others.
PickleStorage make_storage(const std::vector<PickleNode*>& id);
PickleTensor make_tensor(const std::vector<PickleNode*>& arguments);

/// Interprets the pickle that `bytes` begin with (protocols 2 to 5) and which has to outlive the result. Only
/// the opcodes and names of which torch.save makes state dicts are known; any other name is refused with a
/// data error "refused: the pickle names module.name, …", nothing is ever called or imported. Memory stays in
/// proportion to `bytes`, and there is no recursion.
Pickle read_pickle(std::string_view bytes);

/// Throws a data error where the sizes or strides are no whole numbers or too many to be any.
TensorView view_of(const PickleTensor& tensor);

/// What the dict says under a key; null without it.
const PickleNode* find(const PickleDict& dict, std::string_view key);

}  // namespace fer
