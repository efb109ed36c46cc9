#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "fer/core/labels.hpp"

namespace fer {

struct Dataset;

/// Which images of a sequence are samples; those between the first and the last ones are left aside.
struct SequenceRule {
  std::vector<std::string> by = {};  ///< fields that tell sequences apart; empty: every image stands alone
  std::size_t last = 0;              ///< images at the end, which show the sequence's label; 0: all
  std::size_t first = 0;             ///< images at the beginning, which show `first_label`
  std::string first_label = "neutral";
};

/// How votes become a label and the share of each class.
struct VoteRule {
  std::vector<std::string> columns = {};  ///< each counts the votes for the class of its name
  std::vector<std::string> others = {};   ///< votes for what is no class
  double min_votes = 0;                   ///< fewer for something count as none
  double majority = 0;                    ///< share of all votes the label needs more than; 0: any will do
};

/// How the images of a data set are named and listed. Every sample has fields: texts by name, found by a
/// pattern or in columns. docs/datasets.md tells how they become a label, a subject and attributes.
struct Layout {
  std::string read = "files";                       ///< files | lines | table
  std::string pattern = {};                         ///< of files and lines: NamePattern
  bool ignore_case = false;                         ///< in the pattern and in `values`
  std::vector<std::string> lists = {};              ///< files below the root, of lines and table
  std::map<std::string, std::string> columns = {};  ///< table: field -> column
  std::string image = {};                           ///< its path below the root, with fields in braces
  std::string pixels = {};      ///< in its place: a CSV file of 48x48 images, row by row beside the list
  std::string label_file = {};  ///< whose text is the label, with fields in braces and one * at most
  std::map<std::string, std::string> fields = {};  ///< further ones, with others in braces
  std::map<std::string, std::map<std::string, std::string>> values = {};  ///< what a field's texts mean
  SequenceRule sequence = {};
  VoteRule votes = {};
};

/// What `layout` finds below `root`. Files whose name does not fit, or whose label, image or split is none,
/// and rows that name a file outside `root`, are rejected with the reason. Throws a usage error for a pattern
/// that is none, a data error for lists that are missing or damaged.
Dataset read_layout(const std::filesystem::path& root, const Layout& layout, const LabelMap& labels);

}  // namespace fer
