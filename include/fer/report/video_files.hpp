#pragma once

#include <span>
#include <string>

#include "fer/video/analysis.hpp"
#include "fer/video/summary.hpp"

namespace fer {

/// frames.csv: one row for each sampled frame, with a face or without, in the order of time. Columns:
/// video,frame,timestamp,face_id,success,confidence,face_x,face_y,face_w,face_h,emotion,emotion_prob,<class>…,
/// emotion_smoothed,<class>_smoothed…,status
///
/// Times in seconds with six decimals; boxes in pixels of the upright frame; probabilities 0 to 1, each the
/// shortest text that reads back as the same float. Without a face: success 0, status no_face, and nothing
/// else but video, frame and timestamp. The emotion is "uncertain" where the label is withheld.
std::string frames_csv(const VideoAnalysis& analysis);

/// summary.json: shares, coverage and confidences 0 to 1; null where there was no face to tell from.
std::string summary_json(const VideoSummary& summary);

/// summary.csv: the same facts, one row for each video. All videos have the classes of the first.
std::string summary_csv(std::span<const VideoSummary> summaries);

/// The reference paper's Table 2 as aligned text:
/// Video | Frames | Dominant emotion | Share (%) | Mean confidence (%) | Distribution
/// Frames are the sampled ones; "50/64" where only 50 of them show a face. `-` where none does.
std::string video_table(std::span<const VideoSummary> summaries);

}  // namespace fer
