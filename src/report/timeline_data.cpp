#include "timeline_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "fer/core/base64.hpp"
#include "fer/core/progress.hpp"
#include "html_page.hpp"

namespace fer {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kUncertain = '\xfe';
constexpr char kAbsent = '\xff';

char byte_of(double share) { return static_cast<char>(std::lround(255 * std::clamp(share, 0.0, 1.0))); }

/// One kind of probabilities that a face has.
struct Kind {
  std::string_view name;
  std::span<const float> (*of)(const FaceResult&);
};

std::vector<Kind> kinds_of(const VideoAnalysis& analysis) {
  std::vector<Kind> kinds = {
      {"Raw", [](const FaceResult& face) { return std::span<const float>(face.probabilities); }}};
  if (analysis.interpretation.corrects())
    kinds.push_back({"Corrected", [](const FaceResult& face) { return face.evidence(); }});
  kinds.push_back({"Smoothed", [](const FaceResult& face) { return std::span<const float>(face.smoothed); }});
  return kinds;
}

struct Point {
  std::size_t sample;  ///< place among the sampled frames
  const FaceResult* face;
};

struct Track {
  int id;
  std::vector<Point> points;

  std::size_t first(std::size_t per_bucket) const { return points.front().sample / per_bucket; }
  std::size_t buckets(std::size_t per_bucket) const {
    return points.back().sample / per_bucket - first(per_bucket) + 1;
  }
};

/// Those seen most first.
std::vector<Track> tracks(const VideoAnalysis& analysis) {
  std::map<int, Track> by_id;
  for (std::size_t i = 0; i < analysis.frames.size(); ++i) {
    for (const FaceResult& face : analysis.frames[i].faces) {
      by_id[face.face_id].id = face.face_id;
      by_id[face.face_id].points.push_back({i, &face});
    }
  }
  std::vector<Track> list;
  for (auto& [id, track] : by_id) list.push_back(std::move(track));
  std::ranges::stable_sort(list, std::greater<>(), [](const Track& track) { return track.points.size(); });
  return list;
}

std::size_t frames_per_bucket(std::span<const Track> list, std::size_t frames, std::size_t values) {
  for (std::size_t per_bucket = 1;; ++per_bucket) {
    std::size_t bytes = frames / per_bucket * 5;
    for (const Track& track : list)
      bytes += track.buckets(per_bucket) * (1 + values * (per_bucket == 1 ? 1 : 3));
    if (bytes <= kTimelineBytes || per_bucket >= frames) return per_bucket;
  }
}

/// Calls `use` with each bucket of the track, counted from its first, and the points in it.
template <class Use>
void for_each_bucket(const Track& track, std::size_t per_bucket, const Use& use) {
  const std::size_t first = track.first(per_bucket);
  const auto bucket_of = [&](const Point& point) { return point.sample / per_bucket; };
  for (auto begin = track.points.begin(); begin != track.points.end();) {
    const auto end = std::find_if(begin, track.points.end(),
                                  [&](const Point& point) { return bucket_of(point) != bucket_of(*begin); });
    use(bucket_of(*begin) - first, std::span<const Point>(begin, end));
    begin = end;
  }
}

Json kind_json(const Track& track, const Kind& kind, std::size_t classes, std::size_t per_bucket) {
  const std::string nothing(track.buckets(per_bucket) * classes, '\0');
  std::string mean = nothing, low = nothing, high = nothing;
  for_each_bucket(track, per_bucket, [&](std::size_t bucket, std::span<const Point> points) {
    for (std::size_t c = 0; c < classes; ++c) {
      double sum = 0, least = 1, most = 0;
      for (const Point& point : points) {
        const double share = kind.of(*point.face)[c];
        sum += share;
        least = std::min(least, share);
        most = std::max(most, share);
      }
      const std::size_t at = bucket * classes + c;
      mean[at] = byte_of(sum / static_cast<double>(points.size()));
      low[at] = byte_of(least);
      high[at] = byte_of(most);
    }
  });
  if (per_bucket == 1) return {{"mean", base64(mean)}};
  return {{"mean", base64(mean)}, {"low", base64(low)}, {"high", base64(high)}};
}

std::string labels_of(const Track& track, std::size_t per_bucket, double abstain) {
  std::string labels(track.buckets(per_bucket), kAbsent);
  for_each_bucket(track, per_bucket, [&](std::size_t bucket, std::span<const Point> points) {
    std::map<char, int> counts;
    for (const Point& point : points) {
      const auto label = smoothed_label_of(*point.face, abstain);
      ++counts[label ? static_cast<char>(*label) : kUncertain];
    }
    labels[bucket] = std::ranges::max_element(counts, {}, &std::pair<const char, int>::second)->first;
  });
  return labels;
}

/// Until when a sampled frame stands.
double until(const SampledFrame& frame) { return frame.timestamp + frame.seconds; }

Json face_json(const Track& track, const VideoAnalysis& analysis, std::size_t per_bucket) {
  const double from = analysis.frames[track.points.front().sample].timestamp;
  const double to = until(analysis.frames[track.points.back().sample]);
  Json kinds = Json::array();
  for (const Kind& kind : kinds_of(analysis))
    kinds.push_back(kind_json(track, kind, static_cast<std::size_t>(analysis.classes.size()), per_bucket));
  return {{"id", track.id},
          {"text", fmt::format("#{}, {} to {}", track.id, clock_text(from), clock_text(to))},
          {"seen", {from, to}},
          {"first", track.first(per_bucket)},
          {"labels", base64(labels_of(track, per_bucket, analysis.interpretation.abstain))},
          {"kinds", std::move(kinds)}};
}

void add_buckets(Json& json, const VideoAnalysis& analysis, std::size_t per_bucket) {
  std::string start, coverage;
  const std::vector<SampledFrame>& frames = analysis.frames;
  for (std::size_t i = 0; i < frames.size(); i += per_bucket) {
    // Rounded up, so that a player sent there shows this frame and not the one before.
    const auto time = static_cast<std::uint32_t>(std::ceil(frames[i].timestamp * 1e4 - 1e-3));
    for (const int shift : {0, 8, 16, 24}) start += static_cast<char>(time >> shift & 0xFF);
    const std::size_t end = std::min(i + per_bucket, frames.size());
    std::size_t seen = 0;
    for (std::size_t j = i; j < end; ++j) seen += frames[j].faces.empty() ? 0 : 1;
    coverage += byte_of(static_cast<double>(seen) / static_cast<double>(end - i));
  }
  json["start"] = base64(start);
  json["coverage"] = base64(coverage);
}

/// The part of the recording that was analysed; of a damaged one, what could be read.
std::array<double, 2> span_of(const VideoAnalysis& analysis) {
  const Sampling& sampling = analysis.options.sampling;
  double end = analysis.frames.empty() ? 0 : until(analysis.frames.back());
  if (analysis.duration_seconds && !analysis.damaged && !analysis.stopped)
    end =
        std::max(*analysis.duration_seconds, analysis.frames.empty() ? 0 : analysis.frames.back().timestamp);
  end = std::min(end, sampling.end);
  return {sampling.start, std::max(end, sampling.start + 0.001)};
}

/// Of too many, those that last longest; in the order of time.
std::vector<ExpressionEvent> shown_events(std::span<const ExpressionEvent> events) {
  std::vector<ExpressionEvent> shown(events.begin(), events.end());
  if (shown.size() <= kMostEventsShown) return shown;
  std::ranges::stable_sort(shown, std::greater<>(),
                           [](const ExpressionEvent& event) { return event.offset - event.onset; });
  shown.resize(kMostEventsShown);
  std::ranges::stable_sort(shown, {}, &ExpressionEvent::onset);
  return shown;
}

Json events_json(std::span<const ExpressionEvent> events) {
  Json json = Json::array();
  const auto rounded = [](double seconds) { return std::round(seconds * 1e4) / 1e4; };
  for (const ExpressionEvent& event : events) {
    json.push_back({{"face", event.face_id},
                    {"label", event.label},
                    {"onset", rounded(event.onset)},
                    {"apex", std::ceil(event.apex * 1e4 - 1e-3) / 1e4},
                    {"offset", rounded(event.offset)},
                    {"peak", rounded(event.peak_prob)}});
  }
  return json;
}

Json markers_json(std::span<const Marker> markers, const std::string& video) {
  Json json = Json::array();
  for (const Marker& marker : markers) {
    if (is_about(marker, video))
      json.push_back({{"start", marker.start}, {"end", marker.end}, {"condition", marker.condition}});
  }
  return json;
}

}  // namespace

TimelineData timeline_data(const VideoReport& report) {
  const VideoAnalysis& analysis = report.analysis;
  std::vector<Track> list = tracks(analysis);
  TimelineData data;
  if (list.size() > kMostFacesShown) {
    data.faces_left_out = list.size() - kMostFacesShown;
    list.resize(kMostFacesShown);
  }
  const std::vector<Kind> kinds = kinds_of(analysis);
  data.frames_per_bucket = frames_per_bucket(
      list, analysis.frames.size(), kinds.size() * static_cast<std::size_t>(analysis.classes.size()));
  const auto [begin, end] = span_of(analysis);
  Json& json = data.json;
  json = {{"begin", begin},
          {"end", end},
          {"player_starts_at", report.player.starts_at},
          {"classes", analysis.classes.names()},
          {"colours", css_colours(analysis.classes)},
          {"abstain", analysis.interpretation.abstain}};
  for (const Kind& kind : kinds) json["kinds"].push_back(kind.name);
  add_buckets(json, analysis, data.frames_per_bucket);
  json["faces"] = Json::array();
  for (const Track& track : list) json["faces"].push_back(face_json(track, analysis, data.frames_per_bucket));
  const std::vector<ExpressionEvent> events = shown_events(report.events);
  data.events_left_out = report.events.size() - events.size();
  json["events"] = events_json(events);
  json["markers"] = markers_json(report.markers, analysis.video);
  return data;
}

}  // namespace fer
