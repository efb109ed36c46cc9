#include "fer/report/training_files.hpp"

#include <map>
#include <nlohmann/json.hpp>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "fer/core/json_value.hpp"
#include "fer/eval/spread.hpp"
#include "split_json.hpp"

namespace fer {
namespace {

/// Calls field(name, member) for everything of a manifest, for reading and writing alike.
template <class AnyManifest, class Field>
void each_manifest_field(AnyManifest& manifest, const Field& field) {
  field("version", manifest.version);
  field("libtorch", manifest.libtorch);
  field("opencv", manifest.opencv);
  field("device", manifest.device);
  field("precision", manifest.precision);
  field("seed", manifest.seed);
  field("command", manifest.command);
  field("started", manifest.started);
  field("resumed", manifest.resumed);
  field("split", manifest.split);
  field("split_facts", manifest.split_facts);
  field("data_sha256", manifest.data_sha256);
  field("weights", manifest.weights);
  field("weights_sha256", manifest.weights_sha256);
  field("teachers", manifest.teachers);
  field("end", manifest.end);
  field("best_epoch", manifest.best_epoch);
}

}  // namespace

std::string results_csv(std::span<const EpochResult> epochs) {
  std::string text =
      "epoch,stage,lr,train_loss,train_accuracy,val_loss,val_accuracy,val_macro_f1,images_per_second,"
      "seconds\n";
  for (const EpochResult& epoch : epochs) {
    text += csv_line(std::vector<std::string>{
        std::to_string(epoch.epoch), std::to_string(epoch.stage), csv_number(epoch.lr),
        csv_number(epoch.train_loss), csv_number(epoch.train_accuracy), csv_number(epoch.val_loss),
        csv_number(epoch.val_accuracy), csv_number(epoch.val_macro_f1), csv_number(epoch.images_per_second),
        csv_number(epoch.seconds)});
  }
  return text;
}

std::string manifest_json(const Manifest& manifest) {
  nlohmann::ordered_json json;
  each_manifest_field(manifest, [&](const char* name, const auto& value) { json[name] = value; });
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

Manifest parse_manifest(std::string_view text) {
  try {
    const nlohmann::json json = nlohmann::json::parse(text);
    Manifest manifest;
    each_manifest_field(manifest, [&](const char* name, auto& value) { read_value(json.at(name), value); });
    return manifest;
  } catch (const nlohmann::json::exception&) {
    throw data_error("is not the manifest of a run");
  }
}

std::string series_json(const std::string& what, std::span<const SeriesRun> runs) {
  nlohmann::ordered_json json = {{"runs", nlohmann::ordered_json::array()}};
  std::map<std::string, std::vector<double>> figures;
  for (const SeriesRun& one : runs) {
    auto& run = json["runs"].emplace_back();
    run = {{what, one.number}, {"folder", one.folder}, {"samples", one.metrics.samples}};
    const auto add = [&](const char* name, double value) {
      run[name] = value;
      figures[name].push_back(value);
    };
    add("accuracy", one.metrics.accuracy);
    add("balanced_accuracy", one.metrics.balanced_accuracy);
    add("macro_f1", one.metrics.macro_f1);
    add("kappa", one.metrics.kappa);
    add("nll", one.metrics.nll);
    add("ece", one.metrics.ece);
  }
  for (const auto& [name, values] : figures) {
    const Spread spread = spread_of(values);
    json[name] = {{"mean", spread.mean}, {"sd", spread.deviation}};
  }
  return json.dump(2) + "\n";
}

}  // namespace fer
