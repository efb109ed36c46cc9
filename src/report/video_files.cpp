#include "fer/report/video_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>
#include <vector>

#include "fer/core/csv.hpp"
#include "fer/core/text.hpp"

namespace fer {
namespace {

using Json = nlohmann::ordered_json;
using Fields = std::vector<std::string>;

std::string label_text(const ClassList& classes, std::optional<int> label) {
  return label ? classes.name(*label) : "uncertain";
}

Fields frame_columns(const ClassList& classes) {
  Fields columns = {"video",  "frame",  "timestamp", "face_id", "success", "confidence",
                    "face_x", "face_y", "face_w",    "face_h",  "emotion", "emotion_prob"};
  columns.insert(columns.end(), classes.names().begin(), classes.names().end());
  columns.emplace_back("emotion_smoothed");
  for (const std::string& name : classes.names()) columns.push_back(name + "_smoothed");
  columns.emplace_back("status");
  return columns;
}

void append(Fields& fields, std::span<const float> numbers) {
  for (const float number : numbers) fields.push_back(csv_number(number));
}

/// From face_id to the last smoothed probability.
void append_face(Fields& fields, const FaceResult& face, const VideoAnalysis& analysis) {
  const double abstain = analysis.options.abstain;
  fields.push_back(std::to_string(face.face_id));
  fields.emplace_back("1");
  append(fields, std::array{face.confidence, face.box.x, face.box.y, face.box.width, face.box.height});
  fields.push_back(label_text(analysis.classes, label_of(face.probabilities, abstain)));
  fields.push_back(csv_number(std::ranges::max(face.probabilities)));
  append(fields, face.probabilities);
  fields.push_back(label_text(analysis.classes, label_of(face.smoothed, abstain)));
  append(fields, face.smoothed);
}

Fields frame_fields(const FrameRow& row, const VideoAnalysis& analysis, std::size_t columns) {
  Fields fields = {analysis.video, std::to_string(row.frame), fmt::format("{:.6f}", row.timestamp)};
  if (row.face) {
    append_face(fields, *row.face, analysis);
  } else {
    fields.insert(fields.end(), {"", "0"});
    fields.resize(columns - 1);
  }
  fields.emplace_back(row_status(row, analysis.options.abstain));
  return fields;
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json dominant_name(const EmotionCounts& counts, const ClassList& classes) {
  return counts.dominant ? Json(classes.name(*counts.dominant)) : Json(nullptr);
}

Json distribution_json(std::span<const std::int64_t> distribution, const ClassList& classes) {
  Json json = Json::object();
  for (std::size_t i = 0; i < distribution.size(); ++i) json[classes.names()[i]] = distribution[i];
  return json;
}

Json face_json(const FaceSummary& face, const ClassList& classes) {
  const EmotionCounts& counts = face.counts;
  return {{"face_id", face.face_id},
          {"frames", counts.frames},
          {"dominant_emotion", dominant_name(counts, classes)},
          {"dominant_share", or_null(counts.dominant_share)},
          {"mean_confidence", or_null(counts.mean_confidence)},
          {"distribution", distribution_json(counts.distribution, classes)},
          {"distribution_smoothed", distribution_json(counts.distribution_smoothed, classes)}};
}

std::string number_or_empty(const std::optional<double>& value) { return value ? csv_number(*value) : ""; }

Fields summary_fields(const VideoSummary& summary) {
  const EmotionCounts& counts = summary.overall;
  Fields fields = {summary.video,
                   number_or_empty(summary.duration_seconds),
                   std::to_string(summary.frames_total),
                   std::to_string(summary.frames_sampled),
                   std::to_string(summary.frames_with_face),
                   csv_number(summary.coverage),
                   number_or_empty(summary.sample_fps),
                   counts.dominant ? summary.classes.name(*counts.dominant) : "",
                   number_or_empty(counts.dominant_share),
                   number_or_empty(counts.mean_confidence)};
  for (const std::int64_t count : counts.distribution) fields.push_back(std::to_string(count));
  fields.push_back(std::to_string(counts.uncertain));
  fields.insert(fields.end(),
                {summary.model, summary.detector, summary.smoothing, join(summary.warnings, "; ")});
  return fields;
}

/// "neutral" -> "Neutral".
std::string heading(std::string name) {
  if (!name.empty() && name[0] >= 'a' && name[0] <= 'z') name[0] = static_cast<char>(name[0] - 'a' + 'A');
  return name;
}

/// "Neutral (48), Angry (8), Disgust (8)".
std::string distribution_text(const EmotionCounts& counts, const ClassList& classes) {
  std::vector<int> order(counts.distribution.size());
  std::iota(order.begin(), order.end(), 0);
  const auto count_of = [&](int label) { return counts.distribution[static_cast<std::size_t>(label)]; };
  std::ranges::stable_sort(order, std::greater<>(), count_of);
  Fields parts;
  for (const int label : order) {
    if (count_of(label) > 0)
      parts.push_back(fmt::format("{} ({})", heading(classes.name(label)), count_of(label)));
  }
  if (counts.uncertain > 0) parts.push_back(fmt::format("Uncertain ({})", counts.uncertain));
  return parts.empty() ? "-" : join(parts, ", ");
}

std::string percent(const std::optional<double>& share) {
  return share ? fmt::format("{:.2f}", 100 * *share) : "-";
}

Fields table_fields(const VideoSummary& summary) {
  const EmotionCounts& counts = summary.overall;
  std::string frames = std::to_string(summary.frames_sampled);
  if (summary.frames_with_face != summary.frames_sampled)
    frames = fmt::format("{}/{}", summary.frames_with_face, summary.frames_sampled);
  return {summary.video,
          std::move(frames),
          counts.dominant ? heading(summary.classes.name(*counts.dominant)) : "-",
          percent(counts.dominant_share),
          percent(counts.mean_confidence),
          distribution_text(counts, summary.classes)};
}

/// Letters of UTF-8 text: columns on a terminal, but for wide scripts.
std::size_t letters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, std::size_t width, bool right) {
  const std::string blanks(width - letters(text), ' ');
  return right ? blanks + text : text + blanks;
}

}  // namespace

std::string frames_csv(const VideoAnalysis& analysis) {
  const Fields columns = frame_columns(analysis.classes);
  std::string text = csv_line(columns);
  for (const FrameRow& row : analysis.rows) text += csv_line(frame_fields(row, analysis, columns.size()));
  return text;
}

std::string summary_json(const VideoSummary& summary) {
  const EmotionCounts& counts = summary.overall;
  Json faces = Json::array();
  for (const FaceSummary& face : summary.faces) faces.push_back(face_json(face, summary.classes));
  const Json json = {{"video", summary.video},
                     {"duration_seconds", or_null(summary.duration_seconds)},
                     {"frames_total", summary.frames_total},
                     {"frames_sampled", summary.frames_sampled},
                     {"frames_with_face", summary.frames_with_face},
                     {"coverage", summary.coverage},
                     {"sample_fps", or_null(summary.sample_fps)},
                     {"faces", std::move(faces)},
                     {"dominant_emotion", dominant_name(counts, summary.classes)},
                     {"dominant_share", or_null(counts.dominant_share)},
                     {"mean_confidence", or_null(counts.mean_confidence)},
                     {"distribution", distribution_json(counts.distribution, summary.classes)},
                     {"uncertain_frames", counts.uncertain},
                     {"model", summary.model},
                     {"detector", summary.detector},
                     {"smoothing", summary.smoothing},
                     {"warnings", summary.warnings}};
  // File names are bytes: what is not UTF-8 is replaced rather than refused.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string summary_csv(std::span<const VideoSummary> summaries) {
  Fields columns = {"video",    "duration_seconds", "frames_total",     "frames_sampled", "frames_with_face",
                    "coverage", "sample_fps",       "dominant_emotion", "dominant_share", "mean_confidence"};
  const ClassList classes = summaries.empty() ? ClassList() : summaries.front().classes;
  columns.insert(columns.end(), classes.names().begin(), classes.names().end());
  columns.insert(columns.end(), {"uncertain_frames", "model", "detector", "smoothing", "warnings"});
  std::string text = csv_line(columns);
  for (const VideoSummary& summary : summaries) text += csv_line(summary_fields(summary));
  return text;
}

std::string video_table(std::span<const VideoSummary> summaries) {
  std::vector<Fields> rows = {
      {"Video", "Frames", "Dominant emotion", "Share (%)", "Mean confidence (%)", "Distribution"}};
  for (const VideoSummary& summary : summaries) rows.push_back(table_fields(summary));
  std::array<std::size_t, 5> widths{};  // the last column needs none
  for (const Fields& row : rows) {
    for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], letters(row[i]));
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
