#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fer/core/labels.hpp"
#include "fer/data/layout.hpp"

namespace fer {

/// What people's votes on an image come to: a label with its share and those of the other classes, or why
/// there is none.
struct VoteResult {
  int label = 0;
  std::vector<float> shares = {};  ///< of each class, sum 1
  std::string reason = {};         ///< empty: there is a label
  std::string unknown_class = {};  ///< the word that won and is no class
};

/// `votes` and `others` are in step with the rule's columns. Votes for words that are no class, or that the
/// source leaves out, count for the majority and drop out of the shares. Of classes with as many votes the
/// one that comes first in the list of classes is the label.
VoteResult count_votes(const VoteRule& rule, std::span<const double> votes, std::span<const double> others,
                       const LabelMap& labels);

}  // namespace fer
