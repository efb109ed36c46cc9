#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "fer/video/frame_source.hpp"

namespace fer {

/// What fer-infer reads as one video.
struct Recording {
  std::filesystem::path path = {};                   ///< the video file, or the folder of the pictures
  std::vector<std::filesystem::path> pictures = {};  ///< of an image sequence, in order; else none

  bool is_file() const { return pictures.empty(); }

  /// What its results are called: the file's name without extension, or the folder's.
  std::string name() const;

  /// Of all its files.
  std::uintmax_t bytes() const;

  /// Opens it from the beginning; `fps` is the rate of image sequences. Throws what the sources throw.
  std::unique_ptr<FrameSource> open(double fps, int threads) const;
};

/// The recordings behind a program's arguments, each once: video files as they are; of folders the videos,
/// or where there is none the pictures as one sequence; of patterns such as 'clips/*.mp4' all that match.
/// Pictures that are given one by one, or by a pattern, are one sequence for each folder they lie in.
/// Throws a data error for a folder or pattern that yields nothing.
std::vector<Recording> find_recordings(std::span<const std::string> arguments);

}  // namespace fer
