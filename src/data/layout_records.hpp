#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "fer/core/name_pattern.hpp"
#include "fer/data/dataset.hpp"
#include "fer/data/layout.hpp"

namespace fer {

/// What a layout found of one image, before any word of it is understood.
struct LayoutRecord {
  std::string path;        ///< of the image; its place where `pixels` holds it, empty if unknown
  std::string place = {};  ///< what names it: a file, or "list.csv:LINE"
  NamedTexts found = {};   ///< the fields
  std::vector<std::uint8_t> pixels = {};  ///< 48x48 grey values
  std::vector<double> votes = {};         ///< in step with VoteRule::columns
  std::vector<double> other_votes = {};   ///< and with VoteRule::others
  bool begins_sequence = false;           ///< its label is the rule's first_label
};

/// Files sorted by path, or the rows of the lists as they stand, without what SequenceRule leaves aside; what
/// does not fit goes to `rejected`. Throws as read_layout() does.
std::vector<LayoutRecord> layout_records(const std::filesystem::path& root, const Layout& layout,
                                         std::vector<RejectedFile>& rejected);

/// Whether a path that a list names leads out of the root: absolute, upwards, or cut short by a zero byte.
bool leads_out(const std::filesystem::path& path);

}  // namespace fer
