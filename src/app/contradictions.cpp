#include "contradictions.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "fer/core/csv.hpp"
#include "fer/data/problem.hpp"
#include "prediction_folder.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

/// The paths of each group of copies, by the first of them.
std::map<std::string, std::set<std::string>> read_copies(const fs::path& problems) {
  const CsvTable table = read_csv_table(fs::is_directory(problems) ? problems / "problems.csv" : problems);
  const std::size_t path = table.require("path"), problem = table.require("problem"),
                    other = table.require("other");
  std::map<std::string, std::set<std::string>> copies;
  for (const CsvRow& row : table.rows) {
    const std::string& kind = row.fields[problem];
    if (kind != name_of(ProblemKind::duplicate) && kind != name_of(ProblemKind::near_duplicate)) continue;
    const std::string first = normal_path(row.fields[other]);
    copies[first].insert({first, normal_path(row.fields[path])});
  }
  return copies;
}

/// Of the labels of these samples the one the model believes in most.
int believed_label(std::span<const std::size_t> samples, std::span<const Prediction> predictions) {
  const auto belief = [&](int label) {
    double sum = 0;
    for (const std::size_t i : samples) sum += predictions[i].probabilities[static_cast<std::size_t>(label)];
    return sum;
  };
  int best = predictions[samples.front()].label.value();
  for (const std::size_t i : samples) {
    if (belief(predictions[i].label.value()) > belief(best)) best = predictions[i].label.value();
  }
  return best;
}

}  // namespace

std::vector<Contradiction> find_contradictions(const fs::path& problems,
                                               std::span<const Prediction> predictions) {
  std::map<std::string, std::size_t> by_path;
  for (std::size_t i = 0; i < predictions.size(); ++i) by_path[normal_path(predictions[i].path)] = i;
  std::map<std::size_t, int> contradicted;
  for (const auto& [first, paths] : read_copies(problems)) {
    std::vector<std::size_t> samples;
    for (const std::string& path : paths) {
      if (const auto found = by_path.find(path); found != by_path.end()) samples.push_back(found->second);
    }
    if (samples.empty()) continue;
    std::ranges::sort(samples);
    const int believed = believed_label(samples, predictions);
    for (const std::size_t i : samples) {
      if (predictions[i].label != believed) contradicted.emplace(i, believed);
    }
  }
  std::vector<Contradiction> found;
  for (const auto& [sample, label] : contradicted) found.push_back({.sample = sample, .other_label = label});
  return found;
}

}  // namespace fer
