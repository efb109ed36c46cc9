#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/model/tensor_file.hpp"

namespace fer::test {

inline std::filesystem::path golden(const std::string& name) {
  return std::filesystem::path(FER_SOURCE_DIR) / "tests/golden/weights" / name;
}

inline std::filesystem::path shared_model(const std::string& name) {
  return std::filesystem::path(FER_SOURCE_DIR) / "../shared/models" / name;
}

inline at::Tensor make(at::ScalarType dtype, std::vector<std::int64_t> sizes, std::vector<double> values) {
  return at::tensor(values, at::kDouble).to(dtype).reshape(sizes);
}

/// What tests/golden/make_weight_files.py wrote.
inline TensorMap golden_tensors() {
  const std::vector<double> six = {0, 3, 6, 9, 12, 15};
  std::vector<double> ascending(24);
  std::vector<double> permuted(24);
  for (std::size_t i = 0; i < 24; ++i) {
    ascending[i] = static_cast<double>(i);
    permuted[i] = static_cast<double>(i % 6 * 4 + i / 6);
  }
  const std::vector<double> sixteen(ascending.begin(), ascending.begin() + 16);
  return {{"f64", make(at::kDouble, {2, 3}, six)},
          {"f32", make(at::kFloat, {2, 3}, six)},
          {"f16", make(at::kHalf, {2, 3}, six)},
          {"bf16", make(at::kBFloat16, {2, 3}, six)},
          {"i64", make(at::kLong, {2, 3}, six)},
          {"i32", make(at::kInt, {2, 3}, six)},
          {"i16", make(at::kShort, {2, 3}, six)},
          {"i8", make(at::kChar, {2, 3}, six)},
          {"u8", make(at::kByte, {2, 3}, six)},
          {"bool", make(at::kBool, {3}, {1, 0, 1})},
          {"empty", make(at::kFloat, {0, 3}, {})},
          {"scalar", make(at::kLong, {}, {7})},
          {"matrix", make(at::kFloat, {2, 3, 4}, ascending)},
          {"permuted", make(at::kFloat, {4, 2, 3}, permuted)},
          {"slice", make(at::kFloat, {3, 2}, {13, 14, 17, 18, 21, 22})},
          {"expanded", make(at::kFloat, {4}, {2.5, 2.5, 2.5, 2.5})},
          {"channels_last", make(at::kFloat, {1, 4, 2, 2}, sixteen)},
          {"parameter", make(at::kFloat, {2}, {1.5, -0.25})}};
}

/// Same names, types, shapes and values; each contiguous and in memory of its own.
inline void expect_same(const TensorMap& actual, const TensorMap& expected) {
  const auto names = [](const TensorMap& tensors) {
    std::vector<std::string> list;
    for (const auto& row : tensors) list.push_back(row.first);
    return list;
  };
  ASSERT_EQ(names(actual), names(expected));
  for (const auto& [name, tensor] : actual) {
    const at::Tensor& other = expected.at(name);
    EXPECT_EQ(tensor.scalar_type(), other.scalar_type()) << name;
    EXPECT_EQ(tensor.sizes(), other.sizes()) << name;
    EXPECT_TRUE(tensor.is_contiguous()) << name;
    EXPECT_EQ(tensor.storage().nbytes(), tensor.nbytes()) << name;
    if (tensor.sizes() == other.sizes() && tensor.scalar_type() == other.scalar_type()) {
      EXPECT_TRUE(at::equal(tensor, other)) << name;
    }
  }
}

/// A folder of its own for each test.
class WeightFiles : public testing::Test {
 protected:
  WeightFiles() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              ("fer-" + std::to_string(::getpid()) + "-" + test->test_suite_name() + "-" + test->name());
    make_folder(folder_);
  }
  ~WeightFiles() override { std::filesystem::remove_all(folder_); }

  /// Thousands are written: a file that is new, not overwritten, does not wait for the disk.
  std::filesystem::path write(std::string_view bytes, const std::string& name = "x.bin") const {
    const auto path = folder_ / name;
    std::filesystem::remove(path);
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return path;
  }

  using Reader = std::function<void(const std::filesystem::path&)>;

  /// The one-line data error the reader has for these bytes, without the path it has to begin with.
  std::string error_of(std::string_view bytes, const Reader& read) const {
    const auto path = write(bytes);
    try {
      read(path);
    } catch (const Error& error) {
      const std::string text = error.what();
      EXPECT_EQ(error.kind(), ErrorKind::data) << text;
      EXPECT_EQ(text.find('\n'), std::string::npos) << text;
      EXPECT_EQ(text.substr(0, path.string().size() + 2), path.string() + ": ");
      return text.substr(std::min(text.size(), path.string().size() + 2));
    }
    return "no error";
  }

  /// Damaged bytes are read or refused, anything else (a crash, another exception) fails the test.
  /// Returns how many of the trials were refused.
  int refused_flips(const std::string& bytes, int trials, const Reader& read) const {
    std::mt19937 random(20240817);
    int refused = 0;
    for (int trial = 0; trial < trials; ++trial) {
      std::string damaged = bytes;
      for (auto flips = random() % 4 + 1; flips > 0; --flips) {
        damaged[random() % damaged.size()] = static_cast<char>(random() % 256);
      }
      try {
        read(write(damaged));
      } catch (const Error&) {
        ++refused;
      }
    }
    return refused;
  }

  std::filesystem::path folder_;
};

inline std::string little_endian(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i, value >>= 8U) text += static_cast<char>(value & 0xffU);
  return text;
}

}  // namespace fer::test
