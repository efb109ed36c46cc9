#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "fer/video/analysis.hpp"
#include "fer/video/events.hpp"
#include "fer/video/summary.hpp"

namespace fer {

/// frames.csv: one row for each face of each sampled frame, and one for each sampled frame without a face, in
/// the order of time. Columns:
/// `video,frame,timestamp,face_id,success,confidence,face_x,face_y,face_w,face_h,emotion,emotion_prob`, one
/// of each class, `emotion_smoothed`, `CLASS_smoothed` of each class, `status`; and, where prior or baseline
/// were corrected for, `emotion_corrected` and `CLASS_corrected` of each class before `emotion_smoothed`.
///
/// Times in seconds with six decimals; boxes in pixels of the upright frame; probabilities 0 to 1, each the
/// shortest text that reads back as the same float. Without a face: success 0, status no_face, and nothing
/// else but video, frame and timestamp. The emotion is "uncertain" where the label is withheld.
/// Written row by row; appears whole or not at all.
void write_frames_csv(const std::filesystem::path& path, const VideoAnalysis& analysis);

/// summary.json: shares, coverage and confidences 0 to 1; null where there was no face to tell from.
std::string summary_json(const VideoSummary& summary);

/// Reads back what summary_json() wrote. Throws a data error that names the file for one that is missing,
/// damaged or of another version.
VideoSummary read_summary(const std::filesystem::path& path);

/// summary.csv: the same facts, one row for each video. All videos have the classes of the first.
std::string summary_csv(std::span<const VideoSummary> summaries);

/// conditions.csv: one row for each condition of each video, then one for each condition over all videos,
/// where `video` is empty.
std::string conditions_csv(std::span<const VideoSummary> summaries);

/// events.csv: face_id,emotion,onset,apex,offset,peak_prob; times in seconds with six decimals.
std::string events_csv(std::span<const ExpressionEvent> events, const ClassList& classes);

/// The reference paper's Table 2 as aligned text:
/// Video | Frames | Dominant emotion | Share (%) | Mean confidence (%) | Distribution
/// Frames are the sampled ones; "50/64" where only 50 of them show a face. `-` where none does.
std::string video_table(std::span<const VideoSummary> summaries);

}  // namespace fer
