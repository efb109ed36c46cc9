#include "fer/report/matrix_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fer/core/csv.hpp"
#include "figure_json.hpp"
#include "number_text.hpp"
#include "text_table.hpp"

namespace fer {
namespace {

using Json = nlohmann::ordered_json;
using Rows = std::vector<std::vector<std::string>>;

std::string percent_or_dash(const std::optional<double>& share) {
  return share ? percent_number(*share) : "-";
}

std::string cell_text(const CorpusCell& cell) {
  const Interval& interval = cell.interval.ci95;
  return fmt::format("{} [{}, {}]", percent_number(cell.accuracy), percent_number(interval.low),
                     percent_number(interval.high));
}

Rows table_of(const CorpusMatrix& matrix) {
  const bool sums =
      std::ranges::any_of(matrix.rows, [](const CorpusRow& row) { return row.self.has_value(); });
  Rows rows = {{"Trained on"}};
  for (const CorpusCell& cell : matrix.rows.front().cells)
    rows.front().push_back(fmt::format("{} ({} {})", cell.tested_on, cell.samples, cell.part));
  if (sums) rows.front().insert(rows.front().end(), {"Self", "Mean of others", "Drop %"});
  for (const CorpusRow& row : matrix.rows) {
    rows.push_back({row.trained_on});
    for (const CorpusCell& cell : row.cells) rows.back().push_back(cell_text(cell));
    if (sums)
      rows.back().insert(rows.back().end(),
                         {percent_or_dash(row.self), percent_or_dash(row.others), percent_or_dash(row.drop)});
  }
  return rows;
}

std::string note_of(const CorpusMatrix& matrix) {
  const auto& cells = matrix.rows.front().cells;
  const bool by_subject =
      std::ranges::any_of(cells, [](const CorpusCell& cell) { return cell.interval.subjects > 0; });
  const bool on_val = std::ranges::any_of(cells, [](const CorpusCell& cell) { return cell.part == "val"; });
  std::string text = "Accuracy in per cent with its 95 % interval";
  if (by_subject) text += ", by subject where five are known";
  text += ". Columns are what was tested on (images, part): all rows have the same images.";
  if (on_val) {
    text +=
        " A validation part also chose the epoch of what was trained on its source, so the figures of a "
        "source on "
        "itself are a little high.";
  }
  return text;
}

Json json_of(const CorpusCell& cell) {
  return {{"tested_on", cell.tested_on},
          {"part", cell.part},
          {"own", cell.own},
          {"samples", cell.samples},
          {"subjects", cell.interval.subjects > 0 ? Json(cell.interval.subjects) : Json()},
          {"accuracy", cell.accuracy},
          {"accuracy_ci95", {cell.interval.ci95.low, cell.interval.ci95.high}},
          {"balanced_accuracy", cell.balanced_accuracy},
          {"macro_f1", cell.macro_f1}};
}

}  // namespace

std::string matrix_text(const CorpusMatrix& matrix) {
  return text_table(table_of(matrix)) + "\n" + note_of(matrix) + "\n";
}

std::string matrix_markdown(const CorpusMatrix& matrix) {
  return markdown_table(table_of(matrix)) + "\n" + note_of(matrix) + "\n";
}

std::string matrix_latex(const CorpusMatrix& matrix) {
  return "\\begin{table}[htbp]\n\\centering\\footnotesize\n\\caption{" + latex_text(note_of(matrix)) +
         "}\n\\makebox[\\textwidth][c]{%\n" + latex_table(table_of(matrix)) + "}\n\\end{table}\n";
}

std::string matrix_csv(const CorpusMatrix& matrix) {
  std::string text =
      "trained_on,tested_on,part,own,samples,subjects,accuracy,low,high,balanced_accuracy,macro_f1\n";
  for (const CorpusRow& row : matrix.rows) {
    for (const CorpusCell& cell : row.cells) {
      const auto& [ci95, subjects] = cell.interval;
      text += csv_line(std::vector<std::string>{
          row.trained_on, cell.tested_on, cell.part, cell.own ? "1" : "0", std::to_string(cell.samples),
          subjects > 0 ? std::to_string(subjects) : "", csv_number(cell.accuracy), csv_number(ci95.low),
          csv_number(ci95.high), csv_number(cell.balanced_accuracy), csv_number(cell.macro_f1)});
    }
  }
  return text;
}

std::string matrix_json(const CorpusMatrix& matrix) {
  Json json = {{"rows", Json::array()}};
  for (const CorpusRow& row : matrix.rows) {
    Json cells = Json::array();
    for (const CorpusCell& cell : row.cells) cells.push_back(json_of(cell));
    json["rows"].push_back({{"trained_on", row.trained_on},
                            {"cells", cells},
                            {"self", number_json(row.self)},
                            {"others", number_json(row.others)},
                            {"drop", number_json(row.drop)}});
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace fer
