#include "report_player.hpp"

namespace fer {

namespace fs = std::filesystem;

ReportPlayer player_of(const Recording& recording, const fs::path& folder, bool annotated,
                       const InferOptions& options) {
  if (annotated) return {.file = "annotated.mp4", .starts_at = options.analysis.sampling.start};
  if (!recording.is_file() || options.blur_faces) return {};
  // As browsers resolve "..": by the names alone.
  const fs::path from = fs::absolute(folder / ".").lexically_normal();
  return {.file = fs::absolute(recording.path).lexically_normal().lexically_relative(from)};
}

}  // namespace fer
