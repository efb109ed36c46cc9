#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "fer/data/dataset.hpp"

namespace fer {

/// What the samples of an epoch are balanced by, and how much sources weigh beside.
struct BalanceOptions {
  std::vector<std::string> attributes = {};           ///< `label`, `source`, `subject` or the data's own
  std::map<std::string, double> source_weights = {};  ///< by name, above 0; 1 for a source that is not here
};

/// How many times an epoch each of these samples is drawn, on average: the weights of BatchOrder, their mean
/// is 1. Empty where each is to come once: nothing to balance by, and all sources weigh the same.
///
/// Every combination of values that occurs among the samples has the same chance, and each sample of it the
/// same share of that (group-balanced sampling: Sagawa et al. 2020, Idrissi et al. 2022, whose groups are
/// such combinations, too); then comes the weight of the sample's source. Balancing each attribute by itself
/// would leave them dependent on one another, and that a model learns: happy because Asian. A value that is
/// not known is a value of its own; combinations that do not occur count nothing.
///
/// Throws a usage error for an attribute that none of all samples has.
std::vector<double> sampling_weights(const Dataset& dataset, std::span<const std::size_t> samples,
                                     const BalanceOptions& options);

/// What balancing does to these samples, in a line: how many combinations there are, and how often the images
/// of the rarest are repeated.
std::string balance_text(const Dataset& dataset, std::span<const std::size_t> samples,
                         const BalanceOptions& options);

}  // namespace fer
