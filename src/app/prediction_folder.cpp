#include "prediction_folder.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

/// Images of a split file by part.
std::map<std::string, std::set<std::string>> parts_in(const fs::path& split_file) {
  std::map<std::string, std::set<std::string>> parts;
  const CsvTable table = read_csv_table(split_file);
  const std::size_t path = table.require("path"), split = table.require("split");
  for (const CsvRow& row : table.rows) parts[row.fields[split]].insert(normal_path(row.fields[path]));
  return parts;
}

std::size_t count_in(const std::set<std::string>& paths, std::span<const Prediction> found) {
  return static_cast<std::size_t>(std::ranges::count_if(
      found, [&](const Prediction& prediction) { return paths.contains(normal_path(prediction.path)); }));
}

/// Of an evaluation folder the checkpoint, else "".
std::string evaluated_checkpoint(const fs::path& folder) {
  const fs::path file = folder / "manifest.json";
  if (!fs::exists(file)) return "";
  const auto json = nlohmann::json::parse(read_file(file), nullptr, false);
  const auto checkpoint = json.is_object() ? json.find("checkpoint") : json.end();
  return checkpoint != json.end() && checkpoint->is_string() ? checkpoint->get<std::string>() : "";
}

}  // namespace

std::string normal_path(const std::string& path) { return fs::path(path).lexically_normal().string(); }

fs::path predictions_of(const fs::path& path) {
  if (!fs::is_directory(path)) return path;
  if (fs::exists(path / "predictions.csv")) return path / "predictions.csv";
  throw data_error("{}: holds no predictions.csv, as a finished run or an evaluation does", path.string());
}

std::map<std::string, std::string> subjects_beside(const fs::path& predictions) {
  std::map<std::string, std::string> subjects;
  const fs::path file = predictions.parent_path() / "split.csv";
  if (!fs::exists(file)) return subjects;
  const CsvTable table = read_csv_table(file);
  const std::size_t path = table.require("path");
  const std::size_t subject = table.require("subject");
  for (const CsvRow& row : table.rows) subjects[normal_path(row.fields[path])] = trim(row.fields[subject]);
  return subjects;
}

Provenance provenance_of(const fs::path& predictions, std::span<const Prediction> found) {
  const fs::path folder = predictions.parent_path();
  if (fs::exists(folder / "folds.json"))
    return {.text = "cross-validation, each predicted by a run that never saw it", .known = true};
  const std::string checkpoint = evaluated_checkpoint(folder);
  Provenance provenance;
  provenance.list = (checkpoint.empty() ? folder : fs::path(checkpoint).parent_path()) / "split.csv";
  if (!fs::exists(provenance.list)) {
    provenance.text = "whether the model was trained on them is not known";
    return provenance;
  }
  auto parts = parts_in(provenance.list);
  provenance.known = true;
  provenance.trained_on = count_in(parts["train"], found);
  if (provenance.trained_on > 0) {
    provenance.text =
        fmt::format("{} of them trained on, whose labels the model believes", provenance.trained_on);
  } else if (count_in(parts["val"], found) > 0) {
    provenance.text = "not trained on, but the epoch and the calibration were chosen on them";
  } else {
    provenance.text = "not trained on";
  }
  return provenance;
}

}  // namespace fer
