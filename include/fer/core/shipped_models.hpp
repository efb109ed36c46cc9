#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fer {

/// A checkpoint this project trained and ships in data/models; its card is data/models/README.md.
struct ShippedModel {
  std::string name;  ///< what users call it
  std::string file_name;
};

/// The default first.
std::span<const ShippedModel> shipped_models();

/// Their names, for help and error texts.
std::vector<std::string> shipped_model_names();

/// Where they are looked for: in $FER_MODELS, then in the own_folders() of data/models.
std::vector<std::filesystem::path> shipped_model_folders(const std::filesystem::path& program);

/// The file of the shipped model of that name, looked for from the running program; any other text is a path
/// and comes back as it is. Throws a data error that says what to do where a shipped model is in none of the
/// folders, and a usage error with the names for a bare word that is neither a name nor a file.
std::filesystem::path model_path(std::string_view name_or_path);

}  // namespace fer
