#include <algorithm>
#include <array>
#include <string>

#include "pickle.hpp"

namespace fer {
namespace {

using Kind = PickleGlobal::Kind;

constexpr std::array kGlobals = {
    PickleGlobal{"collections", "OrderedDict", Kind::ordered_dict},
    PickleGlobal{"torch._utils", "_rebuild_tensor", Kind::tensor},
    PickleGlobal{"torch._utils", "_rebuild_tensor_v2", Kind::tensor},
    PickleGlobal{"torch._utils", "_rebuild_parameter", Kind::parameter},
    PickleGlobal{"torch", "Size", Kind::size},
    PickleGlobal{"torch", "device", Kind::device},
    PickleGlobal{"torch", "DoubleStorage", Kind::storage, at::kDouble},
    PickleGlobal{"torch", "FloatStorage", Kind::storage, at::kFloat},
    PickleGlobal{"torch", "HalfStorage", Kind::storage, at::kHalf},
    PickleGlobal{"torch", "BFloat16Storage", Kind::storage, at::kBFloat16},
    PickleGlobal{"torch", "LongStorage", Kind::storage, at::kLong},
    PickleGlobal{"torch", "IntStorage", Kind::storage, at::kInt},
    PickleGlobal{"torch", "ShortStorage", Kind::storage, at::kShort},
    PickleGlobal{"torch", "CharStorage", Kind::storage, at::kChar},
    PickleGlobal{"torch", "ByteStorage", Kind::storage, at::kByte},
    PickleGlobal{"torch", "BoolStorage", Kind::storage, at::kBool},
};

std::vector<std::int64_t> integers(const PickleList& list) {
  std::vector<std::int64_t> numbers;
  if (list.items.size() > 64)
    throw data_error("a tensor has {} dimensions, at most 64 make sense", list.items.size());
  for (const PickleNode* item : list.items) numbers.push_back(get<std::int64_t>(*item, "a whole number"));
  return numbers;
}

}  // namespace

const PickleGlobal* find_global(std::string_view module, std::string_view name) {
  const auto* const found = std::ranges::find_if(
      kGlobals, [&](const PickleGlobal& known) { return known.module == module && known.name == name; });
  if (found != kGlobals.end()) return found;
  const std::string full = in_quotes(std::string(module) + "." + std::string(name));
  throw data_error("refused: the pickle names {}, which is no tensor data", full.substr(1, full.size() - 2));
}

PickleStorage make_storage(const std::vector<PickleNode*>& id) {
  if (id.size() < 5 || id.size() > 6 || get<std::string_view>(*id[0], "a text") != "storage") {
    throw data_error("the pickle is damaged: it refers to something that is no storage");
  }
  if (id.size() == 6 && !std::holds_alternative<std::monostate>(id[5]->value)) {
    throw data_error("a storage is a view of another one, as PyTorch before 0.4 wrote: this is not read");
  }
  const PickleGlobal& type = *get<const PickleGlobal*>(*id[1], "a storage class");
  if (type.kind != Kind::storage) throw data_error("the pickle is damaged: {} is no storage", type.name);
  const PickleStorage storage{.key = get<std::string_view>(*id[2], "a text"),
                              .dtype = type.dtype,
                              .count = get<std::int64_t>(*id[4], "a whole number")};
  byte_count(storage.count, storage.dtype);
  return storage;
}

PickleTensor make_tensor(const std::vector<PickleNode*>& arguments) {
  if (arguments.size() < 4) throw data_error("the pickle is damaged: a tensor of too few parts");
  if (arguments.size() > 6) {  // says that the tensor is a lazily negated or conjugated one
    const auto* metadata = std::get_if<PickleDict>(&arguments[6]->value);
    if (metadata != nullptr && !metadata->items.empty())
      throw data_error("a tensor has metadata, which is not read");
  }
  return {.storage = &get<PickleStorage>(*arguments[0], "a storage"),
          .offset = get<std::int64_t>(*arguments[1], "a whole number"),
          .sizes = &get<PickleList>(*arguments[2], "a tuple"),
          .strides = &get<PickleList>(*arguments[3], "a tuple")};
}

TensorView view_of(const PickleTensor& tensor) {
  return {.dtype = tensor.storage->dtype,
          .offset = tensor.offset,
          .sizes = integers(*tensor.sizes),
          .strides = integers(*tensor.strides)};
}

std::string_view kind_of(const PickleNode& node) {
  constexpr std::array<std::string_view, 10> kNames = {
      "None",   "a truth value", "a whole number", "a number", "a text",
      "a list", "a dict",        "a storage",      "a tensor", "a class"};
  static_assert(kNames.size() == std::variant_size_v<decltype(node.value)>);
  return kNames.at(node.value.index());
}

const PickleNode* find(const PickleDict& dict, std::string_view key) {
  const PickleNode* found = nullptr;
  for (const auto& [name, value] : dict.items) {
    const auto* text = std::get_if<std::string_view>(&name->value);
    if (text != nullptr && *text == key) found = value;
  }
  return found;
}

}  // namespace fer
