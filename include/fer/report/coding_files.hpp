#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "fer/video/analysis.hpp"
#include "fer/video/events.hpp"

namespace fer {

// Events for the programs in which people code behaviour. Each face of the analysis has a tier, "face 3", in
// the order of ids, even where it has no event; events are of these faces; a recording without faces
// has one empty tier, "no face". Events of a face never overlap, and end with the recording.

/// For ELAN (.eaf, format 3.0): an annotation with the emotion's name for each event, to the millisecond.
/// `media` is the recording, which ELAN looks for as a file URL and relative to `folder`, where the .eaf file
/// will lie; an empty path names none. The same events give the same bytes: the date is always 1970.
std::string events_eaf(std::span<const ExpressionEvent> events, const VideoAnalysis& analysis,
                       const std::filesystem::path& media, const std::filesystem::path& folder);

/// For Praat (TextGrid, long text format, UTF-8): intervals that cover the recording without a gap, to the
/// microsecond; empty ones between events.
std::string events_textgrid(std::span<const ExpressionEvent> events, const VideoAnalysis& analysis);

}  // namespace fer
