#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "fer/data/dataset.hpp"

namespace fer {

enum class Part { train, val, test };

/// "train", "val" or "test".
std::string part_name(Part part);

struct SplitOptions {
  std::string method = "subject";  ///< subject | random | source
  double val = 0.15;               ///< share of the subjects (subject) or of each class's samples (random)
  double test = 0.0;
  std::uint64_t seed = 42;
};

/// The part of each sample.
/// subject: nobody is in two parts; drawn within each sex where the data tell it, so that the parts are
/// alike. random:  drawn within each class; the same person may be in several parts. source:  as the data set
/// itself says; samples without a word on it are left for training. Throws a usage error where the method
/// does not fit the data (no subjects known, too few, no split named).
std::vector<Part> split_samples(const Dataset& dataset, const SplitOptions& options);

/// The indices of the samples in a part, ascending.
std::vector<std::size_t> indices_of(std::span<const Part> parts, Part part);

/// Subjects that are in more than one part, sorted; what a subject-disjoint split has none of.
std::vector<std::string> shared_subjects(const Dataset& dataset, std::span<const Part> parts);

/// The split file: path,label,subject,split,fold (fold is empty), one row per sample in data set order.
std::string split_csv(const Dataset& dataset, std::span<const Part> parts);

}  // namespace fer
