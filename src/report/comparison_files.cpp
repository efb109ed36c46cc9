#include "fer/report/comparison_files.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <span>
#include <utility>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "html_page.hpp"
#include "html_table.hpp"
#include "number_text.hpp"
#include "text_table.hpp"

namespace fer {
namespace {

using Rows = std::vector<std::vector<std::string>>;

constexpr std::size_t kFewClusters = 20;

void check_names(const ComparisonReport& report) {
  if (report.names.size() != report.comparison.models.size())
    throw failure("{} names for {} models", report.names.size(), report.comparison.models.size());
}

/// Without "-0.0".
double rounded(double value, double step) { return std::round(value / step) * step + 0.0; }

/// Something that cannot exceed 1, without the 0 before the point.
std::string bounded(double value, int digits) {
  if (std::isnan(value)) return "-";
  std::string text = fmt::format("{:.{}f}", rounded(value, std::pow(10.0, -digits)), digits);
  if (const auto zero = text.find("0."); zero == 0 || (zero == 1 && text[0] == '-')) text.erase(zero, 1);
  return text;
}

std::string p_text(double p) { return p < 0.001 ? "< .001" : bounded(p, 3); }

std::string interval_text(const std::optional<Interval>& interval) {
  if (!interval) return "";
  return fmt::format(" [{:.1f}, {:.1f}]", rounded(100 * interval->low, 0.1),
                     rounded(100 * interval->high, 0.1));
}

std::string points(const Difference& difference) {
  return fmt::format("{:+.1f}", rounded(100 * difference.value, 0.1)) + interval_text(difference.interval);
}

Rows model_rows(const ComparisonReport& report) {
  Rows rows = {{"Model", "n", "Accuracy % [95 % CI]", "Balanced %", "Macro-F1 %", "κ", "NLL", "ECE"}};
  for (std::size_t i = 0; i < report.names.size(); ++i) {
    const auto& [metrics, intervals] = report.comparison.models[i];
    const auto accuracy = intervals ? intervals->accuracy : std::nullopt;
    rows.push_back({report.names[i], std::to_string(metrics.samples),
                    percent_number(metrics.accuracy) + interval_text(accuracy),
                    percent_number(metrics.balanced_accuracy), percent_number(metrics.macro_f1),
                    bounded(metrics.kappa, 3), fmt::format("{:.3f}", metrics.nll), bounded(metrics.ece, 3)});
  }
  return rows;
}

std::string test_name(const McNemar& test) {
  return test.exact ? "exact" : fmt::format("χ² = {:.2f}", test.chi_squared);
}

Rows pair_rows(const ComparisonReport& report) {
  Rows rows = {{"First", "Second", "Accuracy [95 % CI]", "Macro-F1 [95 % CI]", "Right alone", "McNemar", "p",
                "Holm p", "g", "Differs"}};
  for (const PairComparison& pair : report.comparison.pairs) {
    const McNemar& test = pair.mcnemar;
    rows.push_back({report.names[pair.first], report.names[pair.second], points(pair.accuracy),
                    points(pair.macro_f1), fmt::format("{} / {}", test.only_first, test.only_second),
                    test_name(test), p_text(test.p), p_text(pair.p_holm), bounded(test.g, 2),
                    pair.differs ? "yes" : "no"});
  }
  return rows;
}

std::string samples_note(const ComparisonReport& report) {
  const Comparison& comparison = report.comparison;
  std::string text =
      fmt::format("The same {} images for all models", comparison.models.at(0).metrics.samples);
  if (report.left_out > 0)
    text += fmt::format("; {} that only some of them saw are left out", report.left_out);
  if (comparison.clusters < 2)
    return text + fmt::format(". No intervals, as there is only one {}.", comparison.by);
  text += fmt::format(". Intervals are 95 %, by bootstrap by {} ({} {}s, {} resamples).", comparison.by,
                      comparison.clusters, comparison.by, comparison.resamples);
  if (comparison.clusters < kFewClusters) text += " They are too narrow, as so few are drawn from.";
  if (comparison.by == "sample") text += " No subjects are known: they take images to be independent.";
  return text;
}

std::string pairs_note(const ComparisonReport& report) {
  return fmt::format(
      "First minus second, in percentage points. McNemar's test of the images that one alone gets right: "
      "exact "
      "binomial for fewer than 25, else χ² with continuity correction; Holm's correction over {} pair{}. g "
      "is "
      "Cohen's, above 0 where the first is better (.05 small, .15 medium, .25 large). They differ if Holm's "
      "p is "
      "below .05 and the interval of the accuracy leaves out 0.",
      report.comparison.pairs.size(), report.comparison.pairs.size() == 1 ? "" : "s");
}

/// Wider tables than the text stand out on both sides alike.
std::string latex_float(const Rows& rows, const std::string& caption) {
  return "\\begin{table}[htbp]\n\\centering\\footnotesize\n\\setlength{\\tabcolsep}{3pt}\n\\caption{" +
         latex_text(caption) + "}\n\\makebox[\\textwidth][c]{%\n" + latex_table(rows) + "}\n\\end{table}\n";
}

/// The number a text begins with, for sorting; empty: none.
std::string leading_number(std::string_view text) {
  const std::string number(text.substr(text.starts_with('+') ? 1 : 0));
  char* end = nullptr;
  const double value = std::strtod(number.c_str(), &end);
  return end == number.c_str() ? "" : csv_number(value);
}

/// The first columns hold words, the others numbers.
std::string html_rows(const Rows& rows, std::size_t words, const std::string& caption) {
  HtmlTable table{.caption = caption, .columns = {}, .sortable = true};
  for (std::size_t i = 0; i < rows[0].size(); ++i)
    table.columns.push_back({.title = rows[0][i], .number = i >= words});
  for (const std::vector<std::string>& fields : std::span(rows).subspan(1)) {
    HtmlRow row;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      row.cells.push_back(text_cell(fields[i]));
      if (i >= words) row.cells.back().sort = leading_number(fields[i]);
    }
    row.marked = fields.back() == "yes";  // they differ
    table.rows.push_back(std::move(row));
  }
  return html_table(table);
}

/// Rows of the long table that CSV readers like.
class FigureRows {
 public:
  void add_model(const std::string& model, const ModelFigures& figures) {
    model_ = model;
    versus_.clear();
    const Metrics& metrics = figures.metrics;
    const MetricIntervals intervals = figures.intervals.value_or(MetricIntervals{});
    add("samples", static_cast<double>(metrics.samples));
    add("accuracy", metrics.accuracy, intervals.accuracy);
    add("balanced_accuracy", metrics.balanced_accuracy, intervals.balanced_accuracy);
    add("macro_precision", metrics.macro_precision, intervals.macro_precision);
    add("macro_recall", metrics.macro_recall, intervals.macro_recall);
    add("macro_f1", metrics.macro_f1, intervals.macro_f1);
    add("weighted_precision", metrics.weighted_precision, intervals.weighted_precision);
    add("weighted_recall", metrics.weighted_recall, intervals.weighted_recall);
    add("weighted_f1", metrics.weighted_f1, intervals.weighted_f1);
    add("kappa", metrics.kappa, intervals.kappa);
    add("nll", metrics.nll, intervals.nll);
    add("brier", metrics.brier, intervals.brier);
    add("ece", metrics.ece, intervals.ece);
  }

  void add_pair(const std::string& first, const std::string& second, const PairComparison& pair) {
    model_ = first;
    versus_ = second;
    const McNemar& test = pair.mcnemar;
    add("accuracy_difference", pair.accuracy.value, pair.accuracy.interval, csv_number(pair.accuracy.p));
    add("macro_f1_difference", pair.macro_f1.value, pair.macro_f1.interval, csv_number(pair.macro_f1.p));
    add("only_model_right", static_cast<double>(test.only_first));
    add("only_versus_right", static_cast<double>(test.only_second));
    add(test.exact ? "mcnemar_exact" : "mcnemar_chi_squared", test.exact ? std::nan("") : test.chi_squared,
        {}, csv_number(test.p), csv_number(pair.p_holm));
    add("cohens_g", test.g);
    add("differs", pair.differs ? 1 : 0);
  }

  const std::string& text() const { return text_; }

 private:
  void add(const char* figure, double value, const std::optional<Interval>& interval = {},
           const std::string& p = {}, const std::string& p_holm = {}) {
    text_ += csv_line(std::vector<std::string>{model_, versus_, figure, csv_number(value),
                                               interval ? csv_number(interval->low) : "",
                                               interval ? csv_number(interval->high) : "", p, p_holm});
  }

  std::string model_;
  std::string versus_;
  std::string text_ = "model,versus,figure,value,low,high,p,p_holm\n";
};

}  // namespace

std::string comparison_text(const ComparisonReport& report) {
  check_names(report);
  return text_table(model_rows(report)) + "\n" + text_table(pair_rows(report)) + "\n" + samples_note(report) +
         "\n" + pairs_note(report) + "\n";
}

std::string comparison_markdown(const ComparisonReport& report) {
  check_names(report);
  return markdown_table(model_rows(report)) + "\n" + samples_note(report) + "\n\n" +
         markdown_table(pair_rows(report)) + "\n" + pairs_note(report) + "\n";
}

std::string comparison_latex(const ComparisonReport& report) {
  check_names(report);
  return latex_float(model_rows(report), samples_note(report)) + "\n" +
         latex_float(pair_rows(report), pairs_note(report));
}

std::string comparison_sections(const ComparisonReport& report) {
  check_names(report);
  const auto note = [](const std::string& text) { return "<p>" + html_escape(text) + "</p>\n"; };
  return html_section("models", "Models",
                      html_rows(model_rows(report), 1, "Each model by itself") + note(samples_note(report))) +
         html_section(
             "pairs", "Pairs",
             html_rows(pair_rows(report), 2, "Pairs; a mark: they differ") + note(pairs_note(report)));
}

std::string comparison_html(const ComparisonReport& report) {
  return html_page({.title = "Comparison of models", .body = comparison_sections(report)});
}

std::string comparison_csv(const ComparisonReport& report) {
  check_names(report);
  FigureRows rows;
  for (std::size_t i = 0; i < report.names.size(); ++i)
    rows.add_model(report.names[i], report.comparison.models[i]);
  for (const PairComparison& pair : report.comparison.pairs)
    rows.add_pair(report.names[pair.first], report.names[pair.second], pair);
  return rows.text();
}

}  // namespace fer
