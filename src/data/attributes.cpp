#include "fer/data/attributes.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "some_of.hpp"

namespace fer {
namespace {

std::vector<std::string> attribute_names(const Dataset& dataset) {
  std::set<std::string> names;
  for (const Sample& sample : dataset.samples) {
    for (const auto& [name, value] : sample.attributes)
      if (!value.empty()) names.insert(name);
    if (!sample.subject.empty()) names.insert("subject");
    if (!sample.source.empty()) names.insert("source");
  }
  return {names.begin(), names.end()};
}

void require_known(const Dataset& dataset, const AllowedValues& allowed) {
  for (const auto& [attribute, values] : allowed) {
    require_attribute(dataset, attribute, "data.only");
    const std::vector<std::string> known = attribute_values(dataset, attribute);
    for (const std::string& value : values) {
      if (std::ranges::count(known, value)) continue;
      throw usage_error("data.only.{}: no sample has the value '{}'{} (known: {})", attribute, value,
                        did_you_mean(value, known), some_of(known, 12));
    }
  }
}

bool is_allowed(const Sample& sample, const AllowedValues& allowed) {
  return std::ranges::all_of(allowed, [&](const auto& entry) {
    return std::ranges::count(entry.second, attribute_of(sample, entry.first)) > 0;
  });
}

std::string bin_of(double value, const std::vector<double>& limits) {
  const auto above = std::ranges::upper_bound(limits, value);
  if (above == limits.begin()) return fmt::format("<{}", limits.front());
  if (above == limits.end()) return fmt::format("{}+", limits.back());
  return fmt::format("{}-{}", *(above - 1), *above);
}

}  // namespace

std::string attribute_of(const Sample& sample, const std::string& name) {
  if (name == "source") return sample.source;
  if (name == "subject") return sample.subject;
  const auto found = sample.attributes.find(name);
  return found == sample.attributes.end() ? "" : found->second;
}

std::vector<std::string> attribute_values(const Dataset& dataset, const std::string& name) {
  std::set<std::string> values;
  for (const Sample& sample : dataset.samples) values.insert(attribute_of(sample, name));
  values.erase("");
  return {values.begin(), values.end()};
}

void require_attribute(const Dataset& dataset, const std::string& name, const std::string& key) {
  const std::vector<std::string> names = attribute_names(dataset);
  if (std::ranges::count(names, name)) return;
  throw usage_error("{}: no sample has an attribute '{}'{} (known: {})", key, name, did_you_mean(name, names),
                    some_of(names, 12));
}

bool has_several_sources(const Dataset& dataset) {
  const auto differs = [&](const Sample& sample) { return sample.source != dataset.samples.front().source; };
  return std::ranges::any_of(dataset.samples, differs);
}

void bin_attributes(Dataset& dataset, const AttributeBins& bins) {
  for (const auto& [name, limits] : bins) {
    require_attribute(dataset, name, "data.bins");
    for (Sample& sample : dataset.samples) {
      const auto found = sample.attributes.find(name);
      if (found == sample.attributes.end() || trim(found->second).empty()) continue;
      const auto number = parse_number(trim(found->second));
      if (!number || !std::isfinite(*number)) {
        throw data_error("{}: its {} '{}' is no number, which data.bins needs", sample.path, name,
                         found->second);
      }
      found->second = bin_of(*number, limits);
    }
  }
}

void keep_only(Dataset& dataset, const AllowedValues& allowed) {
  require_known(dataset, allowed);
  std::vector<Sample> kept;
  for (Sample& sample : dataset.samples) {
    if (is_allowed(sample, allowed)) {
      kept.push_back(std::move(sample));
    } else {
      dataset.left_out.push_back(std::move(sample.path));
    }
  }
  if (kept.empty()) throw usage_error("data.only: no sample fits all of it");
  dataset.samples = std::move(kept);
}

}  // namespace fer
