#include "fer/video/markers.hpp"

#include <cmath>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "fer/core/text.hpp"

namespace fer {
namespace {

double require_seconds(const CsvTable& table, const CsvRow& row, std::size_t column) {
  const std::string& text = row.fields[column];
  const auto seconds = parse_number(trim(text));
  if (!seconds || !(*seconds >= 0) || !std::isfinite(*seconds)) {
    throw data_error("{}:{}: '{}' is no number of seconds (column '{}')", table.source, row.line, text,
                     table.columns[column]);
  }
  return *seconds;
}

}  // namespace

std::vector<Marker> read_markers(const std::filesystem::path& path) {
  const CsvTable table = read_csv_table(path);
  const std::size_t video = table.require("video");
  const std::size_t start = table.require("start");
  const std::size_t end = table.require("end");
  const std::size_t condition = table.require("condition");
  std::vector<Marker> markers;
  for (const CsvRow& row : table.rows) {
    const Marker marker{.video = std::string(trim(row.fields[video])),
                        .start = require_seconds(table, row, start),
                        .end = require_seconds(table, row, end),
                        .condition = std::string(trim(row.fields[condition]))};
    if (!(marker.end > marker.start)) {
      throw data_error("{}:{}: from {} to {} s: expected an end after the start", table.source, row.line,
                       marker.start, marker.end);
    }
    if (marker.condition.empty()) throw data_error("{}:{}: no condition is named", table.source, row.line);
    markers.push_back(marker);
  }
  return markers;
}

bool is_about(const Marker& marker, const std::string& video) {
  return marker.video.empty() || marker.video == video ||
         marker.video == std::filesystem::path(video).stem().string();
}

}  // namespace fer
