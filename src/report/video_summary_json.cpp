#include <algorithm>
#include <nlohmann/json.hpp>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/json_value.hpp"
#include "fer/report/video_files.hpp"

namespace fer {
namespace {

using Json = nlohmann::ordered_json;

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

template <class T>
std::optional<T> value_or_nothing(const Json& json) {
  return json.is_null() ? std::nullopt : std::optional<T>(json.get<T>());
}

Json label_name(std::optional<int> label, const ClassList& classes) {
  return label ? Json(classes.name(*label)) : Json(nullptr);
}

std::optional<int> label_of_name(const Json& json, const ClassList& classes) {
  return json.is_null() ? std::nullopt : classes.find(json.get<std::string>());
}

/// {class: number}.
template <class T>
Json by_class(const std::vector<T>& numbers, const ClassList& classes) {
  Json json = Json::object();
  for (std::size_t i = 0; i < numbers.size(); ++i) json[classes.names()[i]] = numbers[i];
  return json;
}

template <class T>
std::vector<T> in_class_order(const Json& json, const ClassList& classes) {
  std::vector<T> numbers;
  if (json.empty()) return numbers;
  for (const std::string& name : classes.names()) numbers.push_back(value_of<T>(json.at(name)));
  return numbers;
}

/// {from: {to: count}} of what happened.
Json transitions_json(const std::vector<std::vector<std::int64_t>>& transitions, const ClassList& classes) {
  Json json = Json::object();
  for (std::size_t from = 0; from < transitions.size(); ++from) {
    for (std::size_t to = 0; to < transitions[from].size(); ++to) {
      if (transitions[from][to] > 0) json[classes.names()[from]][classes.names()[to]] = transitions[from][to];
    }
  }
  return json;
}

std::vector<std::vector<std::int64_t>> read_transitions(const Json& json, const ClassList& classes) {
  std::vector<std::vector<std::int64_t>> transitions;
  for (const std::string& from : classes.names()) {
    auto& row = transitions.emplace_back();
    for (const std::string& to : classes.names())
      row.push_back(json.contains(from) && json.at(from).contains(to)
                        ? value_of<std::int64_t>(json.at(from).at(to))
                        : 0);
  }
  return transitions;
}

void add_counts(Json& json, const EmotionCounts& counts, const ClassList& classes) {
  json["dominant_emotion"] = label_name(counts.dominant, classes);
  json["dominant_share"] = or_null(counts.dominant_share);
  json["mean_confidence"] = or_null(counts.mean_confidence);
  json["distribution"] = by_class(counts.distribution, classes);
  if (!counts.distribution_corrected.empty()) {
    json["dominant_emotion_corrected"] = label_name(counts.dominant_corrected, classes);
    json["distribution_corrected"] = by_class(counts.distribution_corrected, classes);
  }
  json["distribution_smoothed"] = by_class(counts.distribution_smoothed, classes);
  json["seconds_smoothed"] = by_class(counts.seconds, classes);
  json["transitions_smoothed"] = transitions_json(counts.transitions, classes);
  json["faces_counted"] = counts.frames;
  json["uncertain_frames"] = counts.uncertain;
}

EmotionCounts read_counts(const Json& json, const ClassList& classes) {
  EmotionCounts counts{
      .frames = value_of<std::int64_t>(json.at("faces_counted")),
      .uncertain = value_of<std::int64_t>(json.at("uncertain_frames")),
      .distribution = in_class_order<std::int64_t>(json.at("distribution"), classes),
      .distribution_corrected = {},
      .distribution_smoothed = in_class_order<std::int64_t>(json.at("distribution_smoothed"), classes),
      .seconds = in_class_order<double>(json.at("seconds_smoothed"), classes),
      .transitions = read_transitions(json.at("transitions_smoothed"), classes),
      .dominant = label_of_name(json.at("dominant_emotion"), classes),
      .dominant_share = value_or_nothing<double>(json.at("dominant_share")),
      .mean_confidence = value_or_nothing<double>(json.at("mean_confidence"))};
  if (json.contains("distribution_corrected")) {
    counts.distribution_corrected = in_class_order<std::int64_t>(json.at("distribution_corrected"), classes);
    counts.dominant_corrected = label_of_name(json.at("dominant_emotion_corrected"), classes);
  }
  return counts;
}

Json face_json(const FaceSummary& face, const ClassList& classes) {
  Json json = {{"face_id", face.face_id},
               {"frames", face.counts.frames},
               {"first_seen", face.first_seen},
               {"last_seen", face.last_seen}};
  add_counts(json, face.counts, classes);
  return json;
}

Json condition_json(const ConditionSummary& condition, const ClassList& classes) {
  Json json = {{"condition", condition.condition},
               {"frames_sampled", condition.frames_sampled},
               {"frames_with_face", condition.frames_with_face}};
  add_counts(json, condition.counts, classes);
  return json;
}

VideoSummary summary_of(const Json& json) {
  const ClassList classes(json.at("classes").get<std::vector<std::string>>());
  VideoSummary summary{.video = json.at("video"),
                       .classes = classes,
                       .duration_seconds = value_or_nothing<double>(json.at("duration_seconds")),
                       .frames_total = value_of<std::int64_t>(json.at("frames_total")),
                       .frames_sampled = value_of<std::int64_t>(json.at("frames_sampled")),
                       .frames_with_face = value_of<std::int64_t>(json.at("frames_with_face")),
                       .cuts = value_of<std::int64_t>(json.at("cuts")),
                       .sample_fps = value_or_nothing<double>(json.at("sample_fps")),
                       .overall = read_counts(json, classes),
                       .model = json.at("model"),
                       .detector = json.at("detector"),
                       .smoothing = json.at("smoothing"),
                       .correction = json.at("correction"),
                       .damaged = json.at("damaged"),
                       .run_key = json.at("run_key"),
                       .warnings = json.at("warnings")};
  for (const Json& face : json.at("faces")) {
    summary.faces.push_back({.face_id = value_of<int>(face.at("face_id")),
                             .first_seen = face.at("first_seen"),
                             .last_seen = face.at("last_seen"),
                             .counts = read_counts(face, classes)});
  }
  for (const Json& condition : json.at("conditions")) {
    summary.conditions.push_back(
        {.condition = condition.at("condition"),
         .frames_sampled = value_of<std::int64_t>(condition.at("frames_sampled")),
         .frames_with_face = value_of<std::int64_t>(condition.at("frames_with_face")),
         .counts = read_counts(condition, classes)});
  }
  return summary;
}

}  // namespace

std::string summary_json(const VideoSummary& summary) {
  const ClassList& classes = summary.classes;
  Json faces = Json::array();
  for (const FaceSummary& face : summary.faces) faces.push_back(face_json(face, classes));
  Json conditions = Json::array();
  for (const ConditionSummary& condition : summary.conditions)
    conditions.push_back(condition_json(condition, classes));
  Json json = {{"video", summary.video},
               {"duration_seconds", or_null(summary.duration_seconds)},
               {"frames_total", summary.frames_total},
               {"frames_sampled", summary.frames_sampled},
               {"frames_with_face", summary.frames_with_face},
               {"coverage", summary.coverage()},
               {"cuts", summary.cuts},
               {"sample_fps", or_null(summary.sample_fps)},
               {"faces", std::move(faces)}};
  add_counts(json, summary.overall, classes);
  json["conditions"] = std::move(conditions);
  json["classes"] = classes.names();
  json["model"] = summary.model;
  json["detector"] = summary.detector;
  json["smoothing"] = summary.smoothing;
  json["correction"] = summary.correction;
  json["damaged"] = summary.damaged;
  json["warnings"] = summary.warnings;
  json["run_key"] = summary.run_key;
  // File names are bytes: what is not UTF-8 is replaced rather than refused.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

VideoSummary read_summary(const std::filesystem::path& path) {
  const std::string text = read_file(path);
  try {
    return summary_of(Json::parse(text));
  } catch (const Json::exception&) {
    throw data_error("{}: is no summary of this version", path.string());
  } catch (const Error& error) {
    throw data_error("{}: {}", path.string(), error.what());
  }
}

}  // namespace fer
