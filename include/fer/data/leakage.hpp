#pragma once

#include <cstddef>
#include <opencv2/core.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fer/core/error.hpp"
#include "fer/core/progress.hpp"
#include "fer/core/stop.hpp"
#include "fer/data/dataset.hpp"
#include "fer/data/look_alike.hpp"
#include "fer/data/split.hpp"

namespace fer {

/// Why what is measured on one part is known from another one. Crops look the same within kLookAlikeBits and
/// kLookAlikeDifference, as images do. Measured on crops: of 980 of 70 drawn people (found by haar, aligned
/// by yunet, or the whole image) the nearest two people differ by 0.45; of 2,025 photos and the 32,298 images
/// of FER-2013 all pairs up to 0.3 that were looked at are copies of one photo.
enum class LeakKind {
  subject,        ///< the same subject is in both
  session_twin,   ///< the same person is, under the names of two sessions: AF01 and BF01
  duplicate,      ///< a crop has the same pixels
  near_duplicate  ///< a crop looks the same: coded anew, resized, lighter or darker
};

/// "subject", "session_twin", "duplicate" or "near_duplicate".
std::string_view name_of(LeakKind kind);

/// A sample and one of a later part (train, val, test) from which it should be apart.
struct Leak {
  LeakKind kind = LeakKind::subject;
  std::size_t sample = 0;
  Part part = Part::train;
  std::size_t other = 0;
  Part other_part = Part::val;

  bool operator==(const Leak&) const = default;
};

/// What a crop looks like; blank ones, which look like each other, are compared by their pixels alone.
struct CropLook {
  Look look;
  bool blank = false;
};

/// Throws Stopped when `stop` says so. 1.6 kB a crop.
std::vector<CropLook> looks_of(std::span<const cv::Mat> crops, int workers, const ProgressFn& progress,
                               const StopFn& stop);

/// What the guard goes by, of each sample of `dataset`.
struct LeakageEvidence {
  const Dataset& dataset;
  std::span<const std::string> digests;  ///< SHA-256 of the crops
  std::span<const CropLook> looks;
  std::span<const Part> parts;
};

/// All leaks between any two of train, val and test, kind by kind, in the order of the samples. Of a person:
/// the first sample in either part. Of crops: every sample that is one stands in a row at least, beside the
/// first (duplicate) or nearest (near_duplicate) one in the other part; near ones are looked for where there
/// is no exact one. No image is decoded. The result does not depend on `workers`. `progress` counts the crops
/// compared, each once for each other part.
std::vector<Leak> find_leaks(const LeakageEvidence& evidence, int workers, const ProgressFn& progress,
                             const StopFn& stop);

/// Makes the earlier sample of every leak between crops unused: training samples give way to those that
/// are measured on, validation samples to the test's. People cannot be kept apart this way. How many it was.
std::size_t exclude_leaked(std::span<const Leak> leaks, std::vector<Part>& parts);

/// Leaks of one kind between the same two parts.
struct LeakGroup {
  LeakKind kind = LeakKind::subject;
  Part part = Part::train;
  Part other_part = Part::val;
  std::size_t count = 0;  ///< people; of crops: samples of the later part
  std::size_t first = 0;  ///< position of the first of them

  bool operator==(const LeakGroup&) const = default;
};

/// In the order of find_leaks().
std::vector<LeakGroup> group_leaks(std::span<const Leak> leaks);

/// "280 duplicates in train and val"; people: "70 subjects in train and val".
std::string leak_text(const LeakGroup& group);

/// The data error a training is refused with: how many of each kind, the first pair of each, what to do.
Error leakage_error(const Dataset& dataset, std::span<const Leak> leaks);

/// leaks.csv: kind,path,split,label,other_path,other_split,other_label.
std::string leaks_csv(const Dataset& dataset, std::span<const Leak> leaks);

}  // namespace fer
