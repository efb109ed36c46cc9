#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "fer/config/experiment.hpp"

namespace fer {

/// The defaults, then each YAML file (later wins: maps merge key by key, lists are replaced), then each
/// override `a.b=VALUE`, whose VALUE is YAML and whose path may number a list's entry
/// (`data.sources.0.root=x`; the number after the last entry adds one). `${NAME}` and `${NAME:-default}` in
/// what remains become the environment's. Throws a usage error `FILE:LINE: KEY: what was expected, what was
/// found` for a file that is missing or is no YAML, unknown or duplicate keys, wrong types, values out of
/// range, unset variables, and for what only the whole shows: no source, shares that leave nothing to train
/// on, stages that do not fit train.epochs.
Experiment load_experiment(std::span<const std::filesystem::path> files,
                           std::span<const std::string> overrides);

/// A layout of a file of its own, as data.sources.N.layout names it. Throws as load_experiment() does.
LayoutConfig load_layout(const std::filesystem::path& file);

/// YAML with every key, in the order of the structs. load_experiment of it gives an equal experiment.
std::string dump_experiment(const Experiment& experiment);

/// One key, as the description says it.
struct Field {
  std::string key = {};  ///< dotted; N stands for the number of a list's entry: "train.stages.N.lr"
  /// "whole number", "number", "text", "true or false", "list of texts", "map of texts", "map of lists",
  /// "map of maps", "map", "list of maps" or "map or file".
  std::string type = {};
  std::string default_value = {};         ///< as YAML; empty for a map
  std::string allowed = {};               ///< range or choices in words; empty: anything of the type
  std::vector<std::string> choices = {};  ///< empty: no fixed set
  std::string sentence = {};              ///< what it does
};

/// Every key, in the order of the structs; a map or list of maps stands before its own keys.
std::vector<Field> experiment_fields();

/// docs/configuration.md.
std::string configuration_markdown();

}  // namespace fer
