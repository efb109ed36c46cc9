#include "fer/model/checkpoint.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>

#include "model/weight_files.hpp"

namespace fer::test {
namespace {

using testing::HasSubstr;

const auto kLoad = [](const std::filesystem::path& path) { load_checkpoint(path); };

Calibration at_temperature(double temperature) {
  return {.method = CalibrationMethod::temperature, .temperature = temperature};
}

CheckpointInfo unusual_info() {
  return {.backbone = "tiny",
          .width = 1.0 / 3.0,
          .classes = ClassList({"Ja \"quoted\"", "nein \u00e9"}),
          .preprocessing = {.detector = "none",
                            .min_face = 0.07F,
                            .min_score = 0.9F,
                            .target = FaceTarget::center,
                            .align = true,
                            .square = false,
                            .margin = 1.0F / 3.0F,
                            .size = 48,
                            .grey = true,
                            .mean = {0.1F, std::numeric_limits<float>::denorm_min(), -3.4e38F},
                            .std = {std::nextafter(0.2F, 1.0F), 1e-30F, 16777217.0F}},
          .calibration = {.method = CalibrationMethod::vector,
                          .scale = {1.0 / 3.0, -1e-300},
                          .bias = {std::numeric_limits<double>::denorm_min(), -1e300}},
          .class_prior = {1.0 / 7.0, 6.0 / 7.0},
          .trained_on = "made up, epoch 3 of 7\nsecond line",
          .epoch = 3};
}

class CheckpointFile : public WeightFiles {
 protected:
  std::filesystem::path path() const { return folder_ / "x.safetensors"; }

  Checkpoint round_trip(const Checkpoint& checkpoint) const {
    save_checkpoint(path(), checkpoint);
    return load_checkpoint(path());
  }

  /// The error for a good checkpoint whose metadata says something else under one key; null: nothing at all.
  std::string error_with(const std::string& key, const char* value) const {
    save_checkpoint(path(), {});
    TensorFile file = read_safetensors(path());
    if (value == nullptr) {
      EXPECT_EQ(file.metadata.erase(key), 1U) << key;
    } else {
      file.metadata[key] = value;
    }
    write_safetensors(path(), file);
    return error_of(read_file(path()), kLoad);
  }

  /// The same for one key of the preprocessing.
  std::string preprocessing_error(const std::string& key, const std::string& value) const {
    std::map<std::string, std::string> values = {
        {"detector", "\"haar\""}, {"min_face", "0.1"}, {"min_score", "0"},  {"target", "\"largest\""},
        {"align", "false"},       {"square", "true"},  {"margin", "0.2"},   {"size", "224"},
        {"grey", "false"},        {"mean", "[0,0,0]"}, {"std", "[1, 1, 1]"}};
    values[key] = value;
    std::vector<std::string> members;
    for (const auto& [name, text] : values) {
      if (!text.empty()) members.push_back(fmt::format("\"{}\":{}", name, text));
    }
    return error_with("preprocessing", fmt::format("{{{}}}", fmt::join(members, ",")).c_str());
  }
};

TEST_F(CheckpointFile, RoundTripsEverything) {
  const Checkpoint checkpoint{.info = unusual_info(), .weights = golden_tensors()};
  const Checkpoint back = round_trip(checkpoint);
  EXPECT_EQ(back.info, checkpoint.info);
  expect_same(back.weights, checkpoint.weights);
  EXPECT_EQ(round_trip({}).info, CheckpointInfo{});
}

TEST_F(CheckpointFile, RoundTripsNumbersExactly) {
  std::mt19937_64 random(7);
  for (int trial = 0; trial < 40; ++trial) {
    CheckpointInfo info;
    info.calibration.method = CalibrationMethod::temperature;
    info.calibration.temperature =
        std::ldexp(1.0 + std::generate_canonical<double, 53>(random), static_cast<int>(random() % 80) - 40);
    info.preprocessing.margin = std::generate_canonical<float, 24>(random);
    info.preprocessing.std[1] =
        std::ldexp(1.0F + std::generate_canonical<float, 24>(random), static_cast<int>(random() % 200) - 100);
    info.epoch = static_cast<std::int64_t>(random() >> 1U);
    const auto text = round_trip({.info = info, .weights = {}});
    ASSERT_EQ(text.info, info) << trial;
  }
}

TEST_F(CheckpointFile, SaysInPlainTextWhatItIs) {
  save_checkpoint(path(), {});
  const auto metadata = read_safetensors(path()).metadata;
  const std::map<std::string, std::string> expected = {
      {"format", "fer-checkpoint"},
      {"version", "5"},
      {"backbone", "mobilenet_v2"},
      {"width", "1"},
      {"classes", R"(["angry","disgust","fear","happy","sad","surprise","neutral"])"},
      {"preprocessing", R"({"align":false,"detector":"haar","grey":false,"margin":0.2,)"
                        R"("mean":[0.485,0.456,0.406],"min_face":0.1,"min_score":0.0,"size":224,)"
                        R"("square":true,"std":[0.229,0.224,0.225],"target":"largest"})"},
      {"calibration", R"({"method":"none"})"},
      {"class_prior", "[]"},
      {"trained_on", ""},
      {"epoch", "0"}};
  EXPECT_EQ(metadata, expected);
}

TEST_F(CheckpointFile, IsToldApartFromPlainWeights) {
  EXPECT_EQ(error_of(read_file(golden("golden.safetensors")), kLoad),
            "is not a checkpoint of this project (no fer-checkpoint metadata): it holds plain weights");
  EXPECT_EQ(error_with("format", nullptr),
            "is not a checkpoint of this project (no fer-checkpoint metadata): it holds plain weights");
  for (const char* name : {"zip.pth", "legacy.pth"}) {
    EXPECT_THAT(
        error_of(read_file(golden(name)), kLoad),
        HasSubstr("is not a checkpoint of this project: it looks like weights that torch.save wrote"));
  }
}

TEST_F(CheckpointFile, OfANewerVersionSaysSo) {
  EXPECT_EQ(error_with("version", "6"),
            "is a checkpoint of version 6, newer than this program, which reads version 5");
  for (const char* version : {"0", "-1", "1.0", "", "one"}) {
    EXPECT_THAT(error_with("version", version), HasSubstr(fmt::format("'version' is '{}'", version)));
  }
}

TEST_F(CheckpointFile, OfVersionOneIsReadAndCropsAsItAlwaysDid) {
  save_checkpoint(path(), {});
  TensorFile file = read_safetensors(path());
  file.metadata["version"] = "1";
  file.metadata.erase("class_prior");
  file.metadata.erase("calibration");
  file.metadata["temperature"] = "1.5";
  file.metadata["preprocessing"] =
      R"({"detector":"none","grey":true,"margin":0.3,"mean":[0,0,0],"min_face":0.2,"size":96,"std":[1,1,1]})";
  write_safetensors(path(), file);
  EXPECT_EQ(load_checkpoint(path()).info.calibration, at_temperature(1.5));
  EXPECT_EQ(load_checkpoint(path()).info.preprocessing, (Preprocessing{.detector = "none",
                                                                       .min_face = 0.2F,
                                                                       .margin = 0.3F,
                                                                       .size = 96,
                                                                       .grey = true,
                                                                       .mean = {0, 0, 0},
                                                                       .std = {1, 1, 1}}));
}

TEST_F(CheckpointFile, OfVersionTwoIsReadWithoutAClassPrior) {
  save_checkpoint(path(), {.info = unusual_info(), .weights = {}});
  TensorFile file = read_safetensors(path());
  file.metadata["version"] = "2";
  file.metadata.erase("class_prior");
  file.metadata.erase("calibration");
  file.metadata["temperature"] = "0.25";
  write_safetensors(path(), file);
  CheckpointInfo expected = unusual_info();
  expected.width = 1;
  expected.class_prior.clear();
  expected.calibration = at_temperature(0.25);
  EXPECT_EQ(load_checkpoint(path()).info, expected);
}

TEST_F(CheckpointFile, OfVersionFourIsReadWithTheOneWidthThereWas) {
  save_checkpoint(path(), {.info = unusual_info(), .weights = {}});
  TensorFile file = read_safetensors(path());
  file.metadata["version"] = "4";
  file.metadata.erase("width");
  write_safetensors(path(), file);
  CheckpointInfo expected = unusual_info();
  expected.width = 1;
  EXPECT_EQ(load_checkpoint(path()).info, expected);
}

/// A file of version 3, byte for byte: the length of the header, the header, one tensor of four numbers.
std::string file_of_version_three(const std::string& temperature) {
  const std::string header =
      R"({"__metadata__":{"backbone":"mobilenet_v2","class_prior":"[0.25,0.75]","classes":"[\"sad\",\"happy\"]",)"
      R"("epoch":"7","format":"fer-checkpoint","preprocessing":"{\"align\":false,\"detector\":\"haar\",)"
      R"(\"grey\":false,\"margin\":0.2,\"mean\":[0.485,0.456,0.406],\"min_face\":0.1,\"min_score\":0.0,)"
      R"(\"size\":224,\"square\":true,\"std\":[0.229,0.224,0.225],\"target\":\"largest\"}","temperature":")" +
      temperature +
      R"(","trained_on":"kdef: 4200 images","version":"3"},"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})";
  std::string length(8, '\0');
  for (std::size_t byte = 0; byte < 8; ++byte) length[byte] = static_cast<char>(header.size() >> (8 * byte));
  return length + header + std::string(16, '\0');
}

TEST_F(CheckpointFile, OfVersionThreeIsReadWithItsTemperature) {
  write_file(path(), file_of_version_three("1.8304"));
  const Checkpoint checkpoint = load_checkpoint(path());
  CheckpointInfo expected;
  expected.classes = ClassList({"sad", "happy"});
  expected.calibration = at_temperature(1.8304);
  expected.class_prior = {0.25, 0.75};
  expected.trained_on = "kdef: 4200 images";
  expected.epoch = 7;
  EXPECT_EQ(checkpoint.info, expected);
  EXPECT_EQ(checkpoint.weights.at("w").numel(), 4);
  for (const char* temperature : {"", "0", "-1", "nan", "inf", "-inf", "1e999", "warm", "1 "}) {
    EXPECT_THAT(error_of(file_of_version_three(temperature), kLoad),
                testing::StartsWith("checkpoint's 'temperature'"))
        << temperature;
  }
}

TEST_F(CheckpointFile, NamesTheKeyThatIsMissing) {
  for (const char* key : {"version", "backbone", "width", "classes", "preprocessing", "calibration",
                          "class_prior", "trained_on", "epoch"}) {
    EXPECT_EQ(error_with(key, nullptr), fmt::format("checkpoint lacks '{}'", key));
  }
  for (const char* key : {"detector", "min_face", "min_score", "target", "align", "square", "margin", "size",
                          "grey", "mean", "std"}) {
    EXPECT_EQ(preprocessing_error(key, ""), fmt::format("checkpoint lacks 'preprocessing.{}'", key));
  }
}

TEST_F(CheckpointFile, NamesTheValueThatIsInvalid) {
  const std::vector<std::pair<std::string, std::vector<const char*>>> cases = {
      {"backbone", {""}},
      {"width", {"", "0", "-1", "11", "nan", "wide"}},
      {"calibration",
       {"", "[]", "{}", "null", "1.5", R"({"method":"platt"})", R"({"method":1})",
        R"({"method":"temperature"})", R"({"method":"temperature","temperature":"1"})",
        R"({"method":"temperature","temperature":null})", R"({"method":"vector"})",
        R"({"method":"vector","scale":[1,1],"bias":[0,0]})", R"({"method":"vector","scale":[1,1,1,1,1,1,1]})",
        R"({"method":"vector","scale":[1,1,1,1,1,1,"1"],"bias":[0,0,0,0,0,0,0]})",
        R"({"method":"vector","scale":[1,1,1,1,1,1,null],"bias":[0,0,0,0,0,0,0]})",
        R"({"method":"vector","scale":[1,1,1,1,1,1,1],"bias":[0,0,0,0,0,0,1e999]})"}},
      {"epoch", {"", "-1", "1.5", "99999999999999999999"}},
      {"classes",
       {"", "{}", "[1,2]", "\"a\"", "[\"a\",\"b\"", "[]", "[\"a\"]", "[\"a\",\"A\"]", "[\"a\",\"\"]"}},
      {"class_prior",
       {"", "{}", "null", "0.5", "[1]", "[0.5,0.5]", "[1,0,0,0,0,0,\"0\"]", "[1,0,0,0,0,0,null]",
        "[1.5,-0.5,0,0,0,0,0]", "[0,0,0,0,0,0,0]", "[1,1,0,0,0,0,0]", "[1e999,0,0,0,0,0,0]",
        "[0.2,0.2,0.2,0.2,0.1,0,0]", "[1,0,0,0,0,0,0,0]"}},
      {"preprocessing", {"", "[]", "{", "null"}}};
  for (const auto& [key, values] : cases) {
    for (const char* value : values) {
      EXPECT_THAT(error_with(key, value), testing::StartsWith(fmt::format("checkpoint's '{}'", key)))
          << value;
    }
  }
}

TEST_F(CheckpointFile, IsRefusedWhereItNamesANetworkFarLargerThanItself) {
  EXPECT_EQ(error_with("width", "10"), "holds 0 bytes of weights, too few for a network of width 10");
}

TEST_F(CheckpointFile, NamesTheInvalidValueOfThePreprocessing) {
  EXPECT_EQ(preprocessing_error("size", "16"), "no error");
  EXPECT_EQ(preprocessing_error("size", "1024"), "no error");
  const std::vector<std::pair<std::string, std::vector<const char*>>> cases = {
      {"detector", {"\"\"", "1", "null"}},
      {"min_face", {"-0.1", "1.5", "\"a\"", "true"}},
      {"min_score", {"-0.1", "1.1", "\"a\""}},
      {"target", {"\"left\"", "1", "null"}},
      {"align", {"0", "\"true\""}},
      {"square", {"1", "null"}},
      {"margin", {"-1", "1e300", "[]"}},
      {"size", {"15", "1025", "-224", "224.5", "1e300", "\"224\""}},
      {"grey", {"0", "\"false\"", "null"}},
      {"mean", {"0.5", "[0,0]", "[0,0,0,0]", "[0,0,\"0\"]", "[0,0,1e300]"}},
      {"std", {"[1,1,0]", "[1,-1,1]", "[1e300,1,1]", "[1,1,1e-300]", "null"}}};
  for (const auto& [key, values] : cases) {
    for (const char* value : values) {
      EXPECT_THAT(preprocessing_error(key, value),
                  testing::StartsWith(fmt::format("checkpoint's 'preprocessing.{}' is", key)))
          << value;
    }
  }
  EXPECT_EQ(preprocessing_error("tilt", "true"), "checkpoint's preprocessing has the unknown key 'tilt'");
}

TEST_F(CheckpointFile, IsNotWrittenWithWhatCouldNotBeReadBack) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<CheckpointInfo> bad(12);
  bad[0].calibration.temperature = nan;
  bad[1].calibration.temperature = 0;
  bad[2].preprocessing.size = 15;
  bad[3].preprocessing.margin = static_cast<float>(nan);
  bad[4].preprocessing.std[2] = 0;
  bad[5].backbone = "";
  bad[6].classes = ClassList({"a", "\xff"});
  bad[7].class_prior = {0.5, 0.5};
  bad[8].class_prior = {nan, 1, 0, 0, 0, 0, 0};
  bad[9].calibration = {.method = CalibrationMethod::vector, .scale = {1, 1}, .bias = {0, 0}};
  bad[10].calibration = {
      .method = CalibrationMethod::vector, .scale = {1, 1, 1, 1, 1, 1, nan}, .bias = std::vector<double>(7)};
  bad[11].calibration.scale = {1, 1, 1, 1, 1, 1, 1};
  for (const CheckpointInfo& info : bad) {
    EXPECT_THROW(save_checkpoint(path(), {.info = info, .weights = {}}), Error);
    EXPECT_TRUE(std::filesystem::is_empty(folder_));
  }
}

TEST_F(CheckpointFile, CutAnywhereIsRefused) {
  save_checkpoint(path(), {.info = unusual_info(), .weights = {{"w", make(at::kFloat, {4}, {1, 2, 3, 4})}}});
  const std::string whole = read_file(path());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    ASSERT_THAT(error_of(std::string_view(whole).substr(0, length), kLoad), HasSubstr("truncated")) << length;
  }
}

TEST_F(CheckpointFile, SurvivesRandomDamage) {
  save_checkpoint(path(), {.info = unusual_info(), .weights = {{"w", make(at::kFloat, {4}, {1, 2, 3, 4})}}});
  EXPECT_GT(refused_flips(read_file(path()), 3000, kLoad), 1000);
}

}  // namespace
}  // namespace fer::test
