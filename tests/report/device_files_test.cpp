#include "fer/report/device_files.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "support/error_text.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

DeviceReport some_report() {
  DeviceReport report;
  report.processor = "Fast CPU";
  report.cores = 2;
  report.features = {"avx2", "amx_bf16"};
  report.device = "cpu";
  report.threads = 2;
  report.system = "Linux";
  report.libtorch = "2.13.0";
  report.opencv = "4.6.0";
  report.model = "best.safetensors";
  report.backbone = "mobilenet_v2";
  report.input_size = 224;
  report.parameters = 2'232'839;
  report.model_bytes = 9'100'000;
  report.int8_bytes = 2'400'000;
  DeviceRate rate;
  rate.precision = "fp32";
  rate.batch = 32;
  rate.repetitions = 15;
  rate.ms = 160;
  rate.ms_low = 150;
  rate.ms_high = 170;
  rate.peak_memory = 300'000'000;
  report.rates.push_back(rate);
  DeviceRate missing;
  missing.precision = "int8";
  missing.batch = 32;
  missing.not_supported = "no quantised weights";
  report.rates.push_back(missing);
  report.video = "drawn";
  report.stages = {{.name = "decode", .ms = 1.5}, {.name = "detect", .ms = 20}};
  report.start_up_seconds = 0.75;
  return report;
}

std::string error_of(const test::TempFolder& folder, const std::string& text) {
  folder.write("a.json", text);
  return test::error_text(ErrorKind::data, [&] { read_device_report(folder.path() / "a.json"); });
}

TEST(DeviceFiles, WhatIsWrittenIsReadBack) {
  const test::TempFolder folder;
  const DeviceReport report = some_report();
  write_file(folder.path() / "a.json", device_json(report));
  EXPECT_EQ(read_device_report(folder.path() / "a.json"), report);
  DeviceReport bare = report;
  bare.video.clear();
  bare.stages.clear();
  bare.start_up_seconds.reset();
  write_file(folder.path() / "a.json", device_json(bare));
  EXPECT_EQ(read_device_report(folder.path() / "a.json"), bare);
  EXPECT_EQ(nlohmann::json::parse(device_json(report))["rates"][0]["images_per_second"], 200);
}

TEST(DeviceFiles, AFileOfSomethingElseIsRefusedByItsName) {
  const test::TempFolder folder;
  EXPECT_THAT(error_of(folder, "{}"), HasSubstr("a.json: is no report of 'fer-bench device'"));
  EXPECT_THAT(error_of(folder, "[1]"), HasSubstr("is no report"));
  EXPECT_THAT(error_of(folder, "{\"kind\": 7}"), HasSubstr("is no report"));
  EXPECT_THAT(error_of(folder, "no JSON"), HasSubstr("is no report"));
  EXPECT_THAT(error_of(folder, R"({"kind": "fer-bench device", "version": 1})"), HasSubstr("machine"));
  EXPECT_THAT(error_of(folder, R"({"kind": "fer-bench device", "version": 9})"),
              HasSubstr("another version"));
  EXPECT_THAT(test::error_text(ErrorKind::data, [&] { read_device_report(folder.path() / "b.json"); }),
              HasSubstr("b.json"));
}

TEST(DeviceFiles, TheTableTellsFiguresAndWhatIsNotSupported) {
  const std::string text = device_markdown(some_report());
  EXPECT_THAT(text, HasSubstr("| Processor | Fast CPU |"));
  EXPECT_THAT(text, HasSubstr("| Size on disk | 9.10 MB, in int8 2.40 MB |"));
  EXPECT_THAT(text, HasSubstr("| fp32 | 32 | 160.00 | 150.00 to 170.00 | 200.0 | 300 |"));
  EXPECT_THAT(text, HasSubstr("| int8 | 32 | not supported: no quantised weights |"));
  EXPECT_THAT(text, HasSubstr("| Start to first result | 0.75 s |"));
  EXPECT_THAT(text, HasSubstr("| detect | 20.00 |"));
}

TEST(DeviceFiles, AComparisonNamesDifferencesAndDividesFigures) {
  DeviceReport other = some_report();
  other.processor = "Slow CPU";
  other.rates[0].ms = 320;
  other.rates[0].peak_memory = 150'000'000;
  other.start_up_seconds = 1.5;
  const std::string text = device_comparison(some_report(), other);
  EXPECT_THAT(text, HasSubstr("| Processor | Fast CPU | Slow CPU |"));
  EXPECT_THAT(text, Not(HasSubstr("| LibTorch |")));
  EXPECT_THAT(text, HasSubstr("| fp32, batch 32, ms | 160.00 | 320.00 | 0.50 |"));
  EXPECT_THAT(text, HasSubstr("| fp32, batch 32, peak MB | 300.00 | 150.00 | 2.00 |"));
  EXPECT_THAT(text, HasSubstr("| int8, batch 32, ms | not supported | not supported | - |"));
  EXPECT_THAT(text, HasSubstr("| start to first result, s | 0.75 | 1.50 | 0.50 |"));
}

TEST(DeviceFiles, WhatOnlyOneReportHasIsNotDivided) {
  DeviceReport other = some_report();
  other.rates[0].batch = 4;
  other.stages.clear();
  const std::string text = device_comparison(some_report(), other);
  EXPECT_THAT(text, HasSubstr("Same machine, versions and model."));
  EXPECT_THAT(text, Not(HasSubstr("fp32, batch")));
  EXPECT_THAT(text, Not(HasSubstr("decode")));
}

}  // namespace
}  // namespace fer
