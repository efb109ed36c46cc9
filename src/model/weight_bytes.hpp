#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>

#include <cstdint>
#include <filesystem>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fer/core/naming.hpp"
#include "fer/core/text.hpp"
#include "fer/model/tensor_file.hpp"

namespace fer {

/// Contents of weight files. What these functions throw does not name the path: naming_path() adds it.

enum class WeightFormat { safetensors, zip, pickle, unknown };
WeightFormat weight_format(std::string_view file);

TensorFile parse_safetensors(std::string_view file);
TensorMap parse_pth(std::string_view file);

/// A tensor as it lies in a storage: element `offset` is its first one. Sizes and strides are in elements and
/// untrusted.
struct TensorView {
  at::ScalarType dtype;
  std::int64_t offset = 0;
  std::vector<std::int64_t> sizes = {};
  std::vector<std::int64_t> strides = {};
};

/// Elements of a tensor of these sizes. Throws a data error for more than 64 sizes, a negative one or a
/// product beyond 64 bits.
std::int64_t element_count(std::span<const std::int64_t> sizes);

/// count * bytes per element. Throws a data error if that is beyond 64 bits or `count` negative.
std::int64_t byte_count(std::int64_t count, at::ScalarType dtype);

/// Strides of sizes that element_count() accepts.
std::vector<std::int64_t> contiguous_strides(std::span<const std::int64_t> sizes);

/// A contiguous tensor of its own. Throws a data error if the view leaves the storage or is malformed.
at::Tensor copy_tensor(std::string_view storage, const TensorView& view);

/// As naming(), LibTorch's errors as ours.
template <class Read>
auto naming_path(const std::filesystem::path& path, Read&& read) -> decltype(read()) {
  return naming(path, [&] {
    try {
      return read();
    } catch (const c10::Error& error) {
      const std::string text = error.what_without_backtrace();
      throw failure("{}", text.substr(0, text.find('\n')));
    } catch (const std::bad_alloc&) {
      throw failure("not enough memory");
    }
  });
}

}  // namespace fer
