#include "votes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "readers.hpp"

namespace fer {
namespace {

std::vector<double> counted(std::span<const double> votes, double least) {
  std::vector<double> counts;
  for (const double number : votes) counts.push_back(number < least ? 0 : number);
  return counts;
}

double sum(std::span<const double> values) { return std::accumulate(values.begin(), values.end(), 0.0); }

VoteResult none(std::string reason) { return {.reason = std::move(reason)}; }

}  // namespace

VoteResult count_votes(const VoteRule& rule, std::span<const double> votes, std::span<const double> others,
                       const LabelMap& labels) {
  const std::vector<double> of_classes = counted(votes, rule.min_votes);
  const std::vector<double> of_others = counted(others, rule.min_votes);
  const double all = sum(of_classes) + sum(of_others);
  if (all == 0) return none("nothing has votes enough");
  const auto most = std::ranges::max_element(of_classes);
  const auto most_other = std::ranges::max_element(of_others);
  if (most_other != of_others.end() && *most_other >= *most)
    return none(fmt::format("most votes are for '{}'",
                            rule.others[static_cast<std::size_t>(most_other - of_others.begin())]));
  if (rule.majority > 0 && *most <= rule.majority * all)
    return none(fmt::format("nothing has more than {} % of the votes", 100 * rule.majority));

  const std::string& word = rule.columns[static_cast<std::size_t>(most - of_classes.begin())];
  if (!labels.find(word)) {
    return {.reason = "its emotion " + not_a_class(word, labels),
            .unknown_class = labels.leaves_out(word) ? "" : word};
  }
  VoteResult result{.shares = std::vector<float>(static_cast<std::size_t>(labels.classes().size()))};
  double of_known = 0;
  for (std::size_t i = 0; i < of_classes.size(); ++i) {
    if (labels.find(rule.columns[i])) of_known += of_classes[i];
  }
  for (std::size_t i = 0; i < of_classes.size(); ++i) {
    if (const auto label = labels.find(rule.columns[i]))
      result.shares[static_cast<std::size_t>(*label)] += static_cast<float>(of_classes[i] / of_known);
  }
  result.label = static_cast<int>(std::ranges::max_element(result.shares) - result.shares.begin());
  return result;
}

}  // namespace fer
