#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace fer {

/// A stretch of a video under one condition of an experiment.
struct Marker {
  std::string video = {};  ///< file name, with or without its extension; empty: every video
  double start = 0;        ///< seconds, on the video's clock
  double end = 0;          ///< frames from here on are outside
  std::string condition = {};
};

/// The list `video,start,end,condition`; columns in any order, further ones are ignored. Throws a data error
/// that names file and line for what is missing, no number, or ends before it starts.
std::vector<Marker> read_markers(const std::filesystem::path& path);

/// Whether the marker is about the video of that file name.
bool is_about(const Marker& marker, const std::string& video);

}  // namespace fer
