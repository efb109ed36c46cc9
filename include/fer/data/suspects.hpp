#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "fer/data/split.hpp"

namespace fer {

/// What became of a list of samples with doubtful labels.
struct DroppedSuspects {
  std::string file = {};  ///< empty: none was to be dropped
  std::string sha256 = {};
  std::size_t listed = 0;       ///< samples of the file that counted
  std::size_t dropped = 0;      ///< left the training part
  std::size_t other_parts = 0;  ///< are not in the training part, and stay where they are
  std::size_t other_label = 0;  ///< have another label in the data, and stay
  std::size_t missing = 0;      ///< are not in the data, or could be several of its samples

  bool operator==(const DroppedSuspects&) const = default;
};

/// Makes training samples unused that a file lists; those of other parts stay, so that what is measured does
/// not depend on the list. The columns `path` and `label` name them: a path as in a split file, and the label
/// it was listed for. Of the list counts the `share` (0..1] with the lowest numbers in column `rank`, without
/// one the first rows. Throws a data error for a file that is damaged.
DroppedSuspects drop_suspects(const Dataset& dataset, const std::filesystem::path& file, double share,
                              std::vector<Part>& parts);

}  // namespace fer
