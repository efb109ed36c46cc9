#include "fer/report/video_results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "fer/report/video_files.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

/// Fields of a row by their columns' names.
class ResultRow {
 public:
  ResultRow(const CsvTable& table, const CsvRow& row) : table_(table), row_(row) {}

  const std::string& text(std::size_t column) const { return row_.fields[column]; }

  double number(std::size_t column) const {
    const auto value = parse_number(text(column));
    if (!value || !std::isfinite(*value)) throw wrong(column, "number");
    return *value;
  }

  std::int64_t whole(std::size_t column) const {
    const auto value = parse_integer(text(column));
    if (!value) throw wrong(column, "whole number");
    return *value;
  }

  int face(std::size_t column) const {
    const std::int64_t value = whole(column);
    if (value < 0 || value > std::numeric_limits<int>::max()) throw wrong(column, "face");
    return static_cast<int>(value);
  }

  int category(std::size_t column, const Categories& categories) const {
    if (text(column) == "uncertain") return categories.uncertain();
    const auto label = categories.classes.find(text(column));
    if (!label) throw wrong(column, "class of the summary's");
    return *label;
  }

 private:
  Error wrong(std::size_t column, std::string_view expected) const {
    return data_error("{}:{}: '{}' is no {} (column '{}')", table_.source, row_.line, text(column), expected,
                      table_.columns[column]);
  }

  const CsvTable& table_;
  const CsvRow& row_;
};

std::vector<LabelledFrame> frames_of(const fs::path& path, const Categories& categories, LabelColumn column) {
  const CsvTable table = read_csv_table(path);
  const std::size_t frame = table.require("frame");
  const std::size_t timestamp = table.require("timestamp");
  const std::size_t face_id = table.require("face_id");
  const std::size_t x = table.require("face_x");
  const std::size_t y = table.require("face_y");
  const std::size_t width = table.require("face_w");
  const std::size_t height = table.require("face_h");
  const std::size_t emotion = table.require(column == LabelColumn::raw ? "emotion" : "emotion_smoothed");
  std::vector<LabelledFrame> frames;
  for (const CsvRow& fields : table.rows) {
    const ResultRow row(table, fields);
    if (frames.empty() || frames.back().frame != row.whole(frame))
      frames.push_back({.frame = row.whole(frame), .timestamp = row.number(timestamp), .faces = {}});
    if (row.text(face_id).empty()) continue;
    const cv::Rect2d box(row.number(x), row.number(y), row.number(width), row.number(height));
    frames.back().faces.push_back(
        {.face_id = row.face(face_id), .box = box, .category = row.category(emotion, categories)});
  }
  return frames;
}

std::vector<LabelledEvent> events_of(const fs::path& path, const Categories& categories) {
  const CsvTable table = read_csv_table(path);
  const std::size_t face_id = table.require("face_id");
  const std::size_t emotion = table.require("emotion");
  const std::size_t onset = table.require("onset");
  const std::size_t offset = table.require("offset");
  std::vector<LabelledEvent> events;
  for (const CsvRow& fields : table.rows) {
    const ResultRow row(table, fields);
    events.push_back({.face_id = row.face(face_id),
                      .label = row.category(emotion, categories),
                      .onset = row.number(onset),
                      .offset = row.number(offset)});
  }
  return events;
}

bool holds_results(const fs::path& folder) { return fs::exists(folder / "frames.csv"); }

std::string name_of(const fs::path& folder) { return fs::weakly_canonical(folder).filename().string(); }

std::vector<fs::path> result_folders_in(const fs::path& folder) {
  if (holds_results(folder)) return {folder};
  std::vector<fs::path> folders;
  if (fs::is_directory(folder)) {
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.is_directory() && holds_results(entry.path())) folders.push_back(entry.path());
    }
  }
  if (folders.empty()) {
    throw data_error("{}: holds no results of fer-infer (a folder with frames.csv, or one with such folders)",
                     folder.string());
  }
  std::ranges::sort(folders);
  return folders;
}

}  // namespace

LabelledVideo read_labelled_video(const fs::path& folder, LabelColumn column) {
  const VideoSummary summary = read_summary(folder / "summary.json");
  LabelledVideo video;
  video.name = name_of(folder);
  video.video = summary.video;
  video.categories.classes = summary.classes;
  video.frames = frames_of(folder / "frames.csv", video.categories, column);
  video.events = events_of(folder / "events.csv", video.categories);
  if (!video.frames.empty()) video.end = video.frames.back().timestamp;
  for (const LabelledEvent& event : video.events) video.end = std::max(video.end, event.offset);
  video.end = std::max(video.end, summary.duration_seconds.value_or(0));
  return video;
}

std::vector<LabelledVideo> read_labelled_videos(const fs::path& folder, LabelColumn column) {
  std::vector<LabelledVideo> videos;
  for (const fs::path& one : result_folders_in(folder)) {
    videos.push_back(read_labelled_video(one, column));
    if (videos.back().categories.classes != videos.front().categories.classes) {
      throw data_error("{}: has other classes than {}: results of two models cannot be taken together",
                       one.string(), videos.front().name);
    }
  }
  return videos;
}

}  // namespace fer
