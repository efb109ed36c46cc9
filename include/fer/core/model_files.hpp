#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fer {

/// Where the project keeps what can be made or fetched again: $XDG_CACHE_HOME/fer, else $HOME/.cache/fer.
std::filesystem::path user_cache_folder();

/// A model file somebody else published: never part of the project, found on disk or fetched by `fer-data
/// fetch`.
struct ModelFile {
  std::string name;                     ///< what users call it; a model of several files: `model/part`
  std::vector<std::string> file_names;  ///< it may have in a models folder, best first; fetch writes the last
  std::string url;                      ///< its publisher's address; empty: cannot be fetched
  std::string sha256;  ///< of the file at `url`: all 64 digits, or the leading ones its publisher states
  std::string licence;
};

/// Every model file the project knows; the one table behind look-up, fetching, help and error texts.
std::span<const ModelFile> model_files();

/// Throws a usage error that lists the names for one that is not in the table.
const ModelFile& model_file(std::string_view name);

/// A backbone's weights for ImageNet: its row, or for one without a row `NAME-imagenet.safetensors` or
/// `NAME-imagenet.pth`, which cannot be fetched.
ModelFile imagenet_weights(const std::string& backbone);

/// The names to fetch by, each once: those of model_files() up to the slash.
std::vector<std::string> model_names();

/// All files of a model, by its name up to the slash; throws like model_file().
std::vector<ModelFile> files_of_model(std::string_view name);

/// Where fetched model files go: $FER_MODELS, else `models` in the user's cache.
std::filesystem::path default_models_folder();

/// The file's path, looked up in `models_folder` (if not empty), $FER_MODELS and the user's cache, in this
/// order.
std::optional<std::filesystem::path> find_model_file(const ModelFile& file,
                                                     const std::filesystem::path& models_folder);

/// As above, or a data error with the folders searched and the one command that fetches the file, or the
/// file's names where none does.
std::filesystem::path require_model_file(const ModelFile& file, const std::filesystem::path& models_folder);

}  // namespace fer
