#include "fer/report/overview_page.hpp"

#include <fmt/format.h>

#include "html_page.hpp"
#include "html_table.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

/// The name of a folder, linked to its report or else to the folder itself.
HtmlCell link_cell(const fs::path& folder, const fs::path& page, const std::string& name) {
  const fs::path report = folder / "report.html";
  const fs::path target = fs::exists(report) ? report : folder / "";
  const fs::path from_here =
      fs::absolute(target).lexically_normal().lexically_relative(fs::absolute(page).lexically_normal());
  return {.html = fmt::format("<a href=\"{}\">{}</a>", relative_url(from_here), html_escape(name)),
          .sort = name};
}

HtmlRow run_row(const RunOverview& run, const fs::path& page) {
  const fs::path plain = fs::absolute(run.folder / "").lexically_normal().parent_path();
  HtmlRow row{.cells = {link_cell(run.folder, page, plain.filename().string())}};
  if (const auto& figures = run.figures) {
    row.cells.insert(row.cells.end(),
                     {bar_cell(figures->accuracy, figures->accuracy_ci95), share_cell(figures->macro_f1),
                      figure_cell(figures->ece), count_cell(figures->samples), text_cell(figures->part)});
  } else {
    row.cells.insert(row.cells.end(), 5, text_cell(""));
  }
  for (const std::string& text : {run.epochs, run.end, run.protocol, run.device, run.date})
    row.cells.push_back(text_cell(text));
  row.cells[6].sort = run.epochs.substr(0, run.epochs.find(' '));
  return row;
}

std::string runs_section(const Overview& overview, const fs::path& page) {
  if (overview.runs.empty()) return "";
  HtmlTable table{.caption = "Runs and evaluations: accuracy and macro-F1 in per cent, with 95 % intervals",
                  .columns = {{"name"},
                              {"accuracy", true},
                              {"macro-F1", true},
                              {"calibration error", true},
                              {"images", true},
                              {"part"},
                              {"epochs", true},
                              {"end"},
                              {"protocol"},
                              {"device"},
                              {"date", true}},
                  .sortable = true};
  for (const RunOverview& run : overview.runs) table.rows.push_back(run_row(run, page));
  return html_section("runs", fmt::format("Runs ({})", overview.runs.size()), html_table(table));
}

/// The shares of the labels side by side, in the colours of the emotions.
HtmlCell distribution_cell(const VideoSummary& summary) {
  const EmotionCounts& counts = summary.overall;
  const auto colours = css_colours(summary.classes);
  std::string parts, words;
  for (std::size_t k = 0; k < counts.distribution.size(); ++k) {
    if (counts.distribution[k] == 0) continue;
    const double share = static_cast<double>(counts.distribution[k]) / static_cast<double>(counts.frames);
    parts += fmt::format("<i style=\"width:{:.2f}%;background:{}\"></i>", 100 * share, colours.at(k));
    words += fmt::format("{}{} {:.0f} %", words.empty() ? "" : ", ",
                         summary.classes.name(static_cast<int>(k)), 100 * share);
  }
  if (words.empty()) return text_cell("");
  return {
      .html = fmt::format("<span class=\"shares\" role=\"img\" aria-label=\"{0}\" title=\"{0}\">{1}</span>",
                          html_escape(words), parts),
      .sort = words};
}

HtmlRow video_row(const VideoOverview& video, const fs::path& page) {
  const VideoSummary& summary = video.summary;
  const EmotionCounts& counts = summary.overall;
  const auto share = [](const std::optional<double>& value) {
    return value ? share_cell(*value) : text_cell("");
  };
  std::string warnings;
  for (const std::string& warning : summary.warnings) warnings += (warnings.empty() ? "" : "; ") + warning;
  return {.cells = {link_cell(video.folder, page, summary.video),
                    summary.duration_seconds ? text_cell(fmt::format("{:.1f}", *summary.duration_seconds))
                                             : text_cell(""),
                    count_cell(summary.frames_sampled), share_cell(summary.coverage()),
                    count_cell(static_cast<long long>(summary.faces.size())),
                    text_cell(counts.dominant ? summary.classes.name(*counts.dominant) : ""),
                    share(counts.dominant_share), share(counts.mean_confidence), distribution_cell(summary),
                    text_cell(warnings)},
          .marked = summary.damaged};
}

std::string legend(const ClassList& classes) {
  const auto colours = css_colours(classes);
  std::string html = "<p>";
  for (std::size_t k = 0; k < colours.size(); ++k)
    html += fmt::format("<span class=\"class\"><i style=\"background:{}\"></i>{}</span> ", colours[k],
                        html_escape(classes.name(static_cast<int>(k))));
  return html + "</p>\n";
}

std::string videos_section(const Overview& overview, const fs::path& page) {
  if (overview.videos.empty()) return "";
  HtmlTable table{.caption =
                      "Recorded videos: shares in per cent of the faces seen; a mark stands for a "
                      "damaged file",
                  .columns = {{"video"},
                              {"seconds", true},
                              {"frames", true},
                              {"with a face", true},
                              {"people", true},
                              {"dominant emotion"},
                              {"share", true},
                              {"mean confidence", true},
                              {"distribution"},
                              {"warnings"}},
                  .sortable = true};
  for (const VideoOverview& video : overview.videos) table.rows.push_back(video_row(video, page));
  return html_section("videos", fmt::format("Videos ({})", overview.videos.size()),
                      legend(overview.videos.front().summary.classes) + html_table(table));
}

}  // namespace

std::string overview_page(const Overview& overview, const fs::path& folder) {
  return html_page({.title = "Overview",
                    .body = runs_section(overview, folder) + videos_section(overview, folder),
                    .styles = {"overview.css"}});
}

}  // namespace fer
