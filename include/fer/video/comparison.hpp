#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fer/eval/event_agreement.hpp"
#include "fer/video/coding.hpp"
#include "fer/video/labelled_video.hpp"

namespace fer {

/// What counts as the same moment.
struct ComparisonOptions {
  /// Seconds from a coded frame to the sampled one that answers for it, at most; nothing: half the usual time
  /// from one sampled frame to the next.
  std::optional<double> frame_tolerance = {};
};

/// A person's and the model's word on one face of one sampled frame.
struct ComparedFrame {
  std::string where = {};  ///< where the coding says so
  std::string id = {};     ///< of a drawn sample
  std::size_t track = 0;
  std::int64_t frame = 0;
  double timestamp = 0;
  int human = 0;  ///< a class or no_face
  int model = 0;  ///< any category
};

/// A face that was coded; without an id the largest one of each frame.
struct CodedTrack {
  std::size_t video = 0;  ///< position in the videos compared
  std::optional<int> face_id = {};

  bool operator==(const CodedTrack&) const = default;
};

/// What people and the model say of the same faces, side by side, and what could not be compared.
struct CodingComparison {
  std::vector<CodedTrack> tracks = {};
  std::vector<ComparedFrame> frames = {};     ///< by track, then time
  bool has_events = false;                    ///< some coding is of events
  std::vector<TimedEvent> human_events = {};  ///< of classes other than neutral
  std::vector<TimedEvent> model_events = {};  ///< of the coded tracks
  std::int64_t rows = 0;                      ///< coded, of frames or events
  std::int64_t rows_of_other_videos = 0;
  std::int64_t rows_not_to_count = 0;       ///< empty, unsure or mapped to nothing
  std::int64_t frames_without_partner = 0;  ///< coded frames: no sampled one is near enough
  std::int64_t frames_between = 0;          ///< another coded frame is nearer to the sampled one
  std::int64_t frames_ambiguous = 0;        ///< sampled frames in two coded events of unlike emotions
  std::int64_t events_not_coded = 0;        ///< the model's, of faces that nobody coded
  std::vector<std::string> notes = {};
};

/// Brings together what people coded and what the model says of the same faces.
///
/// Coded frames: each sampled frame is compared with the nearest coded one, by number where the coding has
/// one, else by time; one coded frame answers for one sampled frame at most. Coded events: every sampled
/// frame in which the face is seen is compared, being neutral outside of events; where the face is not seen,
/// those inside events only. A face that the model did not find counts as no_face.
///
/// A coding that names no faces is about the largest face of each frame, and its events about all faces that
/// are the largest one in at least half of the frames they are seen in. Rows that name no video are of the
/// only one, or of the one that the file is called after, lies with, or names as its medium.
///
/// Throws a data error that names the place for a face or frame coded twice, an event beyond the recording, a
/// row that could be of several videos, and where nothing at all can be compared.
CodingComparison compare(std::span<const LabelledVideo> videos, std::span<const Coding> codings,
                         const ComparisonOptions& options = {});

}  // namespace fer
