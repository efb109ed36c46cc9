#include <gmock/gmock.h>

#include "app/tool_runs.hpp"
#include "bench_checkpoint.hpp"
#include "child_process.hpp"
#include "fer/model/backbone_facts.hpp"
#include "fer/model/device.hpp"
#include "fer/report/device_files.hpp"
#include "support/scoped_variable.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::run;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// One thread, as those that earlier tests had computed with do not follow into a new process. The start-up
/// time is that of the running program, which is none of ours here.
class BenchDevice : public testing::Test {
 protected:
  static Outcome bench(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "device");
    for (const char* argument : {"--threads", "1", "--device", "cpu", "--quick", "--no-start-up"})
      arguments.emplace_back(argument);
    return run(bench_tool, arguments);
  }

  /// Made by another process, so that LibTorch does not compute with several threads in this one.
  fs::path checkpoint(const std::string& backbone, bool quantised) const {
    const fs::path path = folder_.path() / (backbone + ".safetensors");
    const fs::path other = folder_.path() / (backbone + ".int8.safetensors");
    in_child_process([&] {
      use_threads(1);
      write_random_checkpoint(path, {.backbone = backbone, .input_size = 32});
      if (quantised) quantise_on_noise(path, other);
      return std::string();
    });
    return quantised ? other : path;
  }

  const test::TempFolder folder_;
  const test::TempFolder scratch_;
  const fs::path json_ = folder_.path() / "device.json";
  const test::ScopedVariable temporary_{"TMPDIR", scratch_.path().string()};
};

TEST_F(BenchDevice, ReportsRatesAndStagesAndLeavesNothingBehind) {
  const Outcome outcome = bench({"--size", "32", "--batch", "1,2", "--json", json_.string()});
  ASSERT_EQ(outcome.code, kOk) << outcome.err;
  const DeviceReport report = read_device_report(json_);
  EXPECT_EQ(outcome.out, device_markdown(report));
  EXPECT_EQ(report.parameters, 2'223'872 + 7 * 1280 + 7);
  EXPECT_EQ(report.threads, 1);
  EXPECT_EQ(report.input_size, 32);
  ASSERT_EQ(report.rates.size(), 6U) << "three precisions, two batches";
  EXPECT_EQ(report.rates[1].batch, 2);
  EXPECT_GE(report.rates[1].repetitions, 3);
  EXPECT_GT(report.rates[1].ms, 0);
  EXPECT_LE(report.rates[1].ms_low, report.rates[1].ms);
  EXPECT_GE(report.rates[1].ms_high, report.rates[1].ms);
  EXPECT_GT(report.rates[1].peak_memory, 4 * 2'200'000);
  EXPECT_EQ(report.rates[5].precision, "int8");
  EXPECT_GT(report.rates[5].ms, 0) << "quantised for the measurement";
  EXPECT_LT(3 * report.int8_bytes, report.model_bytes);
  ASSERT_EQ(report.stages.size(), 4U);
  for (const DeviceStage& stage : report.stages) EXPECT_GT(stage.ms, 0) << stage.name;
  EXPECT_THAT(scratch_.files(), IsEmpty());
}

TEST_F(BenchDevice, WhatIsNotSupportedIsListedWithTheReason) {
  const fs::path run = folder_.path() / "run";
  fs::create_directory(run);
  fs::rename(checkpoint("vit_tiny_patch16", false), run / "best.safetensors");
  const Outcome outcome = bench({"-m", run.string(), "--precision", "fp32,int8", "--batch", "1", "--no-video",
                                 "--json", json_.string()});
  ASSERT_EQ(outcome.code, kOk) << outcome.err;
  const DeviceReport report = read_device_report(json_);
  EXPECT_EQ(report.backbone, "vit_tiny_patch16");
  ASSERT_EQ(report.rates.size(), 2U);
  EXPECT_GT(report.rates[0].ms, 0);
  EXPECT_THAT(report.rates[1].not_supported, HasSubstr("int8 is for convolutional backbones"));
  EXPECT_EQ(report.int8_bytes, 0);
}

TEST_F(BenchDevice, AQuantisedCheckpointHasInt8Alone) {
  const fs::path quantised = checkpoint("mobilenet_v2", true);
  const Outcome outcome = bench({"-m", quantised.string(), "--precision", "fp32,int8", "--batch", "1",
                                 "--no-video", "--json", json_.string()});
  ASSERT_EQ(outcome.code, kOk) << outcome.err;
  const DeviceReport report = read_device_report(json_);
  ASSERT_EQ(report.rates.size(), 2U);
  EXPECT_THAT(report.rates[0].not_supported, HasSubstr("is quantised to int8"));
  EXPECT_GT(report.rates[1].ms, 0);
  EXPECT_GT(report.parameters, 2'200'000);
}

TEST_F(BenchDevice, ACheckpointOrVideoThatCannotBeReadIsADataError) {
  folder_.write("damaged.safetensors", "no weights");
  const std::string damaged = (folder_.path() / "damaged.safetensors").string();
  const Outcome outcome = bench({"-m", damaged, "--json", json_.string()});
  EXPECT_EQ(outcome.code, kData);
  EXPECT_THAT(outcome.err, HasSubstr("damaged.safetensors"));
  EXPECT_EQ(bench({"-m", (folder_.path() / "none").string()}).code, kData);
  const Outcome video = bench({"--size", "32", "--precision", "fp32", "--batch", "1", "--video", damaged});
  EXPECT_EQ(video.code, kData);
  EXPECT_FALSE(fs::exists(json_));
}

TEST_F(BenchDevice, WordsThatMeanNothingAreUsageErrors) {
  EXPECT_EQ(bench({"--precision", "fp8"}).code, kUsage);
  EXPECT_EQ(bench({"--batch", "0"}).code, kUsage);
}

TEST_F(BenchDevice, TwoReportsAreCompared) {
  const std::string json = json_.string();
  ASSERT_EQ(bench({"--size", "32", "--precision", "fp32", "--batch", "1", "--no-video", "--json", json}).code,
            kOk);
  const Outcome outcome = run(bench_tool, {"compare", json, json});
  EXPECT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("Same machine"));
  EXPECT_THAT(outcome.out, HasSubstr("| 1.00 |"));
  EXPECT_EQ(run(bench_tool, {"compare", json, (folder_.path() / "none.json").string()}).code, kData);
}

}  // namespace
}  // namespace fer
