#include "fer/model/pth_file.hpp"

#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>

#include "fer/core/files.hpp"
#include "support/error_text.hpp"
#include "support/temp_folder.hpp"

namespace fer::test {
namespace {

TEST(PthFile, IsReadAsItWasWritten) {
  const TempFolder folder;
  const TensorMap tensors = {{"features.0.weight", at::randn({4, 3, 3, 3})},
                             {"half", at::randn({5}).to(at::kHalf)},
                             {"norm.num_batches_tracked", at::tensor(std::int64_t{7})},
                             {"turned", at::arange(6, at::kFloat).view({2, 3}).t()}};
  const auto path = folder.path() / "state.pth";
  write_file(path, pth_file(tensors));
  const TensorMap read = read_weights(path);
  ASSERT_EQ(read.size(), tensors.size());
  for (const auto& [name, tensor] : tensors) {
    EXPECT_EQ(read.at(name).scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(at::equal(read.at(name), tensor)) << name;
  }
}

TEST(PthFile, IsTheSameForTheSameTensors) {
  const TensorMap tensors = {{"weight", at::arange(3, at::kFloat)}};
  EXPECT_EQ(pth_file(tensors), pth_file({{"weight", at::arange(3, at::kFloat)}}));
}

TEST(PthFile, RefusesTypesItDoesNotKnow) {
  EXPECT_THAT(error_text(ErrorKind::failure,
                         [] {
                           return pth_file({{"bytes", at::arange(3, at::kByte)}});
                         }),
              testing::HasSubstr("tensor 'bytes' is of type Byte"));
}

}  // namespace
}  // namespace fer::test
