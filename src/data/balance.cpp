#include "fer/data/balance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "fer/core/text.hpp"
#include "fer/data/attributes.hpp"

namespace fer {
namespace {

using Combination = std::vector<std::string>;

Combination combination_of(const Dataset& dataset, const Sample& sample,
                           std::span<const std::string> attributes) {
  Combination values;
  for (const std::string& name : attributes)
    values.push_back(name == "label" ? dataset.classes.name(sample.label) : attribute_of(sample, name));
  return values;
}

std::map<Combination, std::size_t> count_combinations(const Dataset& dataset,
                                                      std::span<const std::size_t> samples,
                                                      std::span<const std::string> attributes) {
  std::map<Combination, std::size_t> counts;
  for (const std::size_t sample : samples)
    ++counts[combination_of(dataset, dataset.samples[sample], attributes)];
  return counts;
}

double weight_of(const std::string& source, const BalanceOptions& options) {
  const auto found = options.source_weights.find(source);
  return found == options.source_weights.end() ? 1 : found->second;
}

std::string combination_text(const Combination& values) {
  std::vector<std::string> texts;
  for (const std::string& value : values) texts.push_back(value.empty() ? "unknown" : value);
  return join(texts, ", ");
}

}  // namespace

std::vector<double> sampling_weights(const Dataset& dataset, std::span<const std::size_t> samples,
                                     const BalanceOptions& options) {
  for (const std::string& name : options.attributes)
    if (name != "label") require_attribute(dataset, name, "train.balance");
  const auto counts = count_combinations(dataset, samples, options.attributes);
  std::vector<double> weights;
  for (const std::size_t i : samples) {
    const Sample& sample = dataset.samples[i];
    const auto alike = static_cast<double>(counts.at(combination_of(dataset, sample, options.attributes)));
    weights.push_back(weight_of(sample.source, options) / (options.attributes.empty() ? 1 : alike));
  }
  const bool same = std::ranges::all_of(weights, [&](double weight) { return weight == weights.front(); });
  if (options.attributes.empty() && same) return {};
  const double mean =
      std::accumulate(weights.begin(), weights.end(), 0.0) / static_cast<double>(weights.size());
  for (double& weight : weights) weight /= mean;
  return weights;
}

std::string balance_text(const Dataset& dataset, std::span<const std::size_t> samples,
                         const BalanceOptions& options) {
  const std::vector<double> weights = sampling_weights(dataset, samples, options);
  if (weights.empty()) return "every image once an epoch";
  const auto most = std::ranges::max_element(weights);
  const Sample& repeated = dataset.samples[samples[static_cast<std::size_t>(most - weights.begin())]];
  if (options.attributes.empty())
    return fmt::format("drawn by the weights of the sources, images of {} {:.3g} times an epoch",
                       repeated.source, *most);
  const auto counts = count_combinations(dataset, samples, options.attributes);
  const Combination combination = combination_of(dataset, repeated, options.attributes);
  return fmt::format(
      "drawn evenly over {} combinations of {}; images of {} ({}) come most often, {:.3g} times an epoch",
      counts.size(), join(options.attributes, " and "), combination_text(combination), counts.at(combination),
      *most);
}

}  // namespace fer
