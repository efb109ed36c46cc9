#include "fer/report/agreement_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "fer/core/csv.hpp"
#include "fer/core/text.hpp"
#include "number_text.hpp"
#include "text_table.hpp"

namespace fer {
namespace {

using Fields = std::vector<std::string>;

std::string figure(double value, int decimals = 3) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", value, decimals) : "-";
}

std::string figure(const std::optional<double>& value, int decimals = 3) {
  return value ? figure(*value, decimals) : "-";
}

std::string with_interval(double value, const std::optional<Interval>& interval) {
  if (!interval) return figure(value);
  return fmt::format("{} ({} to {})", figure(value), figure(interval->low), figure(interval->high));
}

Fields figures_of(const std::string& name, const FrameAgreement& agreement) {
  return {name, std::to_string(agreement.frames), with_interval(agreement.share, agreement.share_ci95),
          with_interval(agreement.kappa, agreement.kappa_ci95)};
}

std::string frames_agreement_text(const AgreementReport& report) {
  const FrameReadings& frames = *report.frames;
  std::vector<Fields> rows = {{"Frames", "n", "Agreement (95 % interval)", "Cohen's kappa (95 % interval)"}};
  const std::string kind = report.unweighted ? ", weighted" : "";
  rows.push_back(figures_of("all" + kind, frames.all));
  rows.push_back(figures_of("both gave a class" + kind, frames.decided));
  if (report.unweighted) {
    rows.push_back(figures_of("all, unweighted", report.unweighted->all));
    rows.push_back(figures_of("both gave a class, unweighted", report.unweighted->decided));
  }
  std::string text = text_table(rows);
  text += fmt::format(
      "coverage {}: share of the frames in which the model gave a class; intervals resample {} "
      "({} of them)\n\n",
      figure(frames.coverage), report.clusters, frames.all.clusters);

  rows = {{"Class", "Support", "Prevalence", "of model", "Precision", "Recall", "F1"}};
  for (int k = 0; k < report.categories.size(); ++k) {
    const CategoryAgreement& one = frames.all.per_category[static_cast<std::size_t>(k)];
    if (one.support == 0 && one.prevalence_of_model == 0) continue;
    rows.push_back({report.categories.name(k), std::to_string(one.support), figure(one.prevalence),
                    figure(one.prevalence_of_model), figure(one.precision), figure(one.recall),
                    figure(one.f1)});
  }
  return text + text_table(rows);
}

Fields figures_of(const std::string& name, const EventCounts& counts) {
  return {name,
          std::to_string(counts.human),
          std::to_string(counts.model),
          std::to_string(counts.matched),
          figure(counts.precision),
          figure(counts.recall),
          figure(counts.f1),
          figure(counts.onset_error),
          figure(counts.offset_error)};
}

std::string events_text(const AgreementReport& report) {
  const EventReadings& events = *report.events;
  std::vector<Fields> rows = {
      {"Events", "Human", "Model", "Matched", "Precision", "Recall", "F1", "Onset (s)", "Offset (s)"}};
  for (int k = 0; k < report.categories.classes.size(); ++k) {
    const EventCounts& counts = events.boundaries.per_class[static_cast<std::size_t>(k)];
    if (counts.human + counts.model > 0) rows.push_back(figures_of(report.categories.name(k), counts));
  }
  rows.push_back(figures_of(fmt::format("all, within {} s", events.tolerance), events.boundaries.overall));
  rows.push_back(figures_of(fmt::format("all, overlap {}", events.iou), events.overlap.overall));
  return text_table(rows) + "onset and offset: mean of the model's less the human's\n";
}

std::string counts_text(const CodingComparison& comparison) {
  std::string text =
      fmt::format("{} coded rows, {} frames compared", comparison.rows, comparison.frames.size());
  const auto add = [&text](std::int64_t count, std::string_view what) {
    if (count > 0) text += fmt::format("; {} {}", count, what);
  };
  add(comparison.rows_not_to_count, "rows unsure, empty or left out");
  add(comparison.frames_without_partner, "coded frames without a sampled frame near them");
  add(comparison.frames_between, "coded frames farther from a sampled frame than another");
  add(comparison.rows_of_other_videos, "rows of other videos");
  add(comparison.frames_ambiguous, "frames in two unlike coded events at once");
  add(comparison.events_not_coded, "of the model's events of faces that nobody coded");
  return text + '\n';
}

/// Of a track: video, face_id.
Fields place_of(const AgreementReport& report, std::size_t track) {
  const CodedTrack& coded = report.comparison.tracks[track];
  return {report.videos[coded.video].name, coded.face_id ? std::to_string(*coded.face_id) : ""};
}

struct EventRow {
  const TimedEvent* human;
  const TimedEvent* model;

  const TimedEvent& one() const { return human ? *human : *model; }
};

std::vector<EventRow> event_rows(const AgreementReport& report) {
  const CodingComparison& comparison = report.comparison;
  std::vector<EventRow> rows;
  std::set<std::size_t> humans;
  std::set<std::size_t> models;
  for (const EventPair& pair : report.events->boundaries.pairs) {
    rows.push_back({&comparison.human_events[pair.human], &comparison.model_events[pair.model]});
    humans.insert(pair.human);
    models.insert(pair.model);
  }
  for (std::size_t i = 0; i < comparison.human_events.size(); ++i) {
    if (!humans.contains(i)) rows.push_back({&comparison.human_events[i], nullptr});
  }
  for (std::size_t i = 0; i < comparison.model_events.size(); ++i) {
    if (!models.contains(i)) rows.push_back({nullptr, &comparison.model_events[i]});
  }
  std::ranges::stable_sort(rows, {},
                           [](const EventRow& row) { return std::pair(row.one().track, row.one().onset); });
  return rows;
}

}  // namespace

std::string agreement_text(const AgreementReport& report) {
  std::string text = counts_text(report.comparison);
  if (report.frames) text += '\n' + frames_agreement_text(report);
  if (report.events) text += '\n' + events_text(report);
  if (!report.notes.empty()) text += '\n';
  for (const std::string& note : report.notes) text += "note: " + note + '\n';
  return text;
}

std::string agreement_confusion_csv(const AgreementReport& report) {
  Fields header = {"human"};
  for (int k = 0; k < report.categories.size(); ++k) header.push_back(report.categories.name(k));
  std::string text = csv_line(header);
  for (int human = 0; human < report.categories.size(); ++human) {
    Fields fields = {report.categories.name(human)};
    for (const double sum : report.frames->all.confusion[static_cast<std::size_t>(human)])
      fields.push_back(csv_number(sum));
    text += csv_line(fields);
  }
  return text;
}

std::string frames_compared_csv(const AgreementReport& report) {
  std::string text = csv_line(Fields{"video", "frame", "timestamp", "face_id", "human", "model", "agree",
                                     "weight", "stratum", "source"});
  for (std::size_t i = 0; i < report.comparison.frames.size(); ++i) {
    const ComparedFrame& frame = report.comparison.frames[i];
    const Fields place = place_of(report, frame.track);
    text += csv_line(Fields{place[0], std::to_string(frame.frame), seconds_text(frame.timestamp), place[1],
                            report.categories.name(frame.human), report.categories.name(frame.model),
                            frame.human == frame.model ? "1" : "0", csv_number(report.weights[i]),
                            report.strata.empty() ? "" : report.strata[i], frame.where});
  }
  return text;
}

std::string events_matched_csv(const AgreementReport& report) {
  std::string text = csv_line(Fields{"video", "face_id", "emotion", "match", "human_onset", "human_offset",
                                     "model_onset", "model_offset"});
  for (const EventRow& row : event_rows(report)) {
    Fields fields = place_of(report, static_cast<std::size_t>(row.one().track));
    fields.push_back(report.categories.name(row.one().label));
    fields.emplace_back(!row.model ? "missed" : !row.human ? "extra" : "matched");
    for (const TimedEvent* event : {row.human, row.model}) {
      fields.push_back(event ? seconds_text(event->onset) : "");
      fields.push_back(event ? seconds_text(event->offset) : "");
    }
    text += csv_line(fields);
  }
  return text;
}

}  // namespace fer
