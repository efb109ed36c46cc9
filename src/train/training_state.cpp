#include "fer/train/training_state.hpp"

#include <array>
#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/json_value.hpp"

namespace fer {
namespace {

using Json = nlohmann::json;

constexpr const char* kFormat = "fer-training-state-2";

/// The parts of a state with what their tensors' names begin with in the file.
std::array<std::pair<const char*, TensorMap TrainingState::*>, 5> parts() {
  return {{{"weights/", &TrainingState::weights},
           {"average/", &TrainingState::average},
           {"optimizer/", &TrainingState::optimizer},
           {"figures/", &TrainingState::figures},
           {"best/", &TrainingState::best}}};
}

/// Calls field(name, member) for everything of an epoch, for reading and writing alike.
template <class Epoch, class Field>
void each_field(Epoch& epoch, const Field& field) {
  field("epoch", epoch.epoch);
  field("stage", epoch.stage);
  field("lr", epoch.lr);
  field("train_loss", epoch.train_loss);
  field("train_accuracy", epoch.train_accuracy);
  field("val_loss", epoch.val_loss);
  field("val_accuracy", epoch.val_accuracy);
  field("val_macro_f1", epoch.val_macro_f1);
  field("images_per_second", epoch.images_per_second);
  field("seconds", epoch.seconds);
}

template <class Progress, class Field>
void each_scalar(Progress& progress, const Field& field) {
  field("stage", progress.stage);
  field("epoch_of_stage", progress.epoch_of_stage);
  field("batch", progress.batch);
  field("samples", progress.samples);
  field("updates", progress.updates);
  field("planned_epochs", progress.planned_epochs);
  field("stage_seconds", progress.stage_seconds);
  field("seconds", progress.seconds);
  field("stage_deadline", progress.stage_deadline);
  field("rate_scale", progress.rate_scale);
  field("rollbacks", progress.rollbacks);
  field("bf16", progress.bf16);
  field("threads", progress.threads);
  field("finished", progress.finished);
  field("data", progress.data);
  field("best_epoch", progress.best_epoch);
  field("calibration_method", progress.calibration.method);
  field("temperature", progress.calibration.temperature);
  field("scale", progress.calibration.scale);
  field("bias", progress.calibration.bias);
  field("end", progress.end);
}

std::string to_text(const TrainingProgress& progress) {
  Json json;
  const auto writing_to = [](Json& object) {
    return [&object](const char* name, const auto& value) { object[name] = value; };
  };
  each_scalar(progress, writing_to(json));
  json["epochs"] = Json::array();
  for (const EpochResult& epoch : progress.epochs) {
    each_field(epoch, writing_to(json["epochs"].emplace_back()));
  }
  return json.dump();
}

using fer::read_value;

void read_value(const Json& json, CalibrationMethod& method) {
  const auto number = value_of<std::uint64_t>(json);
  if (number > static_cast<std::uint64_t>(CalibrationMethod::vector)) throw std::out_of_range("a method");
  method = static_cast<CalibrationMethod>(number);
}

TrainingProgress from_text(const std::string& text) {
  const Json json = Json::parse(text);
  const auto reading_from = [](const Json& object) {
    return [&object](const char* name, auto& value) { read_value(object.at(name), value); };
  };
  TrainingProgress progress;
  each_scalar(progress, reading_from(json));
  for (const Json& item : json.at("epochs")) {
    each_field(progress.epochs.emplace_back(), reading_from(item));
  }
  return progress;
}

}  // namespace

void save_training_state(const std::filesystem::path& path, const TrainingState& state) {
  TensorFile file{.tensors = {}, .metadata = {{"format", kFormat}, {"progress", to_text(state.progress)}}};
  for (const auto& [prefix, part] : parts()) {
    for (const auto& [name, tensor] : state.*part) file.tensors.emplace(prefix + name, tensor);
  }
  write_safetensors(path, file);
}

TrainingState load_training_state(const std::filesystem::path& path) {
  return parse_training_state(read_file(path), path);
}

TrainingState parse_training_state(std::string_view content, const std::filesystem::path& path) {
  TensorFile file = parse_safetensors(content, path);
  TrainingState state;
  try {
    if (file.metadata.at("format") != kFormat) throw std::out_of_range("format");
    state.progress = from_text(file.metadata.at("progress"));
  } catch (const std::exception&) {
    throw data_error("{}: is not the saved state of a training, or of another version", path.string());
  }
  for (auto& [full_name, tensor] : file.tensors) {
    for (const auto& [prefix, part] : parts()) {
      if (full_name.starts_with(prefix)) (state.*part).emplace(full_name.substr(std::strlen(prefix)), tensor);
    }
  }
  return state;
}

}  // namespace fer
