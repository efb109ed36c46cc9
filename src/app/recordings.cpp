#include "recordings.hpp"

#include <algorithm>
#include <map>

#include "fer/video/image_sequence.hpp"
#include "fer/video/video_file.hpp"
#include "fer/vision/image.hpp"
#include "inputs.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

bool holds_a_video(const fs::path& folder) {
  return std::ranges::any_of(fs::directory_iterator(folder), [](const fs::directory_entry& entry) {
    return entry.is_regular_file() && is_video_name(entry.path());
  });
}

/// The files behind one argument.
std::vector<fs::path> files_of(const std::string& argument) {
  const std::vector<std::string> one = {argument};
  if (fs::is_directory(argument) && !holds_a_video(argument))
    return find_inputs(one, is_image_name, "video and no image");
  return find_inputs(one, is_video_name, "video");
}

/// "clips/" -> "clips", "." -> its real name.
fs::path without_slash(const fs::path& folder) {
  const fs::path whole = fs::weakly_canonical(folder.empty() ? "." : folder);
  return folder.filename().empty() || folder.filename() == "." ? whole : folder;
}

}  // namespace

std::string Recording::name() const { return is_file() ? path.stem().string() : path.filename().string(); }

std::uintmax_t Recording::bytes() const {
  const auto size_of = [](const fs::path& file) {
    std::error_code error;
    const std::uintmax_t bytes = fs::file_size(file, error);
    return error ? 0 : bytes;
  };
  if (is_file()) return size_of(path);
  std::uintmax_t bytes = 0;
  for (const fs::path& picture : pictures) bytes += size_of(picture);
  return bytes;
}

std::unique_ptr<FrameSource> Recording::open(double fps, int threads) const {
  if (is_file()) return std::make_unique<VideoFile>(path, threads);
  return std::make_unique<ImageSequence>(path, pictures, fps);
}

std::vector<Recording> find_recordings(std::span<const std::string> arguments) {
  std::vector<Recording> recordings;
  std::map<fs::path, std::size_t> sequences;  // by folder: where in `recordings`
  for (const std::string& argument : arguments) {
    for (const fs::path& file : files_of(argument)) {
      if (!is_image_name(file)) {
        const auto same = [&](const Recording& other) {
          return fs::weakly_canonical(other.path) == fs::weakly_canonical(file);
        };
        if (std::ranges::none_of(recordings, same)) recordings.push_back({.path = file});
        continue;
      }
      const fs::path folder = without_slash(file.parent_path());
      const auto [found, is_new] = sequences.try_emplace(folder, recordings.size());
      if (is_new) recordings.push_back({.path = folder});
      recordings[found->second].pictures.push_back(file);
    }
  }
  for (Recording& recording : recordings) {
    sort_naturally(recording.pictures);
    const auto repeated = std::ranges::unique(recording.pictures);
    recording.pictures.erase(repeated.begin(), repeated.end());
  }
  return recordings;
}

}  // namespace fer
