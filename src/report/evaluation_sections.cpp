#include "evaluation_sections.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fer/core/error.hpp"
#include "fer/report/error_files.hpp"
#include "html_page.hpp"
#include "html_table.hpp"
#include "page_pictures.hpp"

namespace fer {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kPerCell = 8;
constexpr std::size_t kPictures = 400;
constexpr int kExampleSide = 96;
constexpr std::size_t kMostPairs = 8;

std::string figure(const std::string& name, const std::string& value, const std::string& small) {
  return fmt::format("<div><dt>{}</dt><dd>{} <small>{}</small></dd></div>\n", html_escape(name),
                     html_escape(value), html_escape(small));
}

std::string range_text(const std::optional<Interval>& interval) {
  return interval ? fmt::format("95 %: {}", percent_range(*interval)) : "";
}

std::string figure_range(const std::optional<Interval>& interval) {
  return interval ? fmt::format("95 %: {:.3f}–{:.3f}", interval->low, interval->high) : "";
}

std::string swatch(const std::string& name, const std::string& colour) {
  return fmt::format("<span class=\"class\"><i style=\"background:{}\"></i>{}</span>", colour,
                     html_escape(name));
}

std::string interval_note(const Evaluation& evaluation) {
  if (!evaluation.intervals) return "Intervals are 95 %; that of the accuracy is Wilson's.";
  const MetricIntervals& intervals = *evaluation.intervals;
  const std::string accuracy =
      intervals.by == "subject" ? ""
                                : " That of the accuracy is Wilson's, which takes images to be independent.";
  return fmt::format("Intervals are 95 %, from {} resamples of {} {}s.{}", intervals.resamples,
                     intervals.clusters, intervals.by, accuracy);
}

std::string confusion_cell(int label, int predicted, const Metrics& metrics, const ClassList& classes) {
  const auto row = static_cast<std::size_t>(label), column = static_cast<std::size_t>(predicted);
  const std::int64_t count = metrics.confusion[row][column], labelled = metrics.per_class[row].support;
  const double share = labelled > 0 ? static_cast<double>(count) / static_cast<double>(labelled) : 0;
  const std::string words = fmt::format("{} taken for {}: {} images, {}", classes.name(label),
                                        classes.name(predicted), count, percent(share));
  return fmt::format(
      "<td style=\"--share:{:.3f}\"><button type=\"button\" data-cell=\"{},{}\" aria-label=\"{}\"{}>"
      "<span class=\"count\">{}</span><span class=\"share\">{:.1f}</span></button></td>",
      share, label, predicted, html_escape(words), label + predicted == 0 ? "" : " tabindex=\"-1\"", count,
      100 * share);
}

std::string confusion_table(const Metrics& metrics, const ClassList& classes) {
  std::string html =
      "<div class=\"scroll\"><table id=\"confusion\" class=\"counts\"><caption><span>Rows are labels, "
      "columns are "
      "predictions; the darker, the larger the share of the row</span></caption>\n<thead><tr><th "
      "scope=\"col\">label"
      "</th>";
  for (const std::string& name : classes.names())
    html += fmt::format("<th scope=\"col\">{}</th>", html_escape(name));
  html += "<th scope=\"col\" class=\"number\">images</th></tr></thead>\n<tbody>\n";
  for (int label = 0; label < classes.size(); ++label) {
    html += fmt::format("<tr><th scope=\"row\">{}</th>", html_escape(classes.name(label)));
    for (int predicted = 0; predicted < classes.size(); ++predicted)
      html += confusion_cell(label, predicted, metrics, classes);
    html += fmt::format("<td class=\"number\">{}</td></tr>\n",
                        metrics.per_class[static_cast<std::size_t>(label)].support);
  }
  return html + "</tbody></table></div>\n";
}

HtmlRow group_row(const GroupMetrics& group, const ClassList& classes, bool people) {
  HtmlRow row = {
      .cells = {text_cell(group.attribute), text_cell(group.value), count_cell(group.metrics.samples)}};
  if (people) row.cells.push_back(group.subjects > 0 ? count_cell(group.subjects) : text_cell(""));
  row.cells.push_back(bar_cell(group.metrics.accuracy, group.accuracy_ci95));
  row.cells.push_back(share_cell(group.metrics.macro_f1));
  if (group.compared) {
    const GroupComparison& compared = *group.compared;
    row.marked = compared.differs;
    row.cells.push_back(share_cell(compared.difference.value, compared.difference.ci95));
    row.cells.push_back(text_cell(fmt::format("{:.3f}", compared.p_holm)));
    row.cells.push_back(text_cell(compared.differs ? "differs" : "no"));
  } else {
    row.cells.insert(row.cells.end(), {text_cell(""), text_cell(""), text_cell("too few")});
  }
  std::string confused;
  if (const auto& pair = group.confused) {
    confused = fmt::format("{} → {} ({} of {})", classes.name(pair->label), classes.name(pair->predicted),
                           pair->count, pair->labelled);
  }
  row.cells.push_back(text_cell(confused));
  return row;
}

std::string groups_table(std::span<const GroupMetrics> groups, const ClassList& classes) {
  const bool people = std::ranges::any_of(groups, [](const auto& group) { return group.subjects > 0; });
  HtmlTable table{.caption =
                      "By group, in per cent; the difference is to all other images, p is adjusted "
                      "for the number of comparisons (Holm), and a mark says that a group differs",
                  .columns = {{"attribute"}, {"value"}, {"images", true}},
                  .sortable = true};
  if (people) table.columns.push_back({"people", true});
  const std::vector<HtmlColumn> more = {{"accuracy", true}, {"macro-F1", true}, {"difference", true},
                                        {"p", true},        {"differs"},        {"confused most"}};
  table.columns.insert(table.columns.end(), more.begin(), more.end());
  for (const GroupMetrics& group : groups) table.rows.push_back(group_row(group, classes, people));
  return html_table(table);
}

Json bins_json(std::span<const ReliabilityBin> bins) {
  Json json = Json::array();
  for (const ReliabilityBin& bin : bins) {
    if (bin.samples == 0) continue;
    json.push_back({{"x", bin.confidence},
                    {"y", bin.accuracy},
                    {"low", bin.accuracy_ci95.low},
                    {"high", bin.accuracy_ci95.high},
                    {"samples", bin.samples}});
  }
  return json;
}

}  // namespace

std::string part_title(const std::string& part) {
  return part == "val"      ? "Validation part"
         : part == "test"   ? "Test part"
         : part == "train"  ? "Training part"
         : part == "pooled" ? "All folds"
                            : "All samples";
}

std::string figures_section(const PagePart& part) {
  const Evaluation& evaluation = part.evaluation->evaluation;
  const Metrics& metrics = evaluation.metrics;
  const MetricIntervals none, &intervals = evaluation.intervals ? *evaluation.intervals : none;
  std::string ece_note = figure_range(intervals.ece);
  if (evaluation.uncalibrated && part.calibration.method != CalibrationMethod::none) {
    ece_note = fmt::format("{:.3f} before {} scaling{}", evaluation.uncalibrated->metrics.ece,
                           name_of(part.calibration.method), part.in_sample ? ", fitted on this part" : "");
  }
  std::string html = "<dl class=\"figures\">\n";
  html += figure("Accuracy", percent(metrics.accuracy), range_text(accuracy_interval(evaluation).ci95));
  html += figure("Balanced accuracy", percent(metrics.balanced_accuracy),
                 range_text(intervals.balanced_accuracy));
  html += figure("Macro-F1", percent(metrics.macro_f1), range_text(intervals.macro_f1));
  if (std::isfinite(metrics.kappa))
    html += figure("Kappa", fmt::format("{:.3f}", metrics.kappa), figure_range(intervals.kappa));
  html += figure("Log loss", fmt::format("{:.3f}", metrics.nll), figure_range(intervals.nll));
  html += figure("Calibration error", fmt::format("{:.3f}", metrics.ece), ece_note);
  html += figure("Images", std::to_string(metrics.samples),
                 intervals.by == "subject" ? fmt::format("of {} people", intervals.clusters) : "");
  html += fmt::format("</dl>\n<p class=\"faint\">{}</p>\n", html_escape(interval_note(evaluation)));
  return html_section("figures", part_title(part.evaluation->part), html);
}

std::string errors_section(const PagePart& part, const ClassList& classes) {
  const Evaluation& evaluation = part.evaluation->evaluation;
  std::string html = "<ul>\n";
  for (const std::string& sentence : error_summary(evaluation, classes))
    html += fmt::format("<li>{}</li>\n", html_escape(sentence));
  html += "</ul>\n";
  if (!evaluation.groups.empty()) html += groups_table(evaluation.groups, classes);
  return html_section("errors", "Why it errs", html);
}

std::string confusion_section(const PagePart& part, const ClassList& classes) {
  const std::string pictures =
      part.crops.empty() ? ""
                         : "<div id=\"cell-images\"><p class=\"faint\">Hover over a cell or move with the "
                           "arrow keys to see images behind it; a click or Enter keeps them.</p></div>\n";
  return html_section("confusion-matrix", "Confusion matrix",
                      "<p role=\"group\" aria-label=\"What the cells show\">"
                      "<button type=\"button\" data-shows=\"counts\" aria-pressed=\"true\">Counts</button> "
                      "<button type=\"button\" data-shows=\"shares\" aria-pressed=\"false\">% of the label"
                      "</button></p>\n<div class=\"confusion\">\n" +
                          confusion_table(part.evaluation->evaluation.metrics, classes) + pictures +
                          "</div>\n");
}

std::string classes_section(const PagePart& part, const ClassList& classes) {
  const Evaluation& evaluation = part.evaluation->evaluation;
  const auto colours = css_colours(classes);
  HtmlTable table{
      .caption = "Of each class, in per cent, with 95 % intervals",
      .columns = {{"class"}, {"images", true}, {"precision", true}, {"recall", true}, {"F1", true}},
      .sortable = true};
  for (std::size_t k = 0; k < evaluation.metrics.per_class.size(); ++k) {
    const ClassMetrics& one = evaluation.metrics.per_class[k];
    const ClassIntervals intervals =
        evaluation.intervals ? evaluation.intervals->per_class.at(k) : ClassIntervals();
    table.rows.push_back({.cells = {{.html = swatch(classes.name(static_cast<int>(k)), colours.at(k))},
                                    count_cell(one.support),
                                    share_cell(one.precision, intervals.precision),
                                    share_cell(one.recall, intervals.recall),
                                    share_cell(one.f1, intervals.f1)}});
  }
  return html_section("classes", "By class", html_table(table));
}

std::string reliability_section(const PagePart& part) {
  const Evaluation& evaluation = part.evaluation->evaluation;
  if (evaluation.reliability.empty()) return "";
  HtmlTable table{.caption = "Reliability: how often the answers of each confidence were right",
                  .columns = {{"confidence above", true},
                              {"up to", true},
                              {"images", true},
                              {"mean confidence", true},
                              {"right", true}}};
  for (const ReliabilityBin& bin : evaluation.reliability) {
    if (bin.samples == 0) continue;
    table.rows.push_back(
        {.cells = {share_cell(bin.low), share_cell(bin.high), count_cell(bin.samples),
                   share_cell(bin.confidence), share_cell(bin.accuracy, bin.accuracy_ci95)}});
  }
  return html_section(
      "reliability", "Can the confidence be trusted?",
      "<figure class=\"chart narrow\"><div><canvas id=\"reliability-chart\" role=\"img\" aria-label=\"Share "
      "of "
      "right answers by confidence; the table below has the figures\"></canvas></div><figcaption>On the "
      "diagonal an answer is right as often as its confidence says. The larger a point, the more images; "
      "lines are 95 % intervals.</figcaption></figure>\n<details><summary>As a table</summary>" +
          html_table(table) + "</details>\n");
}

std::string mistakes_section(const PagePart& part, const ClassList& classes) {
  if (part.crops.empty()) return "";
  std::string html;
  const auto& pairs = part.evaluation->evaluation.confused;
  for (const ConfusedPair& pair : std::span(pairs).first(std::min(pairs.size(), kMostPairs))) {
    html += fmt::format(
        "<h3>{} → {}</h3>\n<p class=\"faint\">{} images, {} of {} (95 %: {}), {:.0f} % sure on average</p>\n"
        "<ul class=\"thumbnails\" data-images=\"{},{}\"></ul>\n",
        html_escape(classes.name(pair.label)), html_escape(classes.name(pair.predicted)), pair.count,
        percent(pair.share), html_escape(classes.name(pair.label)), percent_range(pair.share_ci95),
        100 * pair.mean_confidence, pair.label, pair.predicted);
  }
  if (html.empty()) html = "<p>There are none.</p>\n";
  return html_section("mistakes", "The worst mistakes", html);
}

Json evaluation_data(const PagePart& part) {
  const PartEvaluation& evaluated = *part.evaluation;
  const Evaluation& evaluation = evaluated.evaluation;
  Json data = {{"reliability", {{"after", bins_json(evaluation.reliability)}}},
               {"images", Json::array()},
               {"cells", Json::object()}};
  if (evaluation.uncalibrated)
    data["reliability"]["before"] = bins_json(evaluation.uncalibrated->reliability);
  if (part.crops.empty()) return data;
  if (part.crops.size() != evaluated.scored.paths.size())
    throw failure("{} crops of {} samples", part.crops.size(), evaluated.scored.paths.size());
  for (const auto& [cell, samples] : cell_samples(evaluated.scored, kPerCell, kPictures)) {
    Json& positions = data["cells"][fmt::format("{},{}", cell.first, cell.second)] = Json::array();
    for (const std::size_t sample : samples) {
      const auto& probabilities = evaluated.scored.probabilities[sample];
      positions.push_back(data["images"].size());
      data["images"].push_back({{"src", jpeg_uri(part.crops[sample], kExampleSide)},
                                {"path", evaluated.scored.paths[sample]},
                                {"said", probabilities[static_cast<std::size_t>(cell.second)]},
                                {"meant", probabilities[static_cast<std::size_t>(cell.first)]}});
    }
  }
  return data;
}

}  // namespace fer
