#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fer/app/program.hpp"
#include "fer/engine/predictor.hpp"
#include "log.hpp"

namespace fer {

/// -q/--quiet, --log-level and --version, which every program has.
void add_common_options(CLI::App& app, LogOptions& options);

/// --device, --precision and --mirror of a program that predicts.
void describe_predictor(CLI::App& app, PredictorOptions& options);

/// Reads the arguments. An exit code if the program is done already (help, version, `--man` and `--completion
/// SHELL`, printed to `out`); throws a usage error with the nearest option's name for what does not fit.
std::optional<int> parse_options(CLI::App& app, std::span<const std::string> arguments,
                                 const Console& console);

}  // namespace fer
