#include "fer/report/video_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>

#include "fer/core/progress.hpp"
#include "fer/core/text.hpp"
#include "html_page.hpp"
#include "page_assets.hpp"
#include "timeline_data.hpp"
#include "video_words.hpp"

namespace fer {
namespace {

constexpr int kPeakSide = 160;  // pixels

std::string percent(const std::optional<double>& share) {
  return share ? fmt::format("{:.1f} %", 100 * *share) : "–";
}

std::string swatch(const std::string& colour) {
  return fmt::format("<i class=\"swatch\" style=\"background:{}\"></i>", colour);
}

std::string warnings_html(const VideoSummary& summary) {
  std::string html;
  for (const std::string& warning : summary.warnings)
    html += fmt::format("<p class=\"warning\">{}</p>\n", html_escape(warning));
  return html;
}

std::string figure(std::string_view name, std::string_view value, std::string_view more) {
  return fmt::format("<div><dt>{}</dt><dd>{}<small>{}</small></dd></div>\n", name, html_escape(value),
                     html_escape(more));
}

std::string figures_html(const VideoReport& report) {
  const VideoSummary& summary = report.summary;
  const EmotionCounts& counts = summary.overall;
  return figure("Dominant expression", dominant_text(counts, summary.classes),
                percent(counts.dominant_share) + " of all faces") +
         figure("Mean confidence", percent(counts.mean_confidence), "of the most probable class") +
         figure("Frames with a face", percent(summary.coverage()),
                fmt::format("{} of {} sampled", summary.frames_with_face, summary.frames_sampled)) +
         figure("Length", summary.duration_seconds ? clock_text(*summary.duration_seconds) : "–",
                fmt::format("{} frames in all", summary.frames_total)) +
         figure("Persons", fmt::format("{}", summary.faces.size()),
                "who leaves and comes back later counts again") +
         figure("Events", fmt::format("{}", report.events.size()),
                "expressions other than neutral, without a break");
}

std::string player_html(const VideoReport& report) {
  if (report.player.file.empty()) return std::string(page_asset("no_player.html"));
  const std::string& codec = report.analysis.facts.codec;
  return fill_template(page_asset("player.html"),
                       {{"url", relative_url(report.player.file)},
                        {"name", html_escape(report.player.file.filename().string())},
                        {"codec", codec.empty() ? "" : html_escape(" (" + codec + ")")}});
}

std::string kinds_html(const nlohmann::ordered_json& kinds) {
  std::string html;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    html += fmt::format("<button type=\"button\" data-kind=\"{}\" aria-pressed=\"{}\">{}</button>", i,
                        i + 1 == kinds.size(), html_escape(kinds[i].get<std::string>()));
  }
  return html;
}

std::string legend_html(const ClassList& classes) {
  const std::vector<std::string> colours = css_colours(classes);
  std::string html;
  for (std::size_t i = 0; i < colours.size(); ++i)
    html += fmt::format("<li>{}{}</li>", swatch(colours[i]), html_escape(classes.names()[i]));
  return html;
}

std::string decimation_text(const TimelineData& data) {
  std::string text;
  if (data.frames_per_bucket > 1)
    text +=
        fmt::format(" {} sampled frames are drawn as one (their mean; lines also show the least and most).",
                    data.frames_per_bucket);
  if (data.faces_left_out > 0)
    text +=
        fmt::format(" The {} persons seen most are shown, {} are not.", kMostFacesShown, data.faces_left_out);
  if (!text.empty()) text += " frames.csv has everything.";
  return text;
}

std::string pictures_html(const VideoReport& report) {
  if (report.pictures.empty()) return "";
  const std::vector<std::string> colours = css_colours(report.analysis.classes);
  std::string html = "<ul class=\"peaks\" aria-label=\"Peaks of events\">\n";
  for (const PeakPicture& picture : report.pictures) {
    const ExpressionEvent& event = report.events[picture.event];
    html += fmt::format(
        "<li><button type=\"button\" data-face=\"{}\" data-apex=\"{:.4f}\" style=\"border-bottom-color:{}\">"
        "<img alt=\"\" src=\"{}\">{} {:.0f} %<br>{} · #{}</button></li>\n",
        event.face_id, std::ceil(event.apex * 1e4 - 1e-3) / 1e4,
        colours[static_cast<std::size_t>(event.label)], jpeg_uri(picture.rgb, kPeakSide),
        html_escape(report.analysis.classes.name(event.label)), 100 * event.peak_prob, clock_text(event.apex),
        event.face_id);
  }
  return html + "</ul>\n";
}

std::string events_html(const VideoReport& report, std::size_t left_out) {
  if (report.events.empty())
    return "<p>No expression other than neutral lasted long enough to be an event.</p>";
  std::string html = pictures_html(report) + std::string(page_asset("events.html"));
  if (left_out > 0)
    html += fmt::format("<p class=\"faint\">The {} longest events are listed; events.csv has {} more.</p>\n",
                        kMostEventsShown, left_out);
  return html;
}

/// A row as in Table 2 of the reference paper.
std::string summary_row(std::string_view who, const std::string& frames, const EmotionCounts& counts,
                        const ClassList& classes) {
  return fmt::format(
      "<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td><td>{}</td><td class=\"number\">{}</td><td "
      "class=\"number\">{}</td><td class=\"wide\">{}</td></tr>\n",
      html_escape(who), frames, html_escape(dominant_text(counts, classes)),
      percent_text(counts.dominant_share), percent_text(counts.mean_confidence),
      html_escape(distribution_text(counts, classes)));
}

std::string summary_html(const VideoSummary& summary) {
  std::string html = summary_row(summary.video, frames_text(summary.frames_with_face, summary.frames_sampled),
                                 summary.overall, summary.classes);
  if (summary.faces.size() < 2) return html;
  for (const FaceSummary& face :
       std::span(summary.faces).first(std::min(summary.faces.size(), kMostFacesShown)))
    html += summary_row(fmt::format("Face {}", face.face_id), fmt::format("{}", face.counts.frames),
                        face.counts, summary.classes);
  return html;
}

/// How often each class comes among the labels of one kind, `frames` in all.
struct Distribution {
  std::string_view name;
  const std::vector<std::int64_t>& counts;
  std::int64_t frames;

  std::int64_t uncertain() const {
    return frames - std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
  }

  std::string bar(std::int64_t count, const std::string& colour) const {
    const double share = frames == 0 ? 0 : 100 * static_cast<double>(count) / static_cast<double>(frames);
    return fmt::format(
        "<div><span>{}</span><span class=\"track\"><i{} "
        "style=\"background:{};width:{:.2f}%\"></i></span><span>{:.1f} % "
        "({})</span></div>",
        name, name == "smoothed" ? "" : " class=\"plain\"", colour, share, share, count);
  }
};

std::string distribution_html(const VideoSummary& summary) {
  const EmotionCounts& counts = summary.overall;
  std::vector<Distribution> kinds = {{"raw", counts.distribution, counts.frames}};
  if (!counts.distribution_corrected.empty())
    kinds.push_back({"corrected", counts.distribution_corrected, counts.frames});
  kinds.push_back({"smoothed", counts.distribution_smoothed, counts.frames});
  const std::vector<std::string> colours = css_colours(summary.classes);
  std::string html = "<dl class=\"shares\">\n";
  for (std::size_t i = 0; i < colours.size(); ++i) {
    html += fmt::format("<dt>{}{}</dt><dd>", swatch(colours[i]), html_escape(summary.classes.names()[i]));
    for (const Distribution& kind : kinds) html += kind.bar(kind.counts[i], colours[i]);
    html += "</dd>\n";
  }
  if (counts.uncertain > 0) {
    html += "<dt>uncertain</dt><dd>";
    for (const Distribution& kind : kinds) html += kind.bar(kind.uncertain(), "var(--faint)");
    html += "</dd>\n";
  }
  return html + "</dl>\n";
}

std::string conditions_html(const VideoSummary& summary) {
  if (summary.conditions.empty()) return "";
  std::string rows;
  for (const ConditionSummary& condition : summary.conditions)
    rows +=
        summary_row(condition.condition, frames_text(condition.frames_with_face, condition.frames_sampled),
                    condition.counts, summary.classes);
  return fill_template(page_asset("conditions.html"), {{"rows", rows}});
}

std::string sampling_text(const Sampling& sampling) {
  std::string text = "all frames";
  if (sampling.method == SamplingMethod::rate) text = fmt::format("{} frames a second", sampling.fps);
  if (sampling.method == SamplingMethod::every_n) text = fmt::format("every {}th frame", sampling.every_n);
  if (sampling.start > 0) text += fmt::format(", from {} s", sampling.start);
  if (std::isfinite(sampling.end)) text += fmt::format(", to {} s", sampling.end);
  return text;
}

std::string recording_text(const VideoFacts& facts) {
  std::string text = fmt::format("{} × {} pixels, {:.6g} frames a second{}", facts.width, facts.height,
                                 facts.fps, facts.variable_frame_rate ? " on average (they vary)" : "");
  if (!facts.codec.empty()) text += ", " + facts.codec;
  if (facts.rotation != 0) text += fmt::format(", turned by {}°", facts.rotation);
  return text;
}

std::string_view target_text(FaceTarget target) {
  if (target == FaceTarget::largest) return "the largest face of each frame";
  if (target == FaceTarget::center) return "the face nearest to the centre of each frame";
  return "all faces";
}

std::string facts_html(const VideoReport& report) {
  const VideoAnalysis& analysis = report.analysis;
  const VideoSummary& summary = report.summary;
  std::vector<std::pair<std::string_view, std::string>> facts = {
      {"Recording", summary.video},
      {"Pictures", recording_text(analysis.facts)},
      {"Frames", audit_line(analysis)},
      {"Shots", fmt::format("{}", summary.cuts + 1)},
      {"Sampled", sampling_text(analysis.options.sampling)},
      {"Classified", std::string(target_text(analysis.options.target))},
      {"Model", summary.model},
      {"Detector", summary.detector},
      {"Smoothing", summary.smoothing},
      {"Correction", summary.correction}};
  if (analysis.interpretation.abstain > 0)
    facts.emplace_back("Uncertain",
                       fmt::format("below a probability of {}", analysis.interpretation.abstain));
  std::string html;
  for (const auto& [name, value] : facts)
    html += fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, html_escape(value));
  return html;
}

std::string files_html(std::span<const std::string> files) {
  std::vector<std::string> links;
  for (const std::string& file : files)
    links.push_back(fmt::format("<a href=\"{}\">{}</a>", relative_url(file), html_escape(file)));
  return links.empty() ? "" : "All numbers: " + join(links, ", ") + ".";
}

}  // namespace

std::string video_report(const VideoReport& report) {
  const VideoSummary& summary = report.summary;
  const TimelineData timeline = timeline_data(report);
  const std::string body =
      fill_template(page_asset("video.html"), {{"warnings", warnings_html(summary)},
                                               {"figures", figures_html(report)},
                                               {"player", player_html(report)},
                                               {"kinds", kinds_html(timeline.json.at("kinds"))},
                                               {"legend", legend_html(summary.classes)},
                                               {"decimation", decimation_text(timeline)},
                                               {"events", events_html(report, timeline.events_left_out)},
                                               {"summary", summary_html(summary)},
                                               {"distribution", distribution_html(summary)},
                                               {"conditions", conditions_html(summary)},
                                               {"facts", facts_html(report)},
                                               {"files", files_html(report.files)}});
  // File names are bytes: what is not UTF-8 is replaced rather than refused.
  return html_page({.title = "Facial expressions in " + summary.video,
                    .body = body,
                    .data = timeline.json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
                    .styles = {"video.css"},
                    .scripts = {"timeline.js", "video.js"}});
}

}  // namespace fer
