#include "fer/report/coding_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "fer/core/text.hpp"
#include "html_page.hpp"
#include "xml_text.hpp"

namespace fer {
namespace {

/// An event in whole units of time.
struct Coded {
  std::int64_t begin;
  std::int64_t end;
  std::string emotion;
};

struct Tier {
  std::string name;
  std::vector<Coded> events;  ///< in the order of time, none empty, without overlap
};

struct TieredCoding {
  std::int64_t end;  ///< of the recording
  std::vector<Tier> tiers;
};

std::int64_t units(double seconds, double per_second) {
  return static_cast<std::int64_t>(std::llround(seconds * per_second));
}

double end_of(const VideoAnalysis& analysis) {
  if (analysis.duration_seconds) return *analysis.duration_seconds;
  return analysis.frames.empty() ? 0 : analysis.frames.back().timestamp + analysis.frames.back().seconds;
}

TieredCoding code(std::span<const ExpressionEvent> events, const VideoAnalysis& analysis, double per_second) {
  std::map<int, Tier> tiers;
  for (const SampledFrame& frame : analysis.frames) {
    for (const FaceResult& face : frame.faces)
      tiers[face.face_id].name = fmt::format("face {}", face.face_id);
  }
  TieredCoding coding{.end = std::max<std::int64_t>(1, units(end_of(analysis), per_second)), .tiers = {}};
  for (const ExpressionEvent& event : events) {
    std::vector<Coded>& coded = tiers.at(event.face_id).events;
    const std::int64_t earliest = coded.empty() ? 0 : coded.back().end;
    const std::int64_t begin = std::max(earliest, units(event.onset, per_second));
    const std::int64_t end = std::min(std::max(begin + 1, units(event.offset, per_second)), coding.end);
    if (begin < end) coded.push_back({begin, end, analysis.classes.name(event.label)});
  }
  for (auto& [id, tier] : tiers) coding.tiers.push_back(std::move(tier));
  if (coding.tiers.empty()) coding.tiers.push_back({.name = "no face", .events = {}});
  return coding;
}

std::string file_url(const std::filesystem::path& path) {
  return "file://" + relative_url(std::filesystem::absolute(path).lexically_normal());
}

std::string mime_type(const std::filesystem::path& media) {
  const std::string extension = to_lower(media.extension().string());
  if (extension == ".mp4" || extension == ".m4v") return "video/mp4";
  if (extension == ".mov") return "video/quicktime";
  if (extension == ".mpg" || extension == ".mpeg") return "video/mpeg";
  return "video/*";
}

/// ELAN takes the relative name as it is, not percent-encoded.
std::string media_descriptor(const std::filesystem::path& media, const std::filesystem::path& folder) {
  if (media.empty()) return {};
  const std::filesystem::path relative =
      std::filesystem::absolute(media).lexically_normal().lexically_relative(
          std::filesystem::absolute(folder / ".").lexically_normal());
  const std::string name = relative.string();
  return fmt::format(
      "        <MEDIA_DESCRIPTOR MEDIA_URL=\"{}\" MIME_TYPE=\"{}\" RELATIVE_MEDIA_URL=\"{}\"/>\n",
      file_url(media), mime_type(media), xml_text(name.starts_with("..") ? name : "./" + name));
}

/// A begin or end of an annotation.
struct TimeSlot {
  std::int64_t time;
  std::size_t annotation;  ///< over all tiers
  bool ends;
};

/// Two for each annotation, in the order of time as ELAN wants them.
std::vector<TimeSlot> time_slots(const TieredCoding& coding) {
  std::vector<TimeSlot> slots;
  std::size_t annotation = 0;
  for (const Tier& tier : coding.tiers) {
    for (const Coded& event : tier.events) {
      slots.push_back({event.begin, annotation, false});
      slots.push_back({event.end, annotation++, true});
    }
  }
  std::ranges::stable_sort(slots, {}, &TimeSlot::time);
  return slots;
}

constexpr std::string_view kEafBegin =
    R"(<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT AUTHOR="" DATE="1970-01-01T00:00:00+00:00" FORMAT="3.0" VERSION="3.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="http://www.mpi.nl/tools/elan/EAFv3.0.xsd">
)";

constexpr std::string_view kEafEnd =
    R"(    <LINGUISTIC_TYPE GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="expression" TIME_ALIGNABLE="true"/>
    <CONSTRAINT DESCRIPTION="Time subdivision of parent annotation's time interval, no time gaps allowed within this interval" STEREOTYPE="Time_Subdivision"/>
    <CONSTRAINT DESCRIPTION="Symbolic subdivision of a parent annotation. Annotations refering to the same parent are ordered" STEREOTYPE="Symbolic_Subdivision"/>
    <CONSTRAINT DESCRIPTION="1-1 association with a parent annotation" STEREOTYPE="Symbolic_Association"/>
    <CONSTRAINT DESCRIPTION="Time alignable annotations within the parent annotation's time interval, gaps are allowed" STEREOTYPE="Included_In"/>
</ANNOTATION_DOCUMENT>
)";

std::string praat_text(std::string_view text) {
  std::string doubled;
  for (const char byte : valid_text(text)) {
    doubled += byte;
    if (byte == '"') doubled += byte;
  }
  return doubled;
}

std::string praat_seconds(std::int64_t microseconds) {
  return fmt::format("{}.{:06}", microseconds / 1'000'000, microseconds % 1'000'000);
}

/// The events, and empty ones in between.
std::vector<Coded> without_gaps(const std::vector<Coded>& events, std::int64_t end) {
  std::vector<Coded> intervals;
  std::int64_t reached = 0;
  for (const Coded& event : events) {
    if (event.begin > reached) intervals.push_back({reached, event.begin, ""});
    intervals.push_back(event);
    reached = event.end;
  }
  if (reached < end) intervals.push_back({reached, end, ""});
  return intervals;
}

}  // namespace

std::string events_eaf(std::span<const ExpressionEvent> events, const VideoAnalysis& analysis,
                       const std::filesystem::path& media, const std::filesystem::path& folder) {
  const TieredCoding coding = code(events, analysis, 1e3);
  const std::vector<TimeSlot> slots = time_slots(coding);
  std::string slot_list;
  std::vector<std::size_t> begins(slots.size() / 2);
  std::vector<std::size_t> ends(slots.size() / 2);
  for (std::size_t i = 0; i < slots.size(); ++i) {
    (slots[i].ends ? ends : begins)[slots[i].annotation] = i + 1;
    slot_list +=
        fmt::format("        <TIME_SLOT TIME_SLOT_ID=\"ts{}\" TIME_VALUE=\"{}\"/>\n", i + 1, slots[i].time);
  }

  std::string tiers;
  std::size_t annotation = 0;
  for (const Tier& tier : coding.tiers) {
    tiers +=
        fmt::format("    <TIER LINGUISTIC_TYPE_REF=\"expression\" TIER_ID=\"{}\">\n", xml_text(tier.name));
    for (const Coded& event : tier.events) {
      tiers += fmt::format(
          "        <ANNOTATION>\n"
          "            <ALIGNABLE_ANNOTATION ANNOTATION_ID=\"a{}\" TIME_SLOT_REF1=\"ts{}\" "
          "TIME_SLOT_REF2=\"ts{}\">\n"
          "                <ANNOTATION_VALUE>{}</ANNOTATION_VALUE>\n"
          "            </ALIGNABLE_ANNOTATION>\n"
          "        </ANNOTATION>\n",
          annotation + 1, begins[annotation], ends[annotation], xml_text(event.emotion));
      ++annotation;
    }
    tiers += "    </TIER>\n";
  }
  return fmt::format(
      "{}    <HEADER MEDIA_FILE=\"\" TIME_UNITS=\"milliseconds\">\n"
      "{}        <PROPERTY NAME=\"lastUsedAnnotationId\">{}</PROPERTY>\n"
      "    </HEADER>\n"
      "    <TIME_ORDER>\n{}    </TIME_ORDER>\n{}{}",
      kEafBegin, media_descriptor(media, folder), annotation, slot_list, tiers, kEafEnd);
}

std::string events_textgrid(std::span<const ExpressionEvent> events, const VideoAnalysis& analysis) {
  const TieredCoding coding = code(events, analysis, 1e6);
  const std::string end = praat_seconds(coding.end);
  std::string text = fmt::format(
      "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n"
      "xmin = 0\nxmax = {}\ntiers? <exists>\nsize = {}\nitem []:\n",
      end, coding.tiers.size());
  for (std::size_t i = 0; i < coding.tiers.size(); ++i) {
    const std::vector<Coded> intervals = without_gaps(coding.tiers[i].events, coding.end);
    text += fmt::format(
        "    item [{}]:\n        class = \"IntervalTier\"\n        name = \"{}\"\n"
        "        xmin = 0\n        xmax = {}\n        intervals: size = {}\n",
        i + 1, praat_text(coding.tiers[i].name), end, intervals.size());
    for (std::size_t k = 0; k < intervals.size(); ++k) {
      text += fmt::format(
          "        intervals [{}]:\n            xmin = {}\n            xmax = {}\n            text = "
          "\"{}\"\n",
          k + 1, praat_seconds(intervals[k].begin), praat_seconds(intervals[k].end),
          praat_text(intervals[k].emotion));
    }
  }
  return text;
}

}  // namespace fer
