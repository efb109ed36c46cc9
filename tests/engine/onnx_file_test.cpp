#include "fer/engine/onnx_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/golden_onnx.hpp"
#include "support/error_text.hpp"
#include "support/temp_folder.hpp"

namespace fer::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

TEST(OnnxFile, ReadsTheMetadataThatPythonWrote) {
  const Metadata metadata = onnx_metadata(read_file(kOnnxFiles / "small.onnx"));
  EXPECT_EQ(metadata, golden_json("onnx.json", "metadata").get<Metadata>());
  EXPECT_THAT(onnx_metadata(read_file(kOnnxFiles / "foreign.onnx")), IsEmpty());
}

TEST(OnnxFile, ItsMetadataAreThoseOfACheckpoint) {
  const CheckpointInfo info = checkpoint_info(onnx_metadata(read_file(kOnnxFiles / "small.onnx")));
  EXPECT_THAT(info.classes.names(),
              testing::ElementsAreArray(golden_json("onnx.json", "classes").get<std::vector<std::string>>()));
  EXPECT_EQ(info.preprocessing.size, 16);
  EXPECT_EQ(info.calibration.temperature, 2);
  EXPECT_EQ(checkpoint_info(to_metadata(info)), info);
}

TEST(OnnxFile, SaysWhatGoesInAndComesOut) {
  const auto form = [](const char* name) { return onnx_form(onnx_metadata(read_file(kOnnxFiles / name))); };
  EXPECT_EQ(form("small.onnx"), OnnxForm());
  EXPECT_EQ(form("whole.onnx"), (OnnxForm{.rgb8 = true, .probabilities = true}));
  EXPECT_EQ(form("int8.onnx"), (OnnxForm{.quantised = true}));
  EXPECT_EQ(onnx_form({{"input", "normalised"}, {"output", "logits"}}), OnnxForm());
  const auto refusal = [](const Metadata& metadata) {
    return error_text(ErrorKind::data, [&] { return onnx_form(metadata); });
  };
  EXPECT_THAT(refusal({{"input", "bgr8"}}), HasSubstr("input is 'bgr8'"));
  EXPECT_THAT(refusal({{"output", "scores"}}), HasSubstr("knows logits and probabilities"));
}

TEST(OnnxFile, GivesOpencvTheLimitsOfAClipInItsAttributes) {
  using std::string_literals::operator""s;
  const auto field = [](char tag, const std::string& content) {
    return std::string{tag, static_cast<char>(content.size())} + content;
  };
  const auto number = [&](const std::string& name, const std::string& bytes) {
    return field('\x2a', "\x10\x01"s + field('\x42', name) + field('\x4a', bytes));
  };
  const std::string numbers =
      number("low", "\0\0\0\0"s) + number("high", "\0\0\xc0\x40"s) + number("two", "12345678");
  const auto file = [&](const std::string& node) {
    return "\x08\x08"s + field('\x3a', field('\x0a', node) + numbers) + "\x40\x11";
  };
  const std::string x_to_y = field('\x0a', "x") + field('\x12', "y");
  const auto limit = [&](const std::string& name, const std::string& bytes) {
    return field('\x2a', field('\x0a', name) + "\x15"s + bytes + "\xa0\x01\x01"s);
  };
  const std::string clip = field('\x22', "Clip");
  EXPECT_EQ(onnx_for_opencv(file(field('\x0a', "x") + field('\x0a', "low") + field('\x0a', "high") +
                                 field('\x12', "y") + clip)),
            file(x_to_y + clip + limit("min", "\0\0\0\0"s) + limit("max", "\0\0\xc0\x40"s)));
  EXPECT_EQ(onnx_for_opencv(file(field('\x0a', "x") + field('\x0a', "") + field('\x0a', "high") + clip)),
            file(field('\x0a', "x") + clip + limit("max", "\0\0\xc0\x40"s)));
  for (const std::string& node : {x_to_y + clip, x_to_y + field('\x0a', "low") + field('\x22', "Max"),
                                  x_to_y + field('\x0a', "two") + clip})
    EXPECT_EQ(onnx_for_opencv(file(node)), file(node));
}

TEST(OnnxFile, ReadsEveryKindOfFieldAndGoesOn) {
  using std::string_literals::operator""s;
  const std::string skipped =
      "\x08\x96\x01\x11"
      "12345678"
      "\x1d"
      "1234"s;
  const std::string entry =
      "\x72\x06\x0a\x01"
      "a"
      "\x12\x01"
      "b"s;
  EXPECT_EQ(onnx_metadata(skipped + entry), (Metadata{{"a", "b"}}));
}

TEST(OnnxFile, RefusesWhatIsCutOffOrNoMessage) {
  const std::string whole = read_file(kOnnxFiles / "small.onnx");
  const auto error = [](std::string_view bytes) {
    return error_text(ErrorKind::data, [&] { return onnx_metadata(bytes); });
  };
  EXPECT_THAT(error(std::string_view(whole).substr(0, whole.size() - 1)), HasSubstr("truncated"));
  EXPECT_THAT(error("\x0f"), HasSubstr("damaged"));  // a kind of field that does not exist
  EXPECT_THAT(error(std::string(11, '\xff')), HasSubstr("damaged"));
  EXPECT_THAT(error("\x72\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), HasSubstr("truncated"));
}

TEST(OnnxFile, IsKnownByItsNameOrItsFirstBytes) {
  const TempFolder folder;
  const std::string whole = read_file(kOnnxFiles / "small.onnx");
  EXPECT_TRUE(is_onnx_file(folder / "missing.ONNX"));
  EXPECT_TRUE(is_onnx_file(folder.write("model.bin", whole)));
  EXPECT_FALSE(is_onnx_file(folder.write("a.safetensors", std::string("\x08\0\0\0\0\0\0\0{}      ", 16))));
  EXPECT_FALSE(is_onnx_file(folder.write("short", "\x08")));
  EXPECT_FALSE(is_onnx_file(folder / "missing"));
}

}  // namespace
}  // namespace fer::test
