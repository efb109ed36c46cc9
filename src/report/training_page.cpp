#include "fer/report/training_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "evaluation_sections.hpp"
#include "fer/core/text.hpp"
#include "fer/eval/spread.hpp"
#include "html_page.hpp"
#include "html_table.hpp"

namespace fer {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostRejected = 100;

/// As long as an epoch, within reason.
int reload_seconds(const PageCourse& course) {
  if (!course.running) return 0;
  const double epoch = course.epochs.empty() ? 0 : course.epochs.back().seconds;
  return static_cast<int>(std::clamp(std::ceil(epoch), 5.0, 60.0));
}

std::string state_text(const PageCourse& course) {
  if (course.epochs.empty() && !course.running) return "";
  std::string text = fmt::format("{} of {} epochs", course.epochs.size(), course.planned);
  if (course.best_epoch > 0) text += fmt::format(", the best was epoch {}", course.best_epoch);
  if (course.running && !course.epochs.empty()) {
    const EpochResult& last = course.epochs.back();
    text += fmt::format("; the last: validation accuracy {}, loss {:.4f}, {:.0f} images/s, {:.1f} s",
                        percent(last.val_accuracy), last.val_loss, last.images_per_second, last.seconds);
  }
  if (course.running) text += fmt::format(". Written {}", course.written);
  return text;
}

std::string opening(const TrainingPage& page) {
  std::string html;
  const std::string state = state_text(page.course);
  if (!state.empty()) html += fmt::format("<p>{}</p>\n", html_escape(state));
  html += fmt::format("<p>{}</p>\n", html_escape(page.protocol));
  for (const std::string& warning : page.warnings)
    html += fmt::format("<p class=\"warning\">{}</p>\n", html_escape(warning));
  return html;
}

std::string parts_section(const TrainingPage& page) {
  if (page.parts.size() < 2) return "";
  HtmlTable table{.caption = "All parts that were evaluated",
                  .columns = {{"part"},
                              {"images", true},
                              {"accuracy (%)", true},
                              {"balanced (%)", true},
                              {"macro-F1 (%)", true},
                              {"calibration error", true}}};
  for (const PagePart& part : page.parts) {
    const Metrics& metrics = part.evaluation->evaluation.metrics;
    table.rows.push_back(
        {.cells = {text_cell(part_title(part.evaluation->part)), count_cell(metrics.samples),
                   bar_cell(metrics.accuracy, metrics.accuracy_ci95), share_cell(metrics.balanced_accuracy),
                   share_cell(metrics.macro_f1), figure_cell(metrics.ece)}});
  }
  return html_table(table);
}

std::string chart(const std::string& id, const std::string& what) {
  return fmt::format(
      "<figure class=\"chart\"><div><canvas id=\"{}\" role=\"img\" aria-label=\"{} by epoch; the table below "
      "has "
      "the figures\"></canvas></div></figure>\n",
      id, what);
}

std::string curves_section(const PageCourse& course) {
  if (course.epochs.empty()) return "";
  HtmlTable table{.caption = "The epochs",
                  .columns = {{"epoch", true},
                              {"stage", true},
                              {"learning rate", true},
                              {"train loss", true},
                              {"train accuracy (%)", true},
                              {"val loss", true},
                              {"val accuracy (%)", true},
                              {"val macro-F1 (%)", true},
                              {"seconds", true}},
                  .sortable = true};
  for (const EpochResult& epoch : course.epochs) {
    table.rows.push_back({.cells = {count_cell(epoch.epoch), count_cell(epoch.stage),
                                    text_cell(fmt::format("{:.2e}", epoch.lr)), figure_cell(epoch.train_loss),
                                    share_cell(epoch.train_accuracy), figure_cell(epoch.val_loss),
                                    share_cell(epoch.val_accuracy), share_cell(epoch.val_macro_f1),
                                    text_cell(fmt::format("{:.1f}", epoch.seconds))},
                          .marked = epoch.epoch == course.best_epoch});
  }
  return html_section("curves", "Course of the training",
                      "<div class=\"charts\">\n" + chart("accuracy-chart", "Accuracy") +
                          chart("loss-chart", "Loss") + "</div>\n<details><summary>As a table</summary>" +
                          html_table(table) + "</details>\n");
}

std::string folds_section(const TrainingPage& page) {
  if (page.folds.empty()) return "";
  HtmlTable table{.caption = "Each fold, scored by the run that never saw it",
                  .columns = {{"fold", true},
                              {"images", true},
                              {"accuracy (%)", true},
                              {"balanced (%)", true},
                              {"macro-F1 (%)", true},
                              {"report"}},
                  .sortable = true};
  std::vector<double> accuracies, f1s;
  for (const SeriesRun& run : page.folds) {
    const Metrics& metrics = run.metrics;
    accuracies.push_back(metrics.accuracy);
    f1s.push_back(metrics.macro_f1);
    const auto report = (std::filesystem::path(run.folder) / "report.html").lexically_relative(page.folder);
    table.rows.push_back(
        {.cells = {
             count_cell(static_cast<long long>(run.number)),
             count_cell(metrics.samples),
             bar_cell(metrics.accuracy, metrics.accuracy_ci95),
             share_cell(metrics.balanced_accuracy),
             share_cell(metrics.macro_f1),
             {.html = fmt::format("<a href=\"{}\">{}</a>", relative_url(report),
                                  html_escape(std::filesystem::path(run.folder).filename().string()))}}});
  }
  const Spread accuracy = spread_of(accuracies), f1 = spread_of(f1s);
  return html_section(
      "folds", "Folds",
      fmt::format("<p>Accuracy {:.1f} ± {:.1f} %, macro-F1 {:.1f} ± {:.1f} % (mean ± standard "
                  "deviation over the folds)</p>\n",
                  100 * accuracy.mean, 100 * accuracy.deviation, 100 * f1.mean, 100 * f1.deviation) +
          html_table(table));
}

std::string rejected_list(const std::vector<RejectedFile>& rejected) {
  if (rejected.empty()) return "";
  std::string html =
      fmt::format("<details><summary>{} files were left out</summary>\n<ul>\n", rejected.size());
  for (const RejectedFile& file : std::span(rejected).first(std::min(rejected.size(), kMostRejected)))
    html += fmt::format("<li>{}: {}</li>\n", html_escape(file.path), html_escape(file.reason));
  if (rejected.size() > kMostRejected) html += "<li>… all are in rejected.csv</li>\n";
  return html + "</ul></details>\n";
}

HtmlTable counts_table(const TrainingPage& page) {
  const auto& parts = page.data.counts;
  const bool people = std::ranges::any_of(parts, [](const PartCounts& part) { return part.subjects > 0; });
  const auto count = [](std::size_t n) { return count_cell(static_cast<long long>(n)); };
  HtmlTable table{.caption = "Images of each class", .columns = {{"part"}, {"images", true}}};
  if (people) table.columns.push_back({"people", true});
  for (const std::string& name : page.classes.names()) table.columns.push_back({name, true});
  for (const PartCounts& part : parts) {
    HtmlRow row{.cells = {text_cell(part.name), count(part.samples)}};
    if (people) row.cells.push_back(count(part.subjects));
    for (const std::size_t images : part.per_class) row.cells.push_back(count(images));
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string data_section(const TrainingPage& page) {
  const PageData& data = page.data;
  const SplitFacts& split = data.split;
  const auto number = [](std::size_t count) { return count == 0 ? "" : std::to_string(count); };
  const std::vector<Fact> facts = {
      {"Split", page.protocol},
      {"People", number(split.subjects)},
      {"People in several parts", split.subjects > 0 ? std::to_string(split.shared_subjects) : ""},
      {"Images without a known person", number(split.without_subject)},
      {"Leaks between parts", split.method.empty() || !split.leaks.empty() ? "" : "none found"},
      {"Copies taken out", number(split.excluded)},
      {"Suspects left out of training", number(split.suspects.dropped)},
      {"Images not in the split file", number(split.not_in_file)},
      {"Images left out by data.only", number(data.left_out)},
      {"Images with a face found", number(data.faces_found)},
      {"Images without", number(data.faces_missing)}};
  return html_section("data", "Data and split",
                      (data.counts.empty() ? "" : html_table(counts_table(page))) + html_facts(facts) +
                          rejected_list(data.rejected));
}

std::string made_section(const TrainingPage& page) {
  std::string html = page.made_with.empty() ? "" : html_facts(page.made_with);
  if (!page.config.empty())
    html += fmt::format(
        "<details><summary>Configuration (config.yaml)</summary><pre tabindex=\"0\">{}</pre>"
        "</details>\n",
        html_escape(page.config));
  return html_section("made", "How it was made", html);
}

Json curves_data(const PageCourse& course) {
  Json curves = {{"stages", Json::array()}, {"best", course.best_epoch}};
  int stage = 0;
  for (const EpochResult& epoch : course.epochs) {
    curves["train_loss"].push_back({{"x", epoch.epoch}, {"y", epoch.train_loss}});
    curves["val_loss"].push_back({{"x", epoch.epoch}, {"y", epoch.val_loss}});
    curves["train_accuracy"].push_back({{"x", epoch.epoch}, {"y", 100 * epoch.train_accuracy}});
    curves["val_accuracy"].push_back({{"x", epoch.epoch}, {"y", 100 * epoch.val_accuracy}});
    if (epoch.stage == stage) continue;
    stage = epoch.stage;
    const auto index = static_cast<std::size_t>(stage - 1);
    curves["stages"].push_back(
        {{"first", epoch.epoch},
         {"name", index < course.stages.size() ? course.stages[index] : fmt::format("stage {}", stage)}});
  }
  return curves;
}

std::string page_data(const TrainingPage& page) {
  Json data = Json::object();
  if (!page.parts.empty()) data = evaluation_data(page.parts.back());
  data["classes"] = page.classes.names();
  data["colours"] = css_colours(page.classes);
  if (!page.course.epochs.empty()) data["curves"] = curves_data(page.course);
  return data.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string manifest_weights(const Manifest& manifest) {
  return manifest.weights_sha256.empty() ? manifest.weights
                                         : manifest.weights + " (" + manifest.weights_sha256 + ")";
}

std::string manifest_teachers(const Manifest& manifest) {
  std::vector<std::string> teachers;
  for (const auto& [path, digest] : manifest.teachers)
    teachers.push_back(fmt::format("{} ({})", path, digest));
  return join(teachers, ", ");
}

}  // namespace

std::vector<Fact> manifest_facts(const Manifest& manifest) {
  return {{"Device", manifest.device},
          {"Precision", manifest.precision},
          {"Seed", std::to_string(manifest.seed)},
          {"fer", manifest.version},
          {"LibTorch", manifest.libtorch},
          {"OpenCV", manifest.opencv},
          {"Command", join(manifest.command, " ")},
          {"Started", manifest.started},
          {"Gone on with", join(manifest.resumed, ", ")},
          {"End", manifest.end},
          {"Starting weights", manifest_weights(manifest)},
          {"Teachers", manifest_teachers(manifest)},
          {"Data (SHA-256)", manifest.data_sha256}};
}

std::vector<Fact> manifest_facts(const EvaluationManifest& manifest) {
  return {{"Checkpoint", manifest.checkpoint},      {"Checkpoint (SHA-256)", manifest.checkpoint_sha256},
          {"Trained on", manifest.trained_on},      {"Device", manifest.device},
          {"Precision", manifest.precision},        {"fer", manifest.version},
          {"LibTorch", manifest.libtorch},          {"OpenCV", manifest.opencv},
          {"Command", join(manifest.command, " ")}, {"Finished", manifest.finished},
          {"Data (SHA-256)", manifest.data_sha256}};
}

std::string training_page(const TrainingPage& page) {
  std::string body = opening(page);
  if (!page.parts.empty()) body += figures_section(page.parts.back());
  body += parts_section(page) + folds_section(page) + curves_section(page.course);
  if (!page.parts.empty()) {
    const PagePart& part = page.parts.back();
    body += confusion_section(part, page.classes) + classes_section(part, page.classes) +
            errors_section(part, page.classes) + mistakes_section(part, page.classes) +
            reliability_section(part);
  }
  body += data_section(page) + made_section(page);
  return html_page({.title = page.title,
                    .body = std::move(body),
                    .data = page_data(page),
                    .styles = {"training.css"},
                    .scripts = {"chart.js", "training.js"},
                    .reload_seconds = reload_seconds(page.course)});
}

}  // namespace fer
