#include "fer/video/coding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "tier_files.hpp"

namespace fer {
namespace {

constexpr std::array<std::string_view, 4> kNotToCount = {"", "unsure", "uncertain", "?"};
constexpr std::array<std::string_view, 4> kNoFaceWords = {"no_face", "no face", "noface", "none"};

std::string key_of(std::string_view word) { return to_lower(trim(word)); }

/// The columns that a file may do without.
class OptionalColumn {
 public:
  OptionalColumn(const CsvTable& table, std::string_view name) {
    const auto found = std::ranges::find(table.columns, name);
    if (found != table.columns.end()) place_ = found - table.columns.begin();
  }

  explicit operator bool() const { return place_.has_value(); }

  /// Trimmed; empty where there is no such column.
  std::string text(const CsvRow& row) const {
    return place_ ? std::string(trim(row.fields[static_cast<std::size_t>(*place_)])) : std::string();
  }

 private:
  std::optional<std::ptrdiff_t> place_;
};

double seconds_of(const std::string& text, const std::string& where, std::string_view column) {
  const auto seconds = parse_number(text);
  if (!seconds || !(*seconds >= 0) || !std::isfinite(*seconds))
    throw data_error("{}: '{}' is no number of seconds (column '{}')", where, text, column);
  return *seconds;
}

std::optional<std::int64_t> number_of(const std::string& text, const std::string& where,
                                      std::string_view column) {
  if (text.empty()) return std::nullopt;
  const auto number = parse_integer(text);
  if (!number || *number < 0 || *number > 1'000'000'000'000)
    throw data_error("{}: '{}' is no number from 0 on (column '{}')", where, text, column);
  return *number;
}

std::optional<int> face_of(const std::string& text, const std::string& where) {
  const auto number = number_of(text, where, "face_id");
  if (number && *number > 1'000'000'000) throw data_error("{}: there is no face {}", where, *number);
  return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

void require_order(const CodedEvent& event) {
  if (!(event.offset > event.onset)) {
    throw data_error("{}: from {} to {} s: expected an end after the beginning", event.where, event.onset,
                     event.offset);
  }
}

std::vector<CodedEvent> events_of(const CsvTable& table, const CodingWords& words) {
  const OptionalColumn video(table, "video");
  const OptionalColumn face(table, "face_id");
  const std::size_t emotion = table.require("emotion");
  const std::size_t onset = table.require("onset");
  const std::size_t offset = table.require("offset");
  std::vector<CodedEvent> events;
  for (const CsvRow& row : table.rows) {
    CodedEvent event;
    event.where = fmt::format("{}:{}", table.source, row.line);
    event.video = video.text(row);
    event.face_id = face_of(face.text(row), event.where);
    event.category = words.category(row.fields[emotion], event.where);
    event.onset = seconds_of(std::string(trim(row.fields[onset])), event.where, "onset");
    event.offset = seconds_of(std::string(trim(row.fields[offset])), event.where, "offset");
    require_order(event);
    events.push_back(event);
  }
  return events;
}

std::vector<CodedFrame> frames_of(const CsvTable& table, const CodingWords& words) {
  const OptionalColumn id(table, "id");
  const OptionalColumn video(table, "video");
  const OptionalColumn face(table, "face_id");
  const OptionalColumn number(table, "frame");
  const OptionalColumn timestamp(table, "timestamp");
  const std::size_t emotion = table.require("emotion");
  std::vector<CodedFrame> frames;
  for (const CsvRow& row : table.rows) {
    CodedFrame frame;
    frame.where = fmt::format("{}:{}", table.source, row.line);
    frame.id = id.text(row);
    frame.video = video.text(row);
    frame.face_id = face_of(face.text(row), frame.where);
    frame.frame = number_of(number.text(row), frame.where, "frame");
    if (const std::string text = timestamp.text(row); !text.empty())
      frame.timestamp = seconds_of(text, frame.where, "timestamp");
    if (!frame.frame && !frame.timestamp)
      throw data_error("{}: names neither a frame nor a timestamp", frame.where);
    frame.category = words.category(row.fields[emotion], frame.where);
    frames.push_back(frame);
  }
  return frames;
}

Coding coding_of(const std::filesystem::path& path, const CodingWords& words) {
  const CsvTable table = read_csv_table(path);
  Coding coding;
  coding.path = path;
  coding.of_events = OptionalColumn(table, "onset") || OptionalColumn(table, "offset");
  if (coding.of_events) {
    coding.events = events_of(table, words);
  } else if (OptionalColumn(table, "timestamp") || OptionalColumn(table, "frame")) {
    coding.frames = frames_of(table, words);
  } else {
    throw data_error(
        "{}:1: codes neither frames (columns 'timestamp' or 'frame', and 'emotion') nor events ('emotion', "
        "'onset', 'offset'); found: {}",
        table.source, join(table.columns, ", "));
  }
  return coding;
}

/// "Face 3" -> 3.
std::optional<int> face_of_tier(const std::string& name) {
  const std::string key = key_of(name);
  if (!key.starts_with("face")) return std::nullopt;
  const auto number = parse_integer(trim(std::string_view(key).substr(4)));
  if (!number || *number < 0 || *number > 1'000'000'000) return std::nullopt;
  return static_cast<int>(*number);
}

void append_tier(Coding& coding, const Tier& tier, std::optional<int> face, const CodingWords& words) {
  if (face) coding.tiers.push_back(*face);
  for (const TierPart& part : tier.parts) {
    CodedEvent event;
    event.where = part.where;
    event.face_id = face;
    event.category = words.category(part.text, part.where);
    event.onset = part.begin;
    event.offset = part.end;
    if (!(event.onset >= 0)) throw data_error("{}: begins at {} s", part.where, part.begin);
    require_order(event);
    coding.events.push_back(event);
  }
}

Coding coding_of(const TierFile& file, const std::filesystem::path& path, const CodingWords& words) {
  Coding coding;
  coding.path = path;
  coding.media = file.media;
  coding.of_events = true;
  std::vector<const Tier*> others;
  for (const Tier& tier : file.tiers) {
    if (const auto face = face_of_tier(tier.name)) {
      append_tier(coding, tier, face, words);
    } else if (!tier.parts.empty()) {
      others.push_back(&tier);
    }
  }
  if (coding.tiers.empty() && others.size() == 1) {
    append_tier(coding, *others[0], std::nullopt, words);
    return coding;
  }
  for (const Tier* tier : others)
    coding.notes.push_back(fmt::format("{}: tier '{}' is left out: it is not called as a face is ('face 0')",
                                       path.string(), tier->name));
  if (coding.tiers.empty() && !others.empty()) {
    throw data_error("{}: has several tiers and none that is called as a face is ('face 0')", path.string());
  }
  return coding;
}

}  // namespace

std::string Categories::name(int category) const {
  if (category == no_face()) return "no_face";
  if (category == uncertain()) return "uncertain";
  return classes.name(category);
}

CodingWords::CodingWords(Categories categories, std::span<const std::string> maps)
    : categories_(std::move(categories)) {
  for (const std::string& map : maps) {
    const std::size_t equals = map.find('=');
    if (equals == std::string::npos || key_of(map.substr(0, equals)).empty())
      throw usage_error("--map {}: expected WORD=CLASS, or WORD=- for what is not to count", map);
    const std::string target = key_of(map.substr(equals + 1));
    const Meaning meaning = this->meaning(target);
    if (target != "-" && (!meaning.known || target.empty())) {
      throw usage_error("--map {}: '{}' is none of the classes ({}){}", map, target,
                        join(categories_.classes.names(), ", "),
                        did_you_mean(target, categories_.classes.names()));
    }
    mapped_[key_of(map.substr(0, equals))] = meaning.category;
  }
}

CodingWords::Meaning CodingWords::meaning(const std::string& word) const {
  if (std::ranges::find(kNotToCount, word) != kNotToCount.end()) return {.known = true};
  if (const auto label = categories_.classes.find(word)) return {.known = true, .category = label};
  if (std::ranges::find(kNoFaceWords, word) != kNoFaceWords.end())
    return {.known = true, .category = categories_.no_face()};
  return {};
}

std::optional<int> CodingWords::category(std::string_view word, std::string_view where) const {
  const std::string key = key_of(word);
  if (const auto mapped = mapped_.find(key); mapped != mapped_.end()) return mapped->second;
  const Meaning meaning = this->meaning(key);
  if (!meaning.known) {
    throw usage_error(
        "{}: '{}' is none of the classes ({}); say which it is with --map '{}=CLASS', or '{}=-' to leave it "
        "out",
        where, trim(word), join(categories_.classes.names(), ", "), trim(word), trim(word));
  }
  return meaning.category;
}

Coding read_coding(const std::filesystem::path& path, const CodingWords& words) {
  const std::string extension = to_lower(path.extension().string());
  if (extension == ".eaf") return coding_of(read_eaf(path), path, words);
  if (extension == ".textgrid") return coding_of(read_textgrid(path), path, words);
  return coding_of(path, words);
}

}  // namespace fer
