#include "fer/core/shipped_models.hpp"

#include <cstdlib>
#include <iterator>

#include "fer/core/error.hpp"
#include "fer/core/own_files.hpp"
#include "fer/core/text.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

fs::path require_shipped_model(const ShippedModel& model) {
  const std::vector<fs::path> folders = shipped_model_folders(own_program());
  std::vector<std::string> names;
  for (const fs::path& folder : folders) {
    std::error_code ignored;
    if (fs::is_regular_file(folder / model.file_name, ignored)) return folder / model.file_name;
    names.push_back(folder.string());
  }
  throw data_error(
      "the model '{}' ({}) is not in {}: name the folder that has it with FER_MODELS, or a checkpoint of "
      "your own",
      model.name, model.file_name, join(names, " or "));
}

/// No slash, no dot: what a person would call a model.
bool is_bare_word(std::string_view text) { return text.find_first_of("/.") == std::string_view::npos; }

}  // namespace

std::span<const ShippedModel> shipped_models() {
  static const std::vector<ShippedModel> table = {
      {.name = "fer", .file_name = "fer-mobilenet_v2.safetensors"},
      {.name = "tiny", .file_name = "fer-tiny.safetensors"},
  };
  return table;
}

std::vector<std::string> shipped_model_names() {
  std::vector<std::string> names;
  for (const ShippedModel& model : shipped_models()) names.push_back(model.name);
  return names;
}

std::vector<fs::path> shipped_model_folders(const fs::path& program) {
  std::vector<fs::path> folders;
  if (const char* named = std::getenv("FER_MODELS"); named != nullptr && *named != '\0')
    folders.emplace_back(named);
  std::ranges::copy(own_folders(program, "data/models"), std::back_inserter(folders));
  return folders;
}

fs::path model_path(std::string_view name_or_path) {
  for (const ShippedModel& model : shipped_models()) {
    if (model.name == name_or_path) return require_shipped_model(model);
  }
  const fs::path path = name_or_path;
  if (is_bare_word(name_or_path) && !fs::exists(path)) {
    const std::vector<std::string> names = shipped_model_names();
    throw usage_error("there is no file '{}' and no model of that name{} (models in the box: {})",
                      name_or_path, did_you_mean(name_or_path, names), join(names, ", "));
  }
  return path;
}

}  // namespace fer
