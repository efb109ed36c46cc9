#include "text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "fer/core/display_text.hpp"

namespace fer {
namespace {

std::string markdown_text(const std::string& text) {
  std::string written;
  for (const char c : text) {
    if (std::string_view("|\\`*_<").find(c) != std::string_view::npos) written += '\\';
    written += c == '\n' || c == '\r' ? ' ' : c;
  }
  return written;
}

}  // namespace

std::string text_table(std::span<const std::vector<std::string>> rows) {
  std::vector<std::size_t> widths(rows.empty() ? 0 : rows[0].size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const std::string blanks(widths[i] - display_width(row[i]), ' ');
      text += i == 0 ? row[i] + blanks : "  " + blanks + row[i];
    }
    text += '\n';
  }
  return text;
}

std::string markdown_table(std::span<const std::vector<std::string>> rows) {
  std::string text;
  for (const auto& row : rows) {
    for (const std::string& field : row) text += "| " + markdown_text(field) + " ";
    text += "|\n";
    if (&row != rows.data()) continue;
    for (std::size_t i = 0; i < row.size(); ++i) text += i == 0 ? "|:---" : "|---:";
    text += "|\n";
  }
  return text;
}

std::string latex_table(std::span<const std::vector<std::string>> rows) {
  if (rows.empty()) return {};
  std::string text =
      fmt::format("\\begin{{tabular}}{{l{}}}\n\\toprule\n", std::string(rows[0].size() - 1, 'r'));
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) text += (i == 0 ? "" : " & ") + latex_text(row[i]);
    text += " \\\\\n";
    if (&row == rows.data()) text += "\\midrule\n";
  }
  return text + "\\bottomrule\n\\end{tabular}\n";
}

std::string latex_text(std::string_view text) {
  static constexpr std::pair<std::string_view, std::string_view> kWritten[] = {{"\\", "\\textbackslash{}"},
                                                                               {"~", "\\textasciitilde{}"},
                                                                               {"^", "\\textasciicircum{}"},
                                                                               {"|", "\\textbar{}"},
                                                                               {"<", "$<$"},
                                                                               {">", "$>$"},
                                                                               {"χ²", "$\\chi^2$"},
                                                                               {"χ", "$\\chi$"},
                                                                               {"κ", "$\\kappa$"},
                                                                               {"²", "$^2$"}};
  std::string written;
  while (!text.empty()) {
    const auto found =
        std::ranges::find_if(kWritten, [&](const auto& pair) { return text.starts_with(pair.first); });
    if (found != std::end(kWritten)) {
      written += found->second;
      text.remove_prefix(found->first.size());
      continue;
    }
    const char c = text.front();
    if (std::string_view("_%&#${}").find(c) != std::string_view::npos) written += '\\';
    written += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    text.remove_prefix(1);
  }
  return written;
}

}  // namespace fer
