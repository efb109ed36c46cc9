#include "fer/model/tensor_rows.hpp"

namespace fer {

void append_rows(const at::Tensor& values, std::vector<std::vector<float>>& rows) {
  const at::Tensor floats = values.to(at::kCPU, at::kFloat).contiguous();
  const float* row = floats.const_data_ptr<float>();
  for (std::int64_t i = 0; i < floats.size(0); ++i, row += floats.size(1))
    rows.emplace_back(row, row + floats.size(1));
}

}  // namespace fer
