#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fer/eval/agreement.hpp"
#include "fer/eval/event_agreement.hpp"
#include "fer/video/comparison.hpp"

namespace fer {

/// Frames in which the model gave no label, read both ways.
struct FrameReadings {
  FrameAgreement all = {};      ///< they are categories of their own, and so disagree with any class
  FrameAgreement decided = {};  ///< without them, and without those in which the human saw no face
  double coverage = 0;          ///< share of the frames in which the model gave a class
};

/// Events of both, compared in two ways.
struct EventReadings {
  double tolerance = 0.5;
  EventAgreement boundaries = {};  ///< onset and offset within the tolerance
  double iou = 0.5;
  EventAgreement overlap = {};
};

/// What fer-eval agreement tells: what was compared, and how far the two agree.
struct AgreementReport {
  Categories categories = {};
  std::vector<LabelledVideo> videos = {};
  std::string labels = "smoothed";  ///< which of the model's labels of frames
  CodingComparison comparison = {};
  std::vector<double> weights = {};      ///< of comparison.frames
  std::vector<std::string> strata = {};  ///< likewise; empty: not drawn by stratum
  std::string clusters = {};             ///< what intervals resample: "blocks of 5 s"
  std::optional<FrameReadings> frames = {};
  std::optional<FrameReadings> unweighted = {};  ///< only of a sample drawn by stratum
  std::optional<EventReadings> events = {};
  std::vector<std::string> notes = {};  ///< what a reader should know
};

/// For people: counts, agreement, kappa, a row for each category, events.
std::string agreement_text(const AgreementReport& report);

/// Everything but the single frames and events; a number that does not exist is null.
std::string agreement_json(const AgreementReport& report);

/// confusion.csv: `human,<category>…`, sums of weights by the model's category, of all frames.
std::string agreement_confusion_csv(const AgreementReport& report);

/// frames_compared.csv: video,frame,timestamp,face_id,human,model,agree,weight,stratum,source.
std::string frames_compared_csv(const AgreementReport& report);

/// events_matched.csv: video,face_id,emotion,match,human_onset,human_offset,model_onset,model_offset; match
/// is matched (within the tolerance), missed (the human's alone) or extra (the model's alone). By video, face
/// and time.
std::string events_matched_csv(const AgreementReport& report);

}  // namespace fer
