#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fer/eval/interval.hpp"
#include "fer/video/summary.hpp"

namespace fer {

/// A run, an evaluation or a cross-validation as its folder tells of it.
struct RunOverview {
  /// Of the part that metrics.json is about; shares 0..1.
  struct Figures {
    std::string part;
    std::int64_t samples = 0;
    double accuracy = 0;
    Interval accuracy_ci95;  ///< by subject where that is known
    double macro_f1 = 0;
    double ece = 0;
  };
  std::filesystem::path folder;
  std::string protocol = {};
  std::optional<Figures> figures = {};  ///< nothing: it has no metrics.json yet
  std::string epochs = {};              ///< "best 4 of 12"; empty: not a training
  std::string device = {};
  std::string date = {};  ///< when it began or, of an evaluation, ended
  std::string end = {};   ///< as in the manifest
};

/// A video's results, and where they lie.
struct VideoOverview {
  std::filesystem::path folder;
  VideoSummary summary;
};

/// The runs and videos of one page.
struct Overview {
  std::vector<RunOverview> runs = {};
  std::vector<VideoOverview> videos = {};
};

/// Reads metrics.json, manifest.json and summary.json of each folder, or, where a folder holds none of them,
/// of each folder in it, by name. Throws a data error for a folder without any, and for damaged files.
Overview read_overview(std::span<const std::filesystem::path> folders);

/// The text of index.html in `folder`: sortable tables of the runs and of the videos, with links to what
/// their folders hold.
std::string overview_page(const Overview& overview, const std::filesystem::path& folder);

}  // namespace fer
