#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "fer/video/analyse_video.hpp"
#include "fer/video/analysis.hpp"
#include "fer/video/frame_source.hpp"

namespace fer {

/// How the annotated video differs from the recording, besides what is drawn in.
struct AnnotationOptions {
  bool blur_faces = false;  ///< makes every face that was found unrecognisable, those not classified, too
  int threads = 2;          ///< that work at the same time; never changes a picture that is drawn
  std::filesystem::path sound_from = {};  ///< the file whose first sound is kept; empty: silent
};

/// Reads `source`, the same recording as was analysed and still at its beginning, and writes it with what was
/// found drawn in: each classified face's box in the colour of its emotion (emotion_colours), its id, the
/// smoothed label with its probability and bars of all classes' smoothed probabilities; over the bottom edge
/// the smoothed labels of the whole recording, a row for each of the five faces seen most, and where in it
/// the picture is. Call after interpret(). Returns the warnings of the VideoWriter.
///
/// Every frame that the analysis read is written with its own time, and the file lasts as long as the
/// recording, or up to where it breaks off. Of an excerpt (Sampling::start and end) only its frames are, and
/// time 0 is its start. Pictures of another size than the source's facts state are brought to that size.
///
/// A face seen in two sampled frames moves straight from one place to the other between them; one not seen in
/// the second stays until half way. Labels are those of the sampled frame at or before. What blur_faces
/// covers is larger: both places with a margin, from the sampled frame before a face appears to the one after
/// it is gone (at least a quarter of a second each), and while a face that keeps its id is unseen.
///
/// control.progress counts frames read; control.stop is asked once per frame. Throws Stopped, a usage
/// error for no thread, and what VideoWriter throws; the file is whole or not there.
std::vector<std::string> annotate_video(FrameSource& source, const VideoAnalysis& analysis,
                                        const std::filesystem::path& path,
                                        const AnnotationOptions& options = {},
                                        const AnalysisControl& control = {});

}  // namespace fer
