#pragma once

#include <string>
#include <vector>

#include "fer/data/dataset.hpp"

namespace fer {

/// Who is in the samples, numbered in the order of their first ones.
struct People {
  std::vector<std::size_t> of_sample;
  std::vector<std::string> sex;  ///< of each person, as their first sample says; empty: it does not
};

/// A sample whose subject is not known stands for a person of its own.
People everybody_in(const Dataset& dataset);

/// Throws a usage error that names a sample whose subject is not known and what to use in place of `method`.
void require_subjects(const Dataset& dataset, const std::string& method);

/// everybody_in() where all subjects are known; throws as require_subjects() does.
People people_in(const Dataset& dataset, const std::string& method);

bool knows_all_subjects(const Dataset& dataset);

}  // namespace fer
