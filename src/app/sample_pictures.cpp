#include "sample_pictures.hpp"

#include <filesystem>
#include <map>
#include <optional>

#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "fer/data/dataset.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

/// "fer2013.csv" of "fer2013.csv:12"; nothing for a path that is a file or names none.
std::optional<fs::path> list_of(const std::string& path) {
  const auto colon = path.rfind(':');
  if (fs::exists(path) || colon == std::string::npos || !parse_integer(path.substr(colon + 1)))
    return std::nullopt;
  const fs::path list = path.substr(0, colon);
  return fs::is_regular_file(list) ? std::optional(list) : std::nullopt;
}

/// Images inside lists, each of which is read once.
class ListedImages {
 public:
  /// Nothing where the list has no such image.
  const Sample* find(const fs::path& list, const std::string& path) {
    if (!lists_.contains(list)) {
      auto& samples = lists_[list];
      for (Sample& sample : dataset_reader("fer2013_csv").read(list, ClassList()).samples)
        samples.emplace(sample.path, std::move(sample));
    }
    const auto& samples = lists_.at(list);
    const auto found = samples.find(path);
    return found == samples.end() ? nullptr : &found->second;
  }

 private:
  std::map<fs::path, std::map<std::string, Sample>> lists_;
};

}  // namespace

std::vector<cv::Mat> sample_pictures(std::span<const std::string> paths) {
  ListedImages lists;
  std::vector<cv::Mat> pictures;
  for (const std::string& path : paths) {
    cv::Mat& picture = pictures.emplace_back();
    try {
      if (const auto list = list_of(path)) {
        if (const Sample* sample = lists.find(*list, path)) picture = load_image(*sample);
      } else {
        Sample file;
        file.path = path;
        picture = load_image(file);
      }
    } catch (const Error&) {
      picture.release();  // the sheet shows an empty field
    }
  }
  return pictures;
}

}  // namespace fer
