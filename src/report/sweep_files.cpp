#include "fer/report/sweep_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "fer/core/csv.hpp"
#include "fer/core/text.hpp"
#include "html_page.hpp"
#include "html_table.hpp"
#include "text_table.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

std::string spread_text(const Spread& spread) {
  return fmt::format("{:.1f} ± {:.1f}", 100 * spread.mean, 100 * spread.deviation);
}

std::vector<std::string> variant_fields(const SweepVariant& variant, bool folds) {
  const bool any = variant.finished > 0;
  std::vector<std::string> fields = {variant.name, fmt::format("{}/{}", variant.finished, variant.runs),
                                     any ? spread_text(variant.accuracy) : "-",
                                     any ? spread_text(variant.macro_f1) : "-"};
  if (!folds) return fields;
  for (const auto figure : {&SweepVariant::Pooled::accuracy, &SweepVariant::Pooled::macro_f1})
    fields.push_back(variant.pooled ? fmt::format("{:.1f}", 100 * ((*variant.pooled).*figure)) : "-");
  return fields;
}

/// "58 of 60 runs finished, 1 failed, 1 waiting".
std::string progress_text(const SweepReport& report) {
  const auto count = [&](std::string_view state) {
    return std::ranges::count(report.runs, state, &SweepRunResult::state);
  };
  std::string text = fmt::format("{} of {} runs finished", count("finished"), report.runs.size());
  for (const std::string_view state : {"failed", "begun", "waiting"})
    if (count(state) > 0) text += fmt::format(", {} {}", count(state), state);
  return text;
}

/// The part that the figures are of; empty while there are none.
std::string part_of(const SweepReport& report) {
  const auto finished = std::ranges::find_if(
      report.runs, [](const SweepRunResult& run) { return run.overview.figures.has_value(); });
  return finished == report.runs.end() ? "" : finished->overview.figures->part;
}

std::string figures_note(const SweepReport& report) {
  const std::string part = part_of(report);
  if (part.empty()) return "No run has finished.";
  std::string text =
      fmt::format("Mean ± standard deviation over the finished runs{}, in per cent of the {} part{}.",
                  report.folds > 0 ? " (seeds and folds)" : "", part,
                  part == "val" ? ", which also chose the epochs and so flatters them" : "");
  if (report.folds > 0)
    text += " Pooled: the test parts of all folds as one, the mean over seeds where there are several.";
  return text;
}

std::vector<std::string> run_fields(const SweepRunResult& run) {
  std::vector<std::string> fields = {std::to_string(run.number), run.overview.folder.filename().string()};
  fields.insert(fields.end(), run.values.begin(), run.values.end());
  fields.insert(fields.end(), {std::to_string(run.seed), run.fold > 0 ? std::to_string(run.fold) : "",
                               run.state, run.exit_code ? std::to_string(*run.exit_code) : ""});
  if (const auto& figures = run.overview.figures) {
    fields.insert(fields.end(), {figures->part, std::to_string(figures->samples)});
    for (const double figure : {figures->accuracy, figures->accuracy_ci95.low, figures->accuracy_ci95.high,
                                figures->macro_f1, figures->ece})
      fields.push_back(csv_number(figure));
  } else {
    fields.insert(fields.end(), 7, "");
  }
  return fields;
}

std::string paragraph(const std::string& text) { return "<p>" + html_escape(text) + "</p>\n"; }

std::string variants_section(const SweepReport& report) {
  HtmlTable table{.caption = "In per cent; a mark: not all runs have finished",
                  .columns = {{"variant"}},
                  .sortable = true};
  for (const std::string& key : report.keys) table.columns.push_back({.title = key});
  for (const char* title : {"runs", "accuracy", "macro-F1"}) table.columns.push_back({title, true});
  if (report.folds > 0)
    for (const char* title : {"pooled accuracy", "pooled macro-F1"}) table.columns.push_back({title, true});
  for (const SweepVariant& variant : report.variants) {
    HtmlRow row{.cells = {text_cell(variant.name)}, .marked = variant.finished < variant.runs};
    for (const std::string& value : variant.values) row.cells.push_back(text_cell(value));
    const bool any = variant.finished > 0;
    row.cells.push_back(text_cell(fmt::format("{}/{}", variant.finished, variant.runs)));
    row.cells.push_back(any ? spread_cell(variant.accuracy) : text_cell("–"));
    row.cells.push_back(any ? spread_cell(variant.macro_f1) : text_cell("–"));
    if (report.folds > 0) {
      row.cells.push_back(variant.pooled ? share_cell(variant.pooled->accuracy) : text_cell("–"));
      row.cells.push_back(variant.pooled ? share_cell(variant.pooled->macro_f1) : text_cell("–"));
    }
    table.rows.push_back(std::move(row));
  }
  return html_section("variants", "Variants, best first",
                      html_table(table) + paragraph(figures_note(report)));
}

HtmlCell run_cell(const SweepRunResult& run, const fs::path& page) {
  const fs::path& folder = run.overview.folder;
  const std::string name = folder.filename().string();
  if (!fs::exists(folder / "report.html")) return text_cell(name);
  const fs::path from_here = (folder / "report.html").lexically_relative(page);
  return {.html = fmt::format("<a href=\"{}\">{}</a>", relative_url(from_here), html_escape(name)),
          .sort = name};
}

HtmlRow run_row(const SweepRunResult& run, const SweepReport& report, const fs::path& page) {
  HtmlRow row{.cells = {run_cell(run, page)}, .marked = run.state == "failed"};
  row.cells.push_back(count_cell(static_cast<long long>(run.seed)));
  if (report.folds > 0) row.cells.push_back(count_cell(run.fold));
  row.cells.push_back(
      text_cell(run.exit_code ? fmt::format("{} ({})", run.state, *run.exit_code) : run.state));
  if (const auto& figures = run.overview.figures) {
    row.cells.insert(row.cells.end(),
                     {share_cell(figures->accuracy, figures->accuracy_ci95), share_cell(figures->macro_f1),
                      figure_cell(figures->ece), count_cell(figures->samples)});
  } else {
    row.cells.insert(row.cells.end(), 4, text_cell(""));
  }
  row.cells.push_back(text_cell(run.overview.epochs));
  row.cells.back().sort = run.overview.epochs.substr(0, run.overview.epochs.find(' '));
  return row;
}

std::string runs_section(const SweepReport& report, const fs::path& page) {
  HtmlTable table{.caption = "Accuracy and macro-F1 in per cent, with 95 % intervals; a mark: it failed",
                  .columns = {{"run"}, {"seed", true}},
                  .sortable = true};
  if (report.folds > 0) table.columns.push_back({"fold", true});
  table.columns.push_back({"state"});
  for (const char* title : {"accuracy", "macro-F1", "calibration error", "images", "epochs"})
    table.columns.push_back({title, true});
  for (const SweepRunResult& run : report.runs) table.rows.push_back(run_row(run, report, page));
  return html_section("runs", fmt::format("Runs ({})", report.runs.size()), html_table(table));
}

std::string comparison_part(const SweepReport& report) {
  if (report.comparison_note.empty()) return "";
  return html_section("comparison", "Is it chance?", paragraph(report.comparison_note)) +
         (report.comparison ? comparison_sections(*report.comparison) : "");
}

/// What the first finished run says that holds for all; the split of a fold names it.
std::vector<Fact> facts_of(const SweepReport& report) {
  const auto run = std::ranges::find(report.runs, "finished", &SweepRunResult::state);
  const RunOverview overview = run == report.runs.end() ? RunOverview{} : run->overview;
  return {{"Runs", progress_text(report)},
          {"Varies", join(report.keys, ", ")},
          {"Folds", report.folds > 0 ? std::to_string(report.folds) : ""},
          {"Split", report.folds == 0 ? overview.protocol : ""},
          {"Device", overview.device}};
}

}  // namespace

std::string sweep_text(const SweepReport& report) {
  std::vector<std::vector<std::string>> rows = {{"Variant", "Runs", "Accuracy %", "Macro-F1 %"}};
  const bool folds = report.folds > 0;
  if (folds) rows.front().insert(rows.front().end(), {"Pooled accuracy %", "Pooled macro-F1 %"});
  for (const SweepVariant& variant : report.variants) rows.push_back(variant_fields(variant, folds));
  return fmt::format("{}\n{}\n{}.\n", text_table(rows), figures_note(report), progress_text(report));
}

std::string sweep_csv(const SweepReport& report) {
  std::vector<std::string> columns = {"number", "name"};
  columns.insert(columns.end(), report.keys.begin(), report.keys.end());
  columns.insert(columns.end(), {"seed", "fold", "state", "exit_code", "part", "samples", "accuracy",
                                 "accuracy_low", "accuracy_high", "macro_f1", "ece"});
  std::string text = csv_line(columns);
  for (const SweepRunResult& run : report.runs) text += csv_line(run_fields(run));
  return text;
}

std::string sweep_page(const SweepReport& report, const fs::path& folder) {
  return html_page({.title = "Sweep " + report.name,
                    .body = html_facts(facts_of(report)) + variants_section(report) +
                            comparison_part(report) + runs_section(report, folder),
                    .styles = {"sweep.css"}});
}

}  // namespace fer
