#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "fer/app/program.hpp"
#include "log.hpp"
#include "predictor_rates.hpp"

namespace fer {

/// `fer-bench device`: what this machine is and how fast one model is on it.
struct DeviceBenchOptions {
  std::string model;  ///< a checkpoint's path or name; empty: MobileNetV2 with random weights
  int size = 224;     ///< pixels a side of that one
  std::vector<std::string> precisions = {"fp32", "bf16", "int8"};
  RateOptions rates = {.threads = 0};  ///< threads 0: one per core
  std::filesystem::path video;         ///< empty: a drawn one
  bool no_video = false;
  bool no_start_up = false;
  std::filesystem::path json;
};

void describe(CLI::App& command, DeviceBenchOptions& options);

/// Each precision is measured in a process of its own; one that the processor or the checkpoint does not
/// support is listed with the reason. For int8 a checkpoint in float is quantised on noise. Scratch files go
/// to the system's folder for temporary files.
int bench_device(const DeviceBenchOptions& options, const LogOptions& log_options, const Console& console);

/// `fer-bench first-result`: loads a checkpoint, predicts once and ends. bench_device() times the process.
struct FirstResultOptions {
  std::filesystem::path model;
  std::string device = "auto";
  int threads = 1;
};

void describe(CLI::App& command, FirstResultOptions& options);
int first_result(const FirstResultOptions& options);

/// `fer-bench compare`: two reports side by side.
struct DeviceCompareOptions {
  std::filesystem::path a;
  std::filesystem::path b;
};

void describe(CLI::App& command, DeviceCompareOptions& options);
int compare_devices(const DeviceCompareOptions& options, const Console& console);

}  // namespace fer
