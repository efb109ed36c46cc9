#include "fer/core/model_files.hpp"

#include <array>
#include <cstdlib>

#include "fer/core/error.hpp"
#include "fer/core/text.hpp"

namespace fer {
namespace {

std::filesystem::path environment_path(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr ? value : "";
}

std::vector<std::filesystem::path> search_path(const std::filesystem::path& models_folder) {
  std::vector<std::filesystem::path> folders;
  for (const auto& folder : {models_folder, environment_path("FER_MODELS"), user_cache_folder() / "models"}) {
    if (!folder.empty()) folders.push_back(folder);
  }
  return folders;
}

}  // namespace

std::filesystem::path user_cache_folder() {
  std::filesystem::path cache = environment_path("XDG_CACHE_HOME");
  if (cache.empty()) cache = environment_path("HOME") / ".cache";
  return cache / "fer";
}

std::span<const ModelFile> model_files() {
  static const std::array<ModelFile, 1> table = {{
      {.name = "mobilenet_v2",
       .file_names = {"mobilenet_v2-imagenet.safetensors", "mobilenet_v2-imagenet.pth",
                      "mobilenet_v2-b0353104.pth"},
       .url = "https://download.pytorch.org/models/mobilenet_v2-b0353104.pth",
       .sha256 = "b0353104",
       .licence =
           "BSD-3-Clause (torchvision); trained on ImageNet, whose images have research terms of their own"},
  }};
  return table;
}

const ModelFile& model_file(std::string_view name) {
  std::vector<std::string> names;
  for (const ModelFile& file : model_files()) {
    if (file.name == name) return file;
    names.push_back(file.name);
  }
  throw usage_error("no model file is called '{}'{} (known: {})", name, did_you_mean(name, names),
                    join(names, ", "));
}

std::filesystem::path default_models_folder() { return search_path({}).front(); }

std::optional<std::filesystem::path> find_model_file(const ModelFile& file,
                                                     const std::filesystem::path& models_folder) {
  for (const auto& folder : search_path(models_folder)) {
    for (const std::string& name : file.file_names) {
      std::error_code ignored;
      if (std::filesystem::is_regular_file(folder / name, ignored)) return folder / name;
    }
  }
  return std::nullopt;
}

std::filesystem::path require_model_file(const ModelFile& file, const std::filesystem::path& models_folder) {
  if (auto found = find_model_file(file, models_folder)) return *found;
  std::vector<std::string> folders;
  for (const auto& folder : search_path(models_folder)) folders.push_back(folder.string());
  throw data_error(
      "the weights of {} are not in {}: run 'fer-data fetch {}', or name the folder with --models-dir",
      file.name, join(folders, " or "), file.name);
}

}  // namespace fer
