#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/json_value.hpp"
#include "fer/report/overview_page.hpp"
#include "fer/report/video_files.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// What `read` makes of a JSON file; whatever is wrong with it becomes an error that names it.
template <class Read>
void read_json(const fs::path& path, const Read& read) {
  const std::string text = read_file(path);
  try {
    read(Json::parse(text));
  } catch (const Json::exception& error) {
    throw data_error("{}: {}", path.string(), error.what());
  } catch (const Error& error) {
    throw data_error("{}: {}", path.string(), error.what());
  }
}

double number(const Json& json, const char* name) {
  const Json& value = json.at(name);
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

Interval accuracy_interval(const Json& metrics) {
  Json ends = metrics.at("accuracy_ci95");
  const auto intervals = metrics.find("intervals");
  if (intervals != metrics.end() && intervals->at("method") == "bootstrap by subject" &&
      intervals->at("accuracy").is_array())
    ends = intervals->at("accuracy");
  return {.low = ends.at(0).get<double>(), .high = ends.at(1).get<double>()};
}

void read_metrics(const Json& json, RunOverview& run) {
  run.protocol = json.value("protocol", "");
  run.figures = {.part = json.at("split").get<std::string>(),
                 .samples = value_of<std::int64_t>(json.at("samples")),
                 .accuracy = number(json, "accuracy"),
                 .accuracy_ci95 = accuracy_interval(json),
                 .macro_f1 = number(json, "macro_f1"),
                 .ece = number(json, "ece")};
}

void read_manifest(const Json& json, RunOverview& run) {
  run.device = json.value("device", "");
  run.date = json.value("started", json.value("finished", ""));
  run.end = json.value("end", "");
  if (run.protocol.empty()) run.protocol = json.value("split", json.value("protocol", ""));
  const fs::path results = run.folder / "results.csv";
  if (!fs::exists(results)) return;
  const auto epochs = read_csv_table(results).rows.size();
  const int best = json.contains("best_epoch") ? value_of<int>(json.at("best_epoch")) : 0;
  run.epochs = best > 0 ? fmt::format("{} (best {})", epochs, best) : std::to_string(epochs);
}

bool add_folder(const fs::path& folder, Overview& overview) {
  if (fs::exists(folder / "summary.json")) {
    overview.videos.push_back({.folder = folder, .summary = read_summary(folder / "summary.json")});
    return true;
  }
  const bool metrics = fs::exists(folder / "metrics.json"), manifest = fs::exists(folder / "manifest.json");
  if (!metrics && !manifest) return false;
  RunOverview run{.folder = folder};
  if (metrics) read_json(folder / "metrics.json", [&](const Json& json) { read_metrics(json, run); });
  if (manifest) read_json(folder / "manifest.json", [&](const Json& json) { read_manifest(json, run); });
  overview.runs.push_back(std::move(run));
  return true;
}

std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> found;
  if (!fs::is_directory(folder)) throw data_error("{}: there is no such folder", folder.string());
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.is_directory()) found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

}  // namespace

Overview read_overview(std::span<const fs::path> folders) {
  Overview overview;
  for (const fs::path& named : folders) {
    if (add_folder(named, overview)) continue;
    bool any = false;
    for (const fs::path& folder : folders_in(named)) any = add_folder(folder, overview) || any;
    if (!any) {
      throw data_error("{}: neither it nor a folder in it holds metrics.json, manifest.json or summary.json",
                       named.string());
    }
  }
  return overview;
}

}  // namespace fer
