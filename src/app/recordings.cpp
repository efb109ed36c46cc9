#include "recordings.hpp"

#include <algorithm>
#include <map>
#include <set>

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

/// The folder as given, or where that ends in a slash, "." or "..", its real path, which ends in its name.
fs::path with_a_name(const fs::path& folder) {
  const fs::path name = folder.filename();
  const bool has_one = !name.empty() && name != "." && name != "..";
  return has_one ? folder : fs::weakly_canonical(folder.empty() ? "." : folder);
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
  std::set<fs::path> seen;                    // real paths of the files
  std::map<fs::path, std::size_t> sequences;  // by the folder's real path: where in `recordings`
  for (const std::string& argument : arguments) {
    for (const fs::path& file : files_of(argument)) {
      if (!seen.insert(fs::weakly_canonical(file)).second) continue;
      if (!is_image_name(file)) {
        recordings.push_back({.path = file});
        continue;
      }
      const fs::path folder = with_a_name(file.parent_path());
      const auto [found, is_new] = sequences.try_emplace(fs::weakly_canonical(folder), recordings.size());
      if (is_new) recordings.push_back({.path = folder});
      recordings[found->second].pictures.push_back(file);
    }
  }
  for (Recording& recording : recordings) sort_naturally(recording.pictures);
  return recordings;
}

}  // namespace fer
