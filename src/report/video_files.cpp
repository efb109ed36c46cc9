#include "fer/report/video_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "fer/core/csv.hpp"
#include "fer/core/display_text.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"
#include "number_text.hpp"
#include "video_words.hpp"

namespace fer {
namespace {

using Fields = std::vector<std::string>;

constexpr std::size_t kPieceToWrite = 1 << 16;  // bytes

std::string label_text(const ClassList& classes, std::optional<int> label) {
  return label ? classes.name(*label) : "uncertain";
}

void append_names(Fields& columns, const ClassList& classes, std::string_view suffix) {
  for (const std::string& name : classes.names()) columns.push_back(name + std::string(suffix));
}

bool is_corrected(const VideoAnalysis& analysis) { return analysis.interpretation.corrects(); }

Fields frame_columns(const VideoAnalysis& analysis) {
  Fields columns = {"video",  "frame",  "timestamp", "face_id", "success", "confidence",
                    "face_x", "face_y", "face_w",    "face_h",  "emotion", "emotion_prob"};
  append_names(columns, analysis.classes, "");
  if (is_corrected(analysis)) {
    columns.emplace_back("emotion_corrected");
    append_names(columns, analysis.classes, "_corrected");
  }
  columns.emplace_back("emotion_smoothed");
  append_names(columns, analysis.classes, "_smoothed");
  columns.emplace_back("status");
  return columns;
}

void append(Fields& fields, std::span<const float> numbers) {
  for (const float number : numbers) fields.push_back(csv_number(number));
}

/// From face_id to status.
void append_face(Fields& fields, const FaceResult& face, const VideoAnalysis& analysis) {
  const double abstain = analysis.interpretation.abstain;
  fields.push_back(std::to_string(face.face_id));
  fields.emplace_back("1");
  append(fields, std::array{face.confidence, face.box.x, face.box.y, face.box.width, face.box.height});
  fields.push_back(label_text(analysis.classes, label_of(face.probabilities, abstain)));
  fields.push_back(csv_number(std::ranges::max(face.probabilities)));
  append(fields, face.probabilities);
  if (is_corrected(analysis)) {
    fields.push_back(label_text(analysis.classes, label_of(face.evidence(), abstain)));
    append(fields, face.evidence());
  }
  fields.push_back(label_text(analysis.classes, smoothed_label_of(face, abstain)));
  append(fields, face.smoothed);
  fields.emplace_back(face_status(face, abstain));
}

void append_rows(std::string& text, const SampledFrame& frame, const VideoAnalysis& analysis,
                 std::size_t columns) {
  const Fields begin = {analysis.video, std::to_string(frame.frame), seconds_text(frame.timestamp)};
  for (const FaceResult& face : frame.faces) {
    Fields fields = begin;
    append_face(fields, face, analysis);
    text += csv_line(fields);
  }
  if (!frame.faces.empty()) return;
  Fields fields = begin;
  fields.insert(fields.end(), {"", "0"});
  fields.resize(columns - 1);
  fields.emplace_back("no_face");
  text += csv_line(fields);
}

std::string number_or_empty(const std::optional<double>& value) { return value ? csv_number(*value) : ""; }

std::string name_or_empty(std::optional<int> label, const ClassList& classes) {
  return label ? classes.name(*label) : "";
}

/// dominant_emotion, dominant_share, mean_confidence, a count per class, uncertain_frames.
void append_counts(Fields& fields, const EmotionCounts& counts, const ClassList& classes) {
  fields.insert(fields.end(),
                {name_or_empty(counts.dominant, classes), number_or_empty(counts.dominant_share),
                 number_or_empty(counts.mean_confidence)});
  for (const std::int64_t count : counts.distribution) fields.push_back(std::to_string(count));
  fields.push_back(std::to_string(counts.uncertain));
}

void append_count_columns(Fields& columns, const ClassList& classes) {
  columns.insert(columns.end(), {"dominant_emotion", "dominant_share", "mean_confidence"});
  append_names(columns, classes, "");
  columns.emplace_back("uncertain_frames");
}

Fields summary_fields(const VideoSummary& summary) {
  Fields fields = {summary.video,
                   number_or_empty(summary.duration_seconds),
                   std::to_string(summary.frames_total),
                   std::to_string(summary.frames_sampled),
                   std::to_string(summary.frames_with_face),
                   csv_number(summary.coverage()),
                   number_or_empty(summary.sample_fps),
                   std::to_string(summary.faces.size())};
  append_counts(fields, summary.overall, summary.classes);
  for (const double seconds : summary.overall.seconds) fields.push_back(csv_number(seconds));
  fields.insert(fields.end(), {summary.model, summary.detector, summary.smoothing, summary.correction,
                               join(summary.warnings, "; ")});
  return fields;
}

Fields condition_fields(const std::string& video, const ConditionSummary& condition,
                        const ClassList& classes) {
  Fields fields = {video, condition.condition, std::to_string(condition.frames_sampled),
                   std::to_string(condition.frames_with_face)};
  append_counts(fields, condition.counts, classes);
  return fields;
}

Fields table_fields(const VideoSummary& summary) {
  const EmotionCounts& counts = summary.overall;
  return {summary.video,
          frames_text(summary.frames_with_face, summary.frames_sampled),
          dominant_text(counts, summary.classes),
          percent_text(counts.dominant_share),
          percent_text(counts.mean_confidence),
          distribution_text(counts, summary.classes)};
}

std::string padded(const std::string& text, std::size_t width, bool right) {
  const std::string blanks(width - display_width(text), ' ');
  return right ? blanks + text : text + blanks;
}

ClassList classes_of(std::span<const VideoSummary> summaries) {
  return summaries.empty() ? ClassList() : summaries.front().classes;
}

}  // namespace

void write_frames_csv(const std::filesystem::path& path, const VideoAnalysis& analysis) {
  AtomicFile file(path);
  const Fields columns = frame_columns(analysis);
  std::string text = csv_line(columns);
  for (const SampledFrame& frame : analysis.frames) {
    append_rows(text, frame, analysis, columns.size());
    if (text.size() < kPieceToWrite) continue;
    file.write(text);
    text.clear();
  }
  file.write(text);
  file.commit();
}

std::string summary_csv(std::span<const VideoSummary> summaries) {
  Fields columns = {"video",    "duration_seconds", "frames_total", "frames_sampled", "frames_with_face",
                    "coverage", "sample_fps",       "faces"};
  const ClassList classes = classes_of(summaries);
  append_count_columns(columns, classes);
  append_names(columns, classes, "_seconds");
  columns.insert(columns.end(), {"model", "detector", "smoothing", "correction", "warnings"});
  std::string text = csv_line(columns);
  for (const VideoSummary& summary : summaries) text += csv_line(summary_fields(summary));
  return text;
}

std::string conditions_csv(std::span<const VideoSummary> summaries) {
  Fields columns = {"video", "condition", "frames_sampled", "frames_with_face"};
  const ClassList classes = classes_of(summaries);
  append_count_columns(columns, classes);
  std::string text = csv_line(columns);
  for (const VideoSummary& summary : summaries) {
    for (const ConditionSummary& condition : summary.conditions)
      text += csv_line(condition_fields(summary.video, condition, classes));
  }
  for (const ConditionSummary& condition : pool_conditions(summaries))
    text += csv_line(condition_fields("", condition, classes));
  return text;
}

std::string events_csv(std::span<const ExpressionEvent> events, const ClassList& classes) {
  std::string text = csv_line(Fields{"face_id", "emotion", "onset", "apex", "offset", "peak_prob"});
  for (const ExpressionEvent& event : events) {
    text +=
        csv_line(Fields{std::to_string(event.face_id), classes.name(event.label), seconds_text(event.onset),
                        seconds_text(event.apex), seconds_text(event.offset), csv_number(event.peak_prob)});
  }
  return text;
}

std::string video_table(std::span<const VideoSummary> summaries) {
  std::vector<Fields> rows = {
      {"Video", "Frames", "Dominant emotion", "Share (%)", "Mean confidence (%)", "Distribution"}};
  for (const VideoSummary& summary : summaries) rows.push_back(table_fields(summary));
  std::array<std::size_t, 5> widths{};  // the last column needs none
  for (const Fields& row : rows) {
    for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
  }
  std::string text;
  for (const Fields& row : rows) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const bool number = i == 1 || i == 3 || i == 4;
      text += padded(row[i], widths[i], number) + " | ";
    }
    text += row.back() + '\n';
  }
  return text;
}

}  // namespace fer
