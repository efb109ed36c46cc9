#pragma once

#include <map>
#include <string>
#include <vector>

namespace fer {

/// Images of a sequence that are samples.
struct SequenceConfig {
  std::vector<std::string> by = {};  ///< fields that tell sequences apart; empty: every image stands alone
  int last = 0;                      ///< images at the end, with the sequence's label; 0: all
  int first = 0;                     ///< images at the beginning, with first_label
  std::string first_label = "neutral";
  bool operator==(const SequenceConfig&) const = default;
};

/// How several people's votes become a label and the share of each class.
struct VotesConfig {
  std::vector<std::string> columns = {};  ///< the number of votes for the class of that name; empty: no votes
  std::vector<std::string> others = {};   ///< votes for something that is no class
  int min_votes = 0;                      ///< fewer count as none
  double majority = 0;                    ///< share of all votes the label needs more than
  bool operator==(const VotesConfig&) const = default;
};

/// How the images of a data set are named and listed; configs/datasets/ has ready ones.
struct LayoutConfig {
  std::string read = "files";    ///< files | lines | table
  std::string pattern = "none";  ///< of files and lines
  bool ignore_case = false;
  std::vector<std::string> lists = {};              ///< files below the root, of lines and table
  std::map<std::string, std::string> columns = {};  ///< table: field -> column
  std::string image = "none";                       ///< its path below the root, with fields in braces
  std::string pixels = "none";                      ///< table: a CSV file with the images, row by row
  std::string label_file = "none";                  ///< whose text is the label
  std::map<std::string, std::string> fields = {};   ///< further ones, made of others
  std::map<std::string, std::map<std::string, std::string>> values = {};  ///< what a field's texts mean
  SequenceConfig sequence = {};
  VotesConfig votes = {};
  bool operator==(const LayoutConfig&) const = default;
};

}  // namespace fer
