#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fer/eval/interval.hpp"
#include "fer/eval/spread.hpp"

namespace fer {

struct HtmlCell {
  std::string html;       ///< escaped already
  std::string sort = {};  ///< what the reader sorts it by; empty: its text
};

struct HtmlColumn {
  std::string title;
  bool number = false;  ///< to the right
};

struct HtmlRow {
  std::vector<HtmlCell> cells;  ///< one for each column; the first heads the row
  bool marked = false;
};

struct HtmlTable {
  std::string caption;
  std::vector<HtmlColumn> columns;
  std::vector<HtmlRow> rows = {};
  bool sortable = false;
};

/// The table in an element of its own that scrolls where it is too wide.
std::string html_table(const HtmlTable& table);

HtmlCell text_cell(std::string_view text);
HtmlCell count_cell(long long count);
/// "0.1234"; a dash for a value that is not finite.
HtmlCell figure_cell(double value);
/// "93.4" per cent, with "91.0–95.2" where there is an interval.
HtmlCell share_cell(double share, const std::optional<Interval>& interval = std::nullopt);
/// share_cell() with a small bar before it, the interval drawn on it.
HtmlCell bar_cell(double share, const Interval& interval);
/// The same of a mean, "93.4 ± 1.2", the deviation drawn on the bar to both sides.
HtmlCell spread_cell(const Spread& spread);

/// "93.4 %"
std::string percent(double share);
/// "91.0–95.2"
std::string percent_range(const Interval& interval);

/// A name and what there is to say of it.
using Fact = std::pair<std::string, std::string>;

/// A list of facts; those without text are left out.
std::string html_facts(const std::vector<Fact>& facts);

/// <section> with its heading; nothing for an empty body. `body` is HTML, `title` text.
std::string html_section(std::string_view id, std::string_view title, std::string_view body);

}  // namespace fer
