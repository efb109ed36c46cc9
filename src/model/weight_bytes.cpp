#include "weight_bytes.hpp"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <cstring>

#include "fer/core/files.hpp"

namespace fer {
namespace {

/// One past the last element of the storage that the view touches; 0 for an empty view.
std::int64_t view_end(const TensorView& view, std::int64_t count) {
  if (view.sizes.size() != view.strides.size()) {
    throw data_error("a tensor has {} sizes but {} strides", view.sizes.size(), view.strides.size());
  }
  std::int64_t last = view.offset;
  bool valid = view.offset >= 0;
  for (std::size_t i = 0; i < view.sizes.size(); ++i) {
    std::int64_t reach = 0;
    valid = valid && view.strides[i] >= 0 &&
            (count == 0 || (!__builtin_mul_overflow(view.sizes[i] - 1, view.strides[i], &reach) &&
                            !__builtin_add_overflow(last, reach, &last)));
  }
  std::int64_t end = 0;
  if (!valid || __builtin_add_overflow(last, std::int64_t{1}, &end)) {
    throw data_error("a tensor has an impossible offset or stride");
  }
  return count == 0 ? 0 : end;
}

bool is_contiguous(const TensorView& view) {
  const auto contiguous = contiguous_strides(view.sizes);
  for (std::size_t i = 0; i < view.sizes.size(); ++i) {
    if (view.sizes[i] != 1 && view.strides[i] != contiguous[i]) return false;
  }
  return true;
}

void gather(const TensorView& view, const char* from, std::span<char> to, std::size_t item) {
  std::vector<std::int64_t> index(view.sizes.size());
  std::int64_t position = view.offset;
  for (std::size_t done = 0; done < to.size(); done += item) {
    std::memcpy(&to[done], from + static_cast<std::size_t>(position) * item, item);
    for (std::size_t i = index.size(); i-- > 0;) {
      if (++index[i] < view.sizes[i]) {
        position += view.strides[i];
        break;
      }
      position -= view.strides[i] * (view.sizes[i] - 1);
      index[i] = 0;
    }
  }
}

}  // namespace

WeightFormat weight_format(std::string_view file) {
  // A safetensors header's length may begin with any byte, a '{' after it stands in neither of the others.
  if (file.size() > 8 && file[8] == '{') return WeightFormat::safetensors;
  if (file.starts_with("PK")) return WeightFormat::zip;
  if (file.starts_with('\x80')) return WeightFormat::pickle;
  return WeightFormat::unknown;
}

TensorMap read_weights(const std::filesystem::path& path) {
  const std::string file = read_file(path);
  return naming_path(path, [&]() -> TensorMap {
    switch (weight_format(file)) {
      case WeightFormat::safetensors:
        return parse_safetensors(file).tensors;
      case WeightFormat::zip:
      case WeightFormat::pickle:
        return parse_pth(file);
      case WeightFormat::unknown:
        break;
    }
    throw data_error("holds no weights: a safetensors file or one that torch.save wrote was expected");
  });
}

std::int64_t element_count(std::span<const std::int64_t> sizes) {
  if (sizes.size() > 64) throw data_error("a tensor has {} dimensions, at most 64 make sense", sizes.size());
  std::int64_t product = 1;
  for (const std::int64_t size : sizes) {
    // Zero counts as one, so that the strides of an empty tensor are in range too.
    if (size < 0 || __builtin_mul_overflow(product, std::max<std::int64_t>(size, 1), &product)) {
      throw data_error("a tensor has the impossible shape [{}]", fmt::join(sizes, ", "));
    }
  }
  return std::ranges::count(sizes, 0) > 0 ? 0 : product;
}

std::int64_t byte_count(std::int64_t count, at::ScalarType dtype) {
  std::int64_t bytes = 0;
  const auto item = static_cast<std::int64_t>(c10::elementSize(dtype));
  if (count < 0 || __builtin_mul_overflow(count, item, &bytes)) {
    throw data_error("the impossible size of {} elements", count);
  }
  return bytes;
}

std::vector<std::int64_t> contiguous_strides(std::span<const std::int64_t> sizes) {
  std::vector<std::int64_t> strides(sizes.size(), 1);
  for (std::size_t i = sizes.size(); i-- > 1;) {
    strides[i - 1] = strides[i] * std::max<std::int64_t>(sizes[i], 1);
  }
  return strides;
}

at::Tensor copy_tensor(std::string_view storage, const TensorView& view) {
  const std::int64_t count = element_count(view.sizes);
  const std::int64_t end = view_end(view, count);
  if (byte_count(end, view.dtype) > static_cast<std::int64_t>(storage.size())) {
    throw data_error("a tensor reaches to element {} of a storage of {} bytes", end, storage.size());
  }
  at::Tensor tensor = at::empty(view.sizes, at::TensorOptions(view.dtype));
  const std::span<char> bytes(static_cast<char*>(tensor.mutable_data_ptr()), tensor.nbytes());
  const std::size_t item = c10::elementSize(view.dtype);
  if (bytes.empty()) return tensor;
  if (is_contiguous(view)) {
    std::memcpy(bytes.data(), storage.data() + static_cast<std::size_t>(view.offset) * item, bytes.size());
  } else {
    gather(view, storage.data(), bytes, item);
  }
  if (view.dtype == at::kBool &&
      std::ranges::any_of(bytes, [](char byte) { return byte != 0 && byte != 1; })) {
    throw data_error("a tensor of booleans holds a byte that is neither 0 nor 1");
  }
  return tensor;
}

}  // namespace fer
