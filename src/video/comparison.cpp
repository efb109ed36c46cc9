#include "fer/video/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "fer/video/frame_sampler.hpp"

namespace fer {
namespace {

constexpr double kBeyondTheEnd = 1;  // seconds by which an event may outlast the recording, as players round

bool is_called(const LabelledVideo& video, const std::string& name) {
  return name == video.name || name == video.video ||
         name == std::filesystem::path(video.video).stem().string();
}

/// Position of the video of that name. A folder's name decides where files are called alike.
std::optional<std::size_t> video_called(std::span<const LabelledVideo> videos, const std::string& name,
                                        const std::string& where) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < videos.size(); ++i) {
    if (videos[i].name == name) return i;
    if (is_called(videos[i], name)) found.push_back(i);
  }
  if (found.size() > 1) {
    throw data_error("{}: '{}' may be {} or {}; name the folder of its results", where, name,
                     videos[found[0]].name, videos[found[1]].name);
  }
  return found.empty() ? std::nullopt : std::optional(found[0]);
}

/// Of rows that name none.
std::size_t video_of_file(std::span<const LabelledVideo> videos, const Coding& coding) {
  if (videos.size() == 1) return 0;
  const std::string source = coding.path.string();
  for (const std::string& name : {coding.media, coding.path.stem().string(),
                                  std::filesystem::absolute(coding.path).parent_path().filename().string()}) {
    if (name.empty()) continue;
    if (const auto video = video_called(videos, name, source)) return *video;
  }
  throw data_error(
      "{}: does not say of which of the {} videos it is: add a column 'video', or name one video's "
      "results",
      source, videos.size());
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// How far sampled frames usually are from each other.
struct Spacing {
  double seconds = 1.0 / 25;
  double frames = 1;
};

Spacing spacing_of(const LabelledVideo& video) {
  std::vector<double> seconds;
  std::vector<double> frames;
  for (std::size_t i = 1; i < video.frames.size(); ++i) {
    seconds.push_back(video.frames[i].timestamp - video.frames[i - 1].timestamp);
    frames.push_back(static_cast<double>(video.frames[i].frame - video.frames[i - 1].frame));
  }
  if (seconds.empty()) return {};
  return {.seconds = median(seconds), .frames = median(frames)};
}

/// The sampled frame that answers for a coded one.
struct Nearest {
  std::size_t sampled;
  double distance;  ///< in shares of the distance allowed, 0..1
};

template <class Key>
std::optional<Nearest> nearest(const LabelledVideo& video, double wanted, double allowed, const Key& key_of) {
  const auto at = std::ranges::lower_bound(video.frames, wanted, {}, key_of);
  std::optional<Nearest> best;
  for (const auto candidate : {at == video.frames.begin() ? at : at - 1, at}) {
    if (candidate == video.frames.end()) continue;
    const double distance = std::abs(key_of(*candidate) - wanted);
    const double share = distance == 0 ? 0 : distance / allowed;
    if (distance <= allowed + kTimeTolerance && (!best || share < best->distance))
      best = {.sampled = static_cast<std::size_t>(candidate - video.frames.begin()), .distance = share};
  }
  return best;
}

bool is_in_class(int category, const Categories& categories) { return category < categories.classes.size(); }

class Comparing {
 public:
  Comparing(std::span<const LabelledVideo> videos, const ComparisonOptions& options)
      : videos_(videos), options_(options) {
    for (const LabelledVideo& video : videos) spacings_.push_back(spacing_of(video));
  }

  void add(const Coding& coding) {
    for (const std::string& note : coding.notes) result_.notes.push_back(note);
    if (coding.of_events) {
      add_events(coding);
    } else {
      add_frames(coding);
    }
  }

  CodingComparison finish() {
    if (result_.rows > 0 && result_.rows == result_.rows_of_other_videos)
      throw data_error("no row of the coding is of {}: it names other videos", names());
    if (result_.frames.empty() && result_.human_events.empty())
      throw data_error("nothing can be compared: {}", nothing_reason());
    std::ranges::stable_sort(result_.frames, {}, place_of);
    const auto twice = std::ranges::adjacent_find(result_.frames, {}, place_of);
    if (twice != result_.frames.end())
      throw data_error("{}: codes the same frame as {}", std::next(twice)->where, twice->where);
    for (const std::size_t video : videos_with_events_) count_faces_not_coded(video);
    return std::move(result_);
  }

 private:
  static std::pair<std::size_t, double> place_of(const ComparedFrame& frame) {
    return {frame.track, frame.timestamp};
  }

  std::string names() const {
    std::vector<std::string> names;
    for (const LabelledVideo& video : videos_) names.push_back(video.name);
    return join(names, ", ");
  }

  std::string nothing_reason() const {
    return fmt::format(
        "of {} coded rows {} are not to count, {} have no sampled frame near them and {} are of other videos",
        result_.rows, result_.rows_not_to_count, result_.frames_without_partner,
        result_.rows_of_other_videos);
  }

  /// Nothing for a row of a video that is not compared.
  template <class Row>
  std::optional<std::size_t> video_of(const Row& row, const Coding& coding) {
    ++result_.rows;
    if (row.video.empty()) return video_of_file(videos_, coding);
    const auto video = video_called(videos_, row.video, row.where);
    if (!video) ++result_.rows_of_other_videos;
    return video;
  }

  std::size_t track_of(const CodedTrack& track) {
    const auto found = std::ranges::find(result_.tracks, track);
    if (found != result_.tracks.end()) return static_cast<std::size_t>(found - result_.tracks.begin());
    result_.tracks.push_back(track);
    return result_.tracks.size() - 1;
  }

  static const LabelledFace* face_in(const LabelledFrame& frame, std::optional<int> face_id) {
    if (!face_id) return frame.faces.empty() ? nullptr : frame.faces.data();
    const auto found = std::ranges::find(frame.faces, *face_id, &LabelledFace::face_id);
    return found == frame.faces.end() ? nullptr : &*found;
  }

  void compare_frame(const CodedTrack& track, const LabelledFrame& frame, int human, const std::string& where,
                     const std::string& id) {
    const LabelledFace* face = face_in(frame, track.face_id);
    const Categories& categories = videos_[track.video].categories;
    result_.frames.push_back({.where = where,
                              .id = id,
                              .track = track_of(track),
                              .frame = frame.frame,
                              .timestamp = frame.timestamp,
                              .human = human,
                              .model = face ? face->category : categories.no_face()});
  }

  // ---- coded frames

  std::optional<Nearest> partner_of(const CodedFrame& row, std::size_t video) const {
    if (row.frame) {
      return nearest(videos_[video], static_cast<double>(*row.frame), spacings_[video].frames / 2,
                     [](const LabelledFrame& frame) { return static_cast<double>(frame.frame); });
    }
    return nearest(videos_[video], *row.timestamp,
                   options_.frame_tolerance.value_or(spacings_[video].seconds / 2),
                   [](const LabelledFrame& frame) { return frame.timestamp; });
  }

  void add_frames(const Coding& coding) {
    struct Answer {
      const CodedFrame* row;
      double distance;
    };
    std::map<std::tuple<std::size_t, std::optional<int>, std::size_t>, Answer> answers;
    for (const CodedFrame& row : coding.frames) {
      const auto video = video_of(row, coding);
      if (!video) continue;
      const auto partner = partner_of(row, *video);
      if (!partner) {
        ++result_.frames_without_partner;
        continue;
      }
      const Answer answer{&row, partner->distance};
      const auto [found, is_new] = answers.try_emplace({*video, row.face_id, partner->sampled}, answer);
      if (is_new) continue;
      const CodedFrame& other = *found->second.row;
      if (other.frame == row.frame && other.timestamp == row.timestamp)
        throw data_error("{}: codes the same frame as {}", row.where, other.where);
      ++result_.frames_between;
      if (answer.distance < found->second.distance) found->second = answer;
    }
    for (const auto& [key, answer] : answers) {
      const auto& [video, face_id, sampled] = key;
      if (!answer.row->category) {
        ++result_.rows_not_to_count;
        continue;
      }
      compare_frame({.video = video, .face_id = face_id}, videos_[video].frames[sampled],
                    *answer.row->category, answer.row->where, answer.row->id);
    }
  }

  // ---- coded events

  using Events = std::vector<const CodedEvent*>;

  void add_events(const Coding& coding) {
    result_.has_events = true;
    std::map<std::pair<std::size_t, std::optional<int>>, Events> by_track;
    if (!coding.tiers.empty() || coding.events.empty()) {
      const std::size_t video = video_of_file(videos_, coding);
      for (const int face : coding.tiers) by_track[{video, face}];
    }
    for (const CodedEvent& event : coding.events) {
      const auto video = video_of(event, coding);
      if (!video) continue;
      require_inside(event, videos_[*video]);
      by_track[{*video, event.face_id}].push_back(&event);
      if (!event.category) ++result_.rows_not_to_count;
    }
    for (const auto& [key, events] : by_track) {
      const CodedTrack track{.video = key.first, .face_id = key.second};
      if (!track.face_id && by_track.upper_bound(key) != by_track.end() &&
          by_track.upper_bound(key)->first.first == track.video)
        throw data_error("{}: names the face of some events of {} and not of others", coding.path.string(),
                         videos_[track.video].name);
      if (std::ranges::find(result_.tracks, track) != result_.tracks.end())
        throw data_error("{}: codes a face of {} that another file codes, too", coding.path.string(),
                         videos_[track.video].name);
      add_track(track, events);
      videos_with_events_.insert(track.video);
    }
  }

  static void require_inside(const CodedEvent& event, const LabelledVideo& video) {
    if (event.onset < video.end && event.offset <= video.end + kBeyondTheEnd) return;
    throw data_error("{}: from {} to {} s, but {} ends at {:.3f} s", event.where, event.onset, event.offset,
                     video.name, video.end);
  }

  void add_track(const CodedTrack& track, const Events& events) {
    const LabelledVideo& video = videos_[track.video];
    const std::optional<int> neutral = video.categories.classes.find("neutral");
    const int number = static_cast<int>(track_of(track));
    for (const CodedEvent* event : events) {
      if (!event->category || event->category == neutral || !is_in_class(*event->category, video.categories))
        continue;
      result_.human_events.push_back(
          {.track = number, .label = *event->category, .onset = event->onset, .offset = event->offset});
    }
    const std::set<int> faces = track.face_id ? std::set{*track.face_id} : main_faces(video);
    for (const LabelledEvent& event : video.events) {
      if (faces.contains(event.face_id))
        result_.model_events.push_back(
            {.track = number, .label = event.label, .onset = event.onset, .offset = event.offset});
    }
    add_frames_of(track, events, neutral);
  }

  static std::set<int> main_faces(const LabelledVideo& video) {
    std::map<int, std::pair<int, int>> seen;  // as the largest, and at all
    for (const LabelledFrame& frame : video.frames) {
      for (const LabelledFace& face : frame.faces) ++seen[face.face_id].second;
      if (!frame.faces.empty()) ++seen[frame.faces[0].face_id].first;
    }
    std::set<int> faces;
    for (const auto& [face, counts] : seen) {
      if (2 * counts.first >= counts.second) faces.insert(face);
    }
    return faces;
  }

  void add_frames_of(const CodedTrack& track, const Events& events, std::optional<int> neutral) {
    for (const LabelledFrame& frame : videos_[track.video].frames) {
      std::set<std::optional<int>> said;
      const CodedEvent* inside = nullptr;
      for (const CodedEvent* event : events) {
        if (frame.timestamp < event->onset - kTimeTolerance ||
            frame.timestamp >= event->offset - kTimeTolerance)
          continue;
        inside = event;
        said.insert(event->category);
      }
      if (said.size() > 1) {
        ++result_.frames_ambiguous;
      } else if (inside) {
        if (inside->category) compare_frame(track, frame, *inside->category, inside->where, "");
      } else if (neutral && face_in(frame, track.face_id)) {
        compare_frame(track, frame, *neutral, "", "");
      }
    }
  }

  void count_faces_not_coded(std::size_t video) {
    std::set<int> coded;
    for (const CodedTrack& track : result_.tracks) {
      if (track.video != video) continue;
      if (track.face_id) {
        coded.insert(*track.face_id);
      } else {
        coded.merge(main_faces(videos_[video]));
      }
    }
    result_.events_not_coded += std::ranges::count_if(
        videos_[video].events, [&](const LabelledEvent& event) { return !coded.contains(event.face_id); });
  }

  std::span<const LabelledVideo> videos_;
  const ComparisonOptions& options_;
  std::vector<Spacing> spacings_;
  std::set<std::size_t> videos_with_events_;
  CodingComparison result_;
};

}  // namespace

CodingComparison compare(std::span<const LabelledVideo> videos, std::span<const Coding> codings,
                         const ComparisonOptions& options) {
  if (options.frame_tolerance && !(*options.frame_tolerance >= 0))
    throw usage_error("a tolerance of {} s: expected 0 or more", *options.frame_tolerance);
  Comparing comparing(videos, options);
  for (const Coding& coding : codings) comparing.add(coding);
  return comparing.finish();
}

}  // namespace fer
