#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "fer/app/program.hpp"

namespace fer {

/// `fer-eval agreement`.
struct AgreementOptions {
  std::filesystem::path results = {};
  std::vector<std::filesystem::path> codings = {};
  std::vector<std::string> maps = {};
  bool smoothed = true;
  double tolerance = 0.5;
  std::optional<double> frame_tolerance = {};
  double block = 5;
  std::filesystem::path strata = {};
  std::filesystem::path output = {};
  bool exist_ok = false;
};

void describe_agreement(CLI::App& command, AgreementOptions& options);

/// How far results of fer-infer agree with what people coded.
int run_agreement(const AgreementOptions& options, const Console& console);

}  // namespace fer
