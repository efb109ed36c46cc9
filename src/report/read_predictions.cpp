#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <string_view>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "fer/report/metrics_files.hpp"

namespace fer {
namespace {

constexpr std::size_t kFirstClass = 3;  // after path, label and predicted

bool has_source(const CsvTable& table) { return table.columns.back() == "source"; }

ClassList classes_of(const CsvTable& table) {
  const std::vector<std::string>& columns = table.columns;
  if (columns.size() <= kFirstClass || columns[0] != "path" || columns[1] != "label" ||
      columns[2] != "predicted") {
    throw data_error("{}:1: expected the columns path,label,predicted and one for each class (found: {})",
                     table.source, join(columns, ", "));
  }
  try {
    return ClassList({columns.begin() + kFirstClass, columns.end() - (has_source(table) ? 1 : 0)});
  } catch (const Error& error) {
    throw data_error("{}:1: {}", table.source, error.what());
  }
}

/// Reads the rows of one file.
class PredictionReader {
 public:
  PredictionReader(const CsvTable& table, const ClassList& classes) : table_(table), classes_(classes) {}

  Prediction read(const CsvRow& row) {
    Prediction prediction{.path = row.fields[0], .label = std::nullopt, .probabilities = probabilities(row)};
    if (prediction.path.empty()) throw data_error("{}:{}: no path", table_.source, row.line);
    if (!paths_.insert(prediction.path).second)
      throw data_error("{}:{}: {} stands there twice", table_.source, row.line, prediction.path);
    if (!row.fields[1].empty()) prediction.label = require_class(row, row.fields[1]);
    if (has_source(table_)) prediction.source = row.fields.back();
    const int predicted = require_class(row, row.fields[2]);
    const std::vector<float>& values = prediction.probabilities;
    if (values[static_cast<std::size_t>(predicted)] < std::ranges::max(values)) {
      throw data_error("{}:{}: predicted '{}', which is not the most probable class", table_.source, row.line,
                       row.fields[2]);
    }
    return prediction;
  }

 private:
  int require_class(const CsvRow& row, const std::string& name) const {
    const auto label = classes_.find(name);
    if (!label) {
      throw data_error("{}:{}: '{}' is none of the classes {}", table_.source, row.line, name,
                       join(classes_.names(), ", "));
    }
    return *label;
  }

  std::vector<float> probabilities(const CsvRow& row) const {
    constexpr double kTolerance = 1e-2;
    std::vector<float> values;
    for (std::size_t i = kFirstClass; i < kFirstClass + static_cast<std::size_t>(classes_.size()); ++i) {
      const auto value = parse_number(trim(row.fields[i]));
      if (!value || !(*value >= 0 && *value <= 1 + kTolerance)) {
        throw data_error("{}:{}: '{}' is no probability (column '{}')", table_.source, row.line,
                         row.fields[i], table_.columns[i]);
      }
      values.push_back(static_cast<float>(*value));
    }
    const double sum = std::accumulate(values.begin(), values.end(), 0.0);
    if (std::abs(sum - 1) > kTolerance) {
      throw data_error("{}:{}: the probabilities sum to {:.4g}, expected 1", table_.source, row.line, sum);
    }
    return values;
  }

  const CsvTable& table_;
  const ClassList& classes_;
  std::set<std::string, std::less<>> paths_;
};

}  // namespace

PredictionList read_predictions(const std::filesystem::path& path) {
  const CsvTable table = read_csv_table(path);
  PredictionList list{.classes = classes_of(table), .predictions = {}};
  PredictionReader reader(table, list.classes);
  for (const CsvRow& row : table.rows) list.predictions.push_back(reader.read(row));
  if (list.predictions.empty()) throw data_error("{}: holds no predictions", table.source);
  return list;
}

}  // namespace fer
