#pragma once

#include <map>
#include <string>
#include <vector>

#include "fer/data/dataset.hpp"

namespace fer {

/// What is known of a sample by the attribute's name: one of its own attributes, or `source` or `subject`,
/// which are two of every sample. Empty: not known.
std::string attribute_of(const Sample& sample, const std::string& name);

/// The values that samples have of an attribute, sorted, without the empty one.
std::vector<std::string> attribute_values(const Dataset& dataset, const std::string& name);

/// Throws a usage error that begins with `key`, names the nearest attribute and lists those there are, if no
/// sample has a value of it.
void require_attribute(const Dataset& dataset, const std::string& name, const std::string& key);

/// Whether the samples come from more than one source.
bool has_several_sources(const Dataset& dataset);

/// Limits of ranges, ascending numbers, by attribute.
using AttributeBins = std::map<std::string, std::vector<double>>;

/// Puts ranges in place of an attribute's numbers: of the limits 18 and 60 they are called "<18", "18-60" and
/// "60+", and a limit belongs to the range it begins. What is not known stays so. Throws a usage error for an
/// attribute that no sample has, a data error that names a sample whose value is no number.
void bin_attributes(Dataset& dataset, const AttributeBins& bins);

}  // namespace fer
