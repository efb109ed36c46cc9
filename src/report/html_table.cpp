#include "html_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "html_page.hpp"

namespace fer {
namespace {

std::string class_of(const HtmlColumn& column) { return column.number ? " class=\"number\"" : ""; }

std::string html_row(const HtmlRow& row, const std::vector<HtmlColumn>& columns) {
  std::string html = row.marked ? "<tr class=\"marked\">" : "<tr>";
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    const HtmlCell& cell = row.cells[i];
    const std::string_view tag = i == 0 ? "th" : "td";
    const std::string scope = i == 0 ? " scope=\"row\"" : "";
    const std::string sort =
        cell.sort.empty() ? "" : fmt::format(" data-sort=\"{}\"", html_escape(cell.sort));
    html += fmt::format("<{0}{1}{2}{3}>{4}</{0}>", tag, scope, class_of(columns.at(i)), sort, cell.html);
  }
  return html + "</tr>\n";
}

/// A small bar with the interval drawn on it.
std::string bar(double share, const Interval& interval) {
  const double low = std::clamp(interval.low, 0.0, 1.0), high = std::clamp(interval.high, low, 1.0);
  return fmt::format(
      "<span class=\"bar\" aria-hidden=\"true\"><i style=\"width:{:.1f}%\"></i>"
      "<b style=\"left:{:.1f}%;width:{:.1f}%\"></b></span> ",
      100 * share, 100 * low, 100 * (high - low));
}

}  // namespace

std::string html_table(const HtmlTable& table) {
  const std::string caption = html_escape(table.caption);
  std::string html = fmt::format(
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\"><table{1}>"
      "<caption><span>{0}</span></caption>\n<thead><tr>",
      caption, table.sortable ? " class=\"sortable\"" : "");
  for (const HtmlColumn& column : table.columns)
    html += fmt::format("<th scope=\"col\"{}>{}</th>", class_of(column), html_escape(column.title));
  html += "</tr></thead>\n<tbody>\n";
  for (const HtmlRow& row : table.rows) html += html_row(row, table.columns);
  return html + "</tbody></table></div>\n";
}

HtmlCell text_cell(std::string_view text) { return {.html = html_escape(text)}; }

HtmlCell count_cell(long long count) { return {.html = std::to_string(count)}; }

HtmlCell figure_cell(double value) {
  if (!std::isfinite(value)) return {.html = "–", .sort = {}};
  return {.html = fmt::format("{:.4f}", value), .sort = {}};
}

HtmlCell share_cell(double share, const std::optional<Interval>& interval) {
  std::string html = fmt::format("{:.1f}", 100 * share);
  if (interval) html += fmt::format(" <small class=\"faint\">{}</small>", percent_range(*interval));
  return {.html = std::move(html), .sort = fmt::format("{:.6f}", share)};
}

HtmlCell bar_cell(double share, const Interval& interval) {
  HtmlCell cell = share_cell(share, interval);
  cell.html = bar(share, interval) + cell.html;
  return cell;
}

HtmlCell spread_cell(const Spread& spread) {
  HtmlCell cell = share_cell(spread.mean);
  const double low = spread.mean - spread.deviation, high = spread.mean + spread.deviation;
  cell.html = bar(spread.mean, {.low = low, .high = high}) + cell.html;
  cell.html += fmt::format(" <small class=\"faint\">± {:.1f}</small>", 100 * spread.deviation);
  return cell;
}

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

std::string percent_range(const Interval& interval) {
  return fmt::format("{:.1f}–{:.1f}", 100 * interval.low, 100 * interval.high);
}

std::string html_facts(const std::vector<Fact>& facts) {
  std::string html = "<dl class=\"facts\">\n";
  for (const auto& [name, text] : facts) {
    if (!text.empty()) html += fmt::format("<dt>{}</dt><dd>{}</dd>\n", html_escape(name), html_escape(text));
  }
  return html + "</dl>\n";
}

std::string html_section(std::string_view id, std::string_view title, std::string_view body) {
  if (body.empty()) return "";
  return fmt::format("<section aria-labelledby=\"{0}\">\n<h2 id=\"{0}\">{1}</h2>\n{2}</section>\n", id,
                     html_escape(title), body);
}

}  // namespace fer
