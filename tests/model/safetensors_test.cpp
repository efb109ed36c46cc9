#include <gtest/gtest.h>

#include "model/weight_files.hpp"

namespace fer::test {
namespace {

using testing::HasSubstr;

const auto kReadSafetensors = [](const std::filesystem::path& path) { read_safetensors(path); };

std::string file_of(std::string_view header, std::string_view data) {
  return little_endian(header.size(), 8) + std::string(header) + std::string(data);
}

std::string entry(std::string_view dtype, std::string_view shape, std::string_view offsets) {
  return fmt::format(R"({{"dtype":"{}","shape":[{}],"data_offsets":[{}]}})", dtype, shape, offsets);
}

class Safetensors : public WeightFiles {
 protected:
  std::string error(std::string_view header, std::string_view data = "") const {
    return error_of(file_of(header, data), kReadSafetensors);
  }
};

TEST_F(Safetensors, ReadsWhatPythonWrote) {
  const TensorFile file = read_safetensors(golden("golden.safetensors"));
  expect_same(file.tensors, golden_tensors());
  EXPECT_EQ(file.metadata,
            (std::map<std::string, std::string>{{"format", "pt"}, {"note", "a \u00e9 \"quote\""}}));
}

TEST_F(Safetensors, RoundTripsEveryTypeAndTheMetadata) {
  const TensorFile file{.tensors = golden_tensors(), .metadata = {{"", "empty"}, {"b\n", "\u00e9 \"\\"}}};
  const auto path = folder_ / "x.safetensors";
  write_safetensors(path, file);
  const TensorFile back = read_safetensors(path);
  expect_same(back.tensors, file.tensors);
  EXPECT_EQ(back.metadata, file.metadata);
}

TEST_F(Safetensors, RoundTripsAFileWithoutTensors) {
  write_safetensors(folder_ / "x.safetensors", {});
  const TensorFile back = read_safetensors(folder_ / "x.safetensors");
  EXPECT_TRUE(back.tensors.empty());
  EXPECT_TRUE(back.metadata.empty());
}

TEST_F(Safetensors, WritesStridedTensorsInOrderOfTheirElements) {
  const at::Tensor matrix = make(at::kFloat, {2, 3}, {0, 1, 2, 3, 4, 5});
  write_safetensors(folder_ / "x.safetensors", {.tensors = {{"t", matrix.t()}}, .metadata = {}});
  expect_same(read_safetensors(folder_ / "x.safetensors").tensors,
              {{"t", make(at::kFloat, {3, 2}, {0, 3, 1, 4, 2, 5})}});
}

TEST_F(Safetensors, IsLaidOutForReadersThatMapTheFile) {
  const TensorMap tensors = {{"a", make(at::kByte, {3}, {1, 2, 3})}, {"b", make(at::kDouble, {1}, {0})}};
  write_safetensors(folder_ / "x.safetensors", {.tensors = tensors, .metadata = {}});
  const std::string bytes = read_file(folder_ / "x.safetensors");
  const std::string header =
      R"({"a":{"data_offsets":[8,11],"dtype":"U8","shape":[3]},"b":{"data_offsets":[0,8],"dtype":"F64","shape":[1]}})";
  const std::size_t padded = (header.size() + 7) / 8 * 8;
  EXPECT_EQ(bytes.substr(0, 8), little_endian(padded, 8));
  EXPECT_EQ(bytes.substr(8, padded), header + std::string(padded - header.size(), ' '));
  EXPECT_EQ(bytes.substr(8 + padded), std::string(8, '\0') + "\1\2\3");
}

TEST_F(Safetensors, RefusesToWriteWhatItCannot) {
  const auto error = [&](const TensorFile& file) -> std::string {
    try {
      write_safetensors(folder_ / "bad.safetensors", file);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  const at::Tensor one = make(at::kFloat, {1}, {1});
  EXPECT_THAT(error({.tensors = {{"__metadata__", one}}, .metadata = {}}), HasSubstr("__metadata__"));
  EXPECT_THAT(error({.tensors = {{"c", one.to(at::kComplexFloat)}}, .metadata = {}}),
              HasSubstr("tensor 'c' is of type ComplexFloat"));
  EXPECT_THAT(error({.tensors = {{"u", at::Tensor()}}, .metadata = {}}),
              HasSubstr("tensor 'u' is undefined"));
  EXPECT_THAT(error({.tensors = {{"\xff", one}}, .metadata = {}}), HasSubstr("not UTF-8"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(Safetensors, ReadsTensorsInAnyOrderOfTheHeader) {
  const std::string header = R"({"b":)" + entry("U8", "1", "1,2") + R"(,"e":)" + entry("F32", "0", "1,1") +
                             R"(,"a":)" + entry("U8", "", "0,1") + "}   ";
  expect_same(
      read_safetensors(write(file_of(header, "\5\6"))).tensors,
      {{"a", make(at::kByte, {}, {5})}, {"b", make(at::kByte, {1}, {6})}, {"e", make(at::kFloat, {0}, {})}});
}

TEST_F(Safetensors, DoesNotTrustTheHeadersLength) {
  EXPECT_THAT(error_of("", kReadSafetensors), HasSubstr("truncated"));
  EXPECT_THAT(error_of("\1\2\3", kReadSafetensors), HasSubstr("truncated"));
  EXPECT_THAT(error_of(little_endian(~std::uint64_t{0}, 8) + "{}", kReadSafetensors),
              HasSubstr("is no safetensors file"));
  EXPECT_THAT(error_of(little_endian(90'000'000, 8) + "{}", kReadSafetensors), HasSubstr("truncated"));
  EXPECT_THAT(error_of(little_endian(0, 8), kReadSafetensors), HasSubstr("no valid JSON"));
  EXPECT_THAT(error_of("<!DOCTYPE html><html></html>", kReadSafetensors),
              HasSubstr("is no safetensors file"));
}

TEST_F(Safetensors, RefusesAHeaderThatIsNoValidJson) {
  EXPECT_THAT(error("{"), HasSubstr("no valid JSON at its byte"));
  EXPECT_THAT(error("{}{}"), HasSubstr("no valid JSON"));
  EXPECT_THAT(error("{\"\xff\":1}"), HasSubstr("no valid JSON"));
  EXPECT_THAT(error("{\"a\":1e999}"), HasSubstr("safetensors header"));
  EXPECT_THAT(error("{\"a\":" + std::string(1'000'000, '[')), HasSubstr("nested too deeply"));
}

TEST_F(Safetensors, RefusesNamesThatStandTwice) {
  const std::string tensor = R"("a":)" + entry("U8", "1", "0,1");
  EXPECT_THAT(error("{" + tensor + "," + tensor + "}", "x"), HasSubstr("names 'a' twice"));
  EXPECT_THAT(error(R"({"__metadata__":{"k":"1","k":"2"}})"), HasSubstr("names 'k' twice"));
  EXPECT_THAT(error(R"({"a":{"dtype":"U8","dtype":"I8","shape":[],"data_offsets":[0,1]}})", "x"),
              HasSubstr("names 'dtype' twice"));
}

TEST_F(Safetensors, RefusesMalformedEntries) {
  EXPECT_THAT(error(R"({"a":1})"), HasSubstr("tensor 'a': 'dtype' is missing"));
  EXPECT_THAT(error(R"({"a":{"dtype":"U8","shape":[1]}})"), HasSubstr("'data_offsets' is missing"));
  EXPECT_THAT(error(R"({"a":)" + entry("F8_E4M3", "1", "0,1") + "}", "x"),
              HasSubstr("tensor 'a': dtype 'F8_E4M3' is none of F64, F32"));
  EXPECT_THAT(error(R"({"a":{"dtype":5,"shape":[1],"data_offsets":[0,1]}})", "x"),
              HasSubstr("dtype 'number'"));
  for (const char* shape : {"-1", "1.0", "\"1\"", "null"}) {
    EXPECT_THAT(error(R"({"a":)" + entry("U8", shape, "0,1") + "}", "x"), HasSubstr("'shape' is no list"))
        << shape;
  }
  for (const char* offsets : {"0", "0,1,2", "1,0"}) {
    EXPECT_THAT(error(R"({"a":)" + entry("U8", "1", offsets) + "}", "x"),
                HasSubstr("no pair of begin and end"));
  }
  EXPECT_THAT(error(R"({"a":)" + entry("U8", "1", "-1,0") + "}", "x"),
              HasSubstr("'data_offsets' is no list"));
  EXPECT_THAT(error(R"({"a":)" + entry("BOOL", "1", "0,1") + "}", "\2"), HasSubstr("neither 0 nor 1"));
}

TEST_F(Safetensors, RefusesMetadataThatIsNotText) {
  EXPECT_THAT(error(R"({"__metadata__":{"a":1}})"), HasSubstr("__metadata__ is no list of names and texts"));
  EXPECT_THAT(error(R"({"__metadata__":["a"]})"), HasSubstr("__metadata__ is no list of names and texts"));
}

TEST_F(Safetensors, RefusesOffsetsThatOverlapLeaveGapsOrTheFile) {
  const auto two = [&](const char* first, const char* second, std::string_view data) {
    return error(R"({"a":)" + entry("U8", "2", first) + R"(,"b":)" + entry("U8", "2", second) + "}", data);
  };
  EXPECT_EQ(two("0,2", "2,4", "abcd"), "no error");
  EXPECT_THAT(two("0,2", "1,3", "abcd"),
              HasSubstr("tensor 'b' begins at byte 1 of the data, 2 was expected"));
  EXPECT_THAT(two("0,2", "0,2", "ab"), HasSubstr("tensor 'b' begins at byte 0"));
  EXPECT_THAT(two("0,2", "3,5", "abcde"),
              HasSubstr("tensor 'b' begins at byte 3 of the data, 2 was expected"));
  EXPECT_THAT(two("0,2", "2,4", "abc"),
              HasSubstr("truncated: tensor 'b' ends at byte 4 of the data, which has 3"));
  EXPECT_THAT(two("0,2", "2,4", "abcde"), HasSubstr("1 bytes of data are not described"));
}

TEST_F(Safetensors, RefusesShapesThatDoNotFitTheirBytes) {
  const auto one = [&](std::string_view dtype, std::string_view shape, std::string_view data) {
    return error(R"({"a":)" + entry(dtype, shape, fmt::format("0,{}", data.size())) + "}", data);
  };
  EXPECT_THAT(one("F32", "2", "1234"), HasSubstr("tensor 'a': shape [2] needs 8 bytes, its offsets hold 4"));
  EXPECT_THAT(one("F32", "0", "1234"), HasSubstr("needs 0 bytes"));
  EXPECT_THAT(one("U8", "4294967296,4294967296", ""), HasSubstr("impossible shape"));
  EXPECT_THAT(one("U8", "9223372036854775808", ""), HasSubstr("impossible shape"));
  EXPECT_THAT(one("F64", "2305843009213693952", ""), HasSubstr("impossible size"));
  EXPECT_THAT(one("U8", "0,4294967296,4294967296", ""), HasSubstr("impossible shape"));
  EXPECT_THAT(one("U8", "99999999999999999999", ""), HasSubstr("'shape' is no list"));
  std::string ones = "1";
  for (int i = 0; i < 64; ++i) ones += ",1";
  EXPECT_THAT(one("U8", ones, "x"), HasSubstr("65 dimensions"));
}

TEST_F(Safetensors, RefusesAFileCutAnywhere) {
  const std::string whole = read_file(golden("golden.safetensors"));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    ASSERT_THAT(error_of(std::string_view(whole).substr(0, length), kReadSafetensors), HasSubstr("truncated"))
        << length;
  }
}

TEST_F(Safetensors, SurvivesRandomDamage) {
  const std::string whole = read_file(golden("golden.safetensors"));
  EXPECT_GT(refused_flips(whole, 4000, kReadSafetensors), 1000);
}

TEST_F(Safetensors, NamesAMissingFile) {
  EXPECT_THAT([&] { read_safetensors(folder_ / "none.safetensors"); },
              testing::ThrowsMessage<Error>(HasSubstr("none.safetensors: cannot read")));
}

TEST_F(Safetensors, ReadWeightsTellsFilesApartByContent) {
  for (const char* name : {"golden.safetensors", "zip.pth", "legacy.pth"}) {
    const auto path = write(read_file(golden(name)), "weights");
    expect_same(read_weights(path), golden_tensors());
  }
  const auto read = [](const std::filesystem::path& path) { read_weights(path); };
  EXPECT_THAT(error_of("<!DOCTYPE html>", read), HasSubstr("holds no weights"));
  EXPECT_THAT(error_of("", read), HasSubstr("holds no weights"));
}

/// A header whose length begins with a zip archive's or a pickle's first bytes.
TEST_F(Safetensors, ReadWeightsIsNotMisledByTheHeadersLength) {
  for (const std::size_t length : {std::size_t{0x4b50}, std::size_t{0x280}}) {
    std::string header = R"({"a":)" + entry("U8", "1", "0,1") + "}";
    header.resize(length, ' ');
    expect_same(read_weights(write(file_of(header, "\7"))), {{"a", make(at::kByte, {1}, {7})}});
  }
}

}  // namespace
}  // namespace fer::test
