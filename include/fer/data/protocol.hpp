#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "fer/data/leakage.hpp"
#include "fer/data/split.hpp"
#include "fer/data/suspects.hpp"

namespace fer {

/// A split in numbers; what every output says of it comes from here.
struct SplitFacts {
  std::string method = {};                  ///< never "auto"; "each_source" where sources differ in it
  int folds = 0;                            ///< how many; 0: the method has none
  int fold = 0;                             ///< the test part; 0: none is
  std::array<std::size_t, 4> samples = {};  ///< of each Part
  std::size_t subjects = 0;                 ///< people known by name in train, val and test
  std::size_t shared_subjects = 0;          ///< of them in more than one of these
  std::size_t without_subject = 0;          ///< samples of these parts of whom it is not known
  std::size_t not_in_file = 0;              ///< samples the split file does not name
  std::size_t excluded = 0;                 ///< samples taken out because a later part has them, too
  DroppedSuspects suspects = {};            ///< data.drop_suspects
  std::vector<LeakGroup> leaks = {};        ///< that remain
  bool leakage_allowed = false;             ///< data.allow_leakage
  std::string group = {};                   ///< group_out: the attribute
  std::string value = {};                   ///< group_out: the value in the test part

  bool operator==(const SplitFacts&) const = default;
};

/// Counts; `leaks` are those that remain, `excluded` is what exclude_leaked() gave.
SplitFacts split_facts(const Dataset& dataset, const Split& split, std::span<const Leak> leaks,
                       std::size_t excluded);

/// One line for people: "random split, subjects shared (70 of 70)", "subject-disjoint 10-fold, fold 3", and
/// what was found and done: "; leakage allowed: 280 duplicates in train and val" ("leaking" where it is not).
std::string split_text(const SplitFacts& facts);

/// What a person should know beforehand, a line each: samples a file does not name, classes a part lacks,
/// leaks that are allowed, copies that were left out, suspects that are not there.
std::vector<std::string> split_warnings(const Dataset& dataset, const Split& split, const SplitFacts& facts);

/// Throws a data error that names the classes of which the training part has no sample.
void require_every_class(const Dataset& dataset, const Split& split);

/// What a part or a fold holds.
struct PartCounts {
  std::string name = {};  ///< "train", …, or the fold's number
  std::size_t samples = 0;
  std::size_t subjects = 0;                 ///< people known by name
  std::vector<std::size_t> per_class = {};  ///< samples of each
};

/// Of the parts that hold something, in their order.
std::vector<PartCounts> count_parts(const Dataset& dataset, std::span<const Part> parts);

/// Of the folds, in their order.
std::vector<PartCounts> count_folds(const Dataset& dataset, std::span<const int> folds);

}  // namespace fer
