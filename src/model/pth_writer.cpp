#include <ATen/core/Tensor.h>

#include <string_view>

#include "fer/core/error.hpp"
#include "fer/model/pth_file.hpp"
#include "zip_writer.hpp"

namespace fer {
namespace {

/// Appends opcodes of pickle protocol 2 (Python's Lib/pickletools.py).
class PickleWriter {
 public:
  void op(char code) { bytes_ += code; }

  void global(std::string_view module, std::string_view name) {
    bytes_.append("c").append(module).append("\n").append(name).append("\n");
  }

  void text(std::string_view text) {
    op('X');
    put(static_cast<std::uint32_t>(text.size()));
    bytes_.append(text);
  }

  void number(std::int64_t value) {
    bytes_.append("\x8a\x08");  // LONG1 of 8 bytes
    put(value);
  }

  void tuple(at::IntArrayRef values) {
    op('(');
    for (const std::int64_t value : values) number(value);
    op('t');
  }

  void empty_ordered_dict() {
    global("collections", "OrderedDict");
    bytes_.append(")R");
  }

  std::string take() && { return std::move(bytes_); }

 private:
  template <class Number>
  void put(Number value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }

  std::string bytes_ = "\x80\x02";
};

std::string_view storage_class(const std::string& name, at::ScalarType type) {
  switch (type) {
    case at::kFloat:
      return "FloatStorage";
    case at::kHalf:
      return "HalfStorage";
    case at::kLong:
      return "LongStorage";
    default:
      throw failure("tensor '{}' is of type {}, which is not written to .pth files", name,
                    c10::toString(type));
  }
}

void write_tensor(PickleWriter& pickle, const std::string& name, const at::Tensor& tensor, std::size_t key) {
  pickle.global("torch._utils", "_rebuild_tensor_v2");
  pickle.op('(');
  pickle.op('(');
  pickle.text("storage");
  pickle.global("torch", storage_class(name, tensor.scalar_type()));
  pickle.text(std::to_string(key));
  pickle.text("cpu");
  pickle.number(tensor.numel());
  pickle.op('t');
  pickle.op('Q');
  pickle.number(0);  // offset
  pickle.tuple(tensor.sizes());
  pickle.tuple(tensor.strides());
  pickle.op('\x89');  // requires no gradients
  pickle.empty_ordered_dict();
  pickle.op('t');
  pickle.op('R');
}

}  // namespace

std::string pth_file(const TensorMap& tensors) {
  PickleWriter pickle;
  TensorMap dense;
  pickle.empty_ordered_dict();
  pickle.op('(');
  for (const auto& [name, tensor] : tensors) {
    const at::Tensor& own = dense.emplace(name, tensor.detach().cpu().contiguous()).first->second;
    pickle.text(name);
    write_tensor(pickle, name, own, dense.size() - 1);
  }
  pickle.op('u');
  pickle.op('.');
  ZipWriter zip;
  zip.add("archive/data.pkl", std::move(pickle).take());
  zip.add("archive/byteorder", "little");
  std::size_t key = 0;
  for (const auto& [name, tensor] : dense) {
    zip.add(fmt::format("archive/data/{}", key++),
            {static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes()});
  }
  zip.add("archive/version", "3\n");
  return std::move(zip).finish();
}

}  // namespace fer
