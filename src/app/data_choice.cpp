#include "data_choice.hpp"

#include <map>

#include "data_loading.hpp"
#include "fer/config/load.hpp"
#include "fer/core/error.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

std::map<std::string, std::string> words_of(const DataChoice& choice) {
  std::map<std::string, std::string> words;
  for (const std::string& text : choice.words) {
    const auto equals = text.rfind('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
      throw usage_error("--map {}: expected WORD=CLASS, or WORD=- to leave its samples out", text);
    words[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return words;
}

}  // namespace

void describe_data(CLI::App& app, DataChoice& choice) {
  app.add_option("--kind", choice.kind,
                 "What DATA are: auto, a kind of data.sources, or a layout file (.yaml)")
      ->capture_default_str();
  app.add_option("--map", choice.words, "What a word of the data means; CLASS '-' leaves its samples out")
      ->type_name("WORD=CLASS")
      ->allow_extra_args(false);
  app.add_option("-c,--config", choice.configs, "Experiment file (YAML) that names data and split")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option("--set", choice.overrides, "Set one key of the experiment, such as data.split.method=file")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  app.add_option("--models-dir", choice.models_folder, "Where detectors lie")->type_name("DIR");
}

Experiment experiment_of(const DataChoice& choice, const fs::path& checkpoint) {
  std::vector<fs::path> configs = choice.configs;
  std::vector<std::string> overrides = choice.overrides;
  if (is_own_data(choice)) {
    configs = {checkpoint.parent_path() / "config.yaml"};
    if (!fs::exists(configs.front())) {
      throw usage_error("{}: has no config.yaml beside it: name the data, or an experiment with -c",
                        checkpoint.string());
    }
  } else if (configs.empty()) {
    overrides.insert(overrides.begin(), "data.sources=[{root: DATA}]");  // replaced below
  }
  Experiment experiment = load_experiment(configs, overrides);
  if (!choice.data.empty()) experiment.data.sources.clear();
  for (const fs::path& root : choice.data) experiment.data.sources.push_back(source_of(root, choice.kind));
  for (const auto& [word, name] : words_of(choice)) {
    for (SourceConfig& source : experiment.data.sources) source.map[word] = name;
  }
  return experiment;
}

}  // namespace fer
