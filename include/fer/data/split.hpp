#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "fer/data/dataset.hpp"

namespace fer {

/// What a sample is for; `unused`: for nothing.
enum class Part { train, val, test, unused };

/// "train", "val", "test" or "unused".
std::string part_name(Part part);

/// What split_samples() goes by; shares are 0..1.
struct SplitOptions {
  /// auto | subject | random | kfold | random_kfold | group_out | file | source
  std::string method = "auto";
  double val = 0.15;  ///< share of the subjects (subject, kfold) or of each class's samples (random…)
  double test = 0.0;  ///< likewise; with folds the test part is the fold
  std::uint64_t seed = 42;
  int folds = 10;                   ///< kfold, random_kfold: how many
  int fold = 1;                     ///< 1-based: the one that is tested; 0 names none
  std::string group = {};           ///< group_out: the attribute
  std::filesystem::path file = {};  ///< file
  bool each_source = false;         ///< divide each source by itself; auto always does
};

/// Which part, and which fold, each sample is in, in the order of the data set.
struct Split {
  std::string method = {};       ///< never "auto"; "each_source" where sources differ in it
  std::vector<Part> parts = {};  ///< of each sample
  std::vector<int> folds = {};   ///< of each sample, 1-based, 0: in none; empty where the method has no folds
  int fold = 0;                  ///< the one that is tested; 0 without folds
  std::size_t not_in_file = 0;   ///< samples the split file does not name; they are unused
  std::string group = {};        ///< group_out: the attribute
  std::string value = {};        ///< group_out: the attribute's value that is tested
};

/// Who goes where. A person is nowhere counted twice: AF01 and BF01 are one (person_of()).
/// auto:    for each source by itself subject where every sample's subject is known, else source where a
///          sample says its part, else random.
/// subject: nobody is in two parts; drawn within each sex where the data tell it, so that the parts are
/// alike. random:  drawn within each class; the same person may be in several parts. kfold:   assign_folds()
/// by subject; the fold is the test part, and `val` of the other subjects, drawn as
///          with subject, are the validation part.
/// random_kfold: the same by sample; the same person may be in several folds.
/// group_out: each value of the attribute, in alphabetical order, is a fold; samples whose value is not known
///          are unused. Of the others `val` are the validation part: where subjects are known nobody is in it
///          and in the training part.
/// file:    as a file says, by its column `split` (train, val, test or unused), or, where that is missing or
///          empty throughout, by its column `fold` with a validation part drawn by subject where the subjects
///          are known, else within each class. Its column `path` names a sample by its path, or by an ending
///          of it that begins after a '/' and fits one sample only; failing that, folders that all paths in
///          the file share are left aside. What it does not name is unused.
/// source:  as the data set itself says; samples without a word on it are left for training.
/// With `each_source` the samples of each source are divided as if there were no others (subject, random and
/// their folds).
/// Throws a usage error where the method does not fit the data (no subjects known, too few for the parts or
/// folds, no split named, no such fold), a data error for a file that is damaged, names images that are not
/// in the data (neither as samples nor as rejected or left out) or an image twice.
Split split_samples(const Dataset& dataset, const SplitOptions& options);

/// Throws a usage error where a split leaves no sample to train on or to validate with.
void require_parts(const Split& split);

/// The fold of each sample, 1-based; 0: in none (only with file). The same for every `options.fold`.
/// kfold: nobody is in two folds, and the folds are alike in the number of people of each sex and of images
/// of each class: people with most images first, each goes where the shares of those grow least even.
/// random_kfold: each class is dealt out evenly. group_out: the number of its value. file: its column `fold`.
/// Throws as split_samples() does, and a usage error for a method without folds.
std::vector<int> assign_folds(const Dataset& dataset, const SplitOptions& options);

/// The indices of the samples in a part, ascending.
std::vector<std::size_t> indices_of(std::span<const Part> parts, Part part);

/// People who are in more than one of train, val and test, sorted; a subject-disjoint split has none.
std::vector<std::string> shared_subjects(const Dataset& dataset, std::span<const Part> parts);

/// Names of the classes of which a part has no sample.
std::vector<std::string> absent_classes(const Dataset& dataset, std::span<const Part> parts, Part part);

/// The split file: path,label,subject,split,fold and, of several sources, source; one row per sample in data
/// set order, which method `file` reads. `parts` or `folds` may be empty: so is their column then.
std::string split_csv(const Dataset& dataset, std::span<const Part> parts, std::span<const int> folds);

}  // namespace fer
