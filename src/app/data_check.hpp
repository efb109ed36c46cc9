#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "fer/app/program.hpp"
#include "fer/vision/face_detector.hpp"
#include "log.hpp"

namespace fer {

/// `fer-data check`.
struct CheckOptions {
  std::vector<std::filesystem::path> data;
  std::string kind = "auto";
  std::vector<std::string> classes;  ///< empty: those of the experiment, else the canonical seven
  std::vector<std::filesystem::path> configs;
  std::vector<std::string> detectors;  ///< empty: haar, and yunet where its file is found
  FaceDetectorOptions detection;
  int workers = 0;  ///< 0: one per core
  std::filesystem::path output;
  int examples = 12;
  bool exist_ok = false;
};

void describe_check(CLI::App& command, CheckOptions& options);

/// Says what is in a data set and what is wrong with it; kSomeInputsFailed where files could not be read.
int check_data(const CheckOptions& options, const LogOptions& log_options, const Console& console);

}  // namespace fer
