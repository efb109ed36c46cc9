#include "fer/report/backbone_files.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <vector>

namespace fer {
namespace {

const std::vector<BackboneFigures> kBackbones = {{.name = "small",
                                                  .input_size = 224,
                                                  .parameters = 1'234'567,
                                                  .macs = 56'000'000,
                                                  .ms_per_image = 2.25,
                                                  .images_per_second = 812.5,
                                                  .memory = 40'400'000},
                                                 {.name = "a_larger_one",
                                                  .input_size = 96,
                                                  .parameters = 85'800'000,
                                                  .macs = 17'564'000'000,
                                                  .ms_per_image = 120,
                                                  .images_per_second = 9.125,
                                                  .memory = 1'200'000'000}};
const BackboneSetting kSetting{.device = "cpu, 2 threads", .batch = 32, .classes = 7, .libtorch = "2.13.0"};

TEST(BackboneTableTest, HasTheSettingAndARowForEachBackbone) {
  EXPECT_EQ(backbone_table(kBackbones, kSetting),
            "7 classes, cpu, 2 threads, LibTorch 2.13.0\n"
            "\n"
            "Backbone      Input  Parameters (M)  Multiply-adds (G)  ms/image  images/s (batches of 32)  "
            "Memory (MB)\n"
            "small           224            1.23               0.06       2.2                     812.5  "
            "         40\n"
            "a_larger_one     96           85.80              17.56     120.0                       9.1  "
            "       1200\n");
}

TEST(BackboneJsonTest, HoldsTheSameFiguresByName) {
  const auto json = nlohmann::json::parse(backbone_json(kBackbones, kSetting));
  EXPECT_EQ(json["setting"]["device"], "cpu, 2 threads");
  EXPECT_EQ(json["setting"]["batch"], 32);
  EXPECT_EQ(json["setting"]["classes"], 7);
  EXPECT_EQ(json["setting"]["libtorch"], "2.13.0");
  ASSERT_EQ(json["backbones"].size(), 2U);
  const auto& small = json["backbones"][0];
  EXPECT_EQ(small["name"], "small");
  EXPECT_EQ(small["input_size"], 224);
  EXPECT_EQ(small["parameters"], 1'234'567);
  EXPECT_EQ(small["macs"], 56'000'000);
  EXPECT_EQ(small["ms_per_image"], 2.25);
  EXPECT_EQ(small["images_per_second"], 812.5);
  EXPECT_EQ(small["memory_bytes"], 40'400'000);
}

}  // namespace
}  // namespace fer
