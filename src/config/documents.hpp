#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "fer/config/experiment.hpp"
#include "tree.hpp"

namespace fer {

/// A YAML file. Throws a usage error if it is missing or no YAML.
Tree read_document(const std::filesystem::path& path);

/// The defaults with files and overrides laid over them, as load_experiment() says.
Tree merge_documents(std::span<const std::filesystem::path> files, std::span<const std::string> overrides);

/// The experiment such a tree means. Throws as load_experiment() does.
Experiment read_experiment(Tree tree);

}  // namespace fer
