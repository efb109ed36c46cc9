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

/// Throws a usage error that names a sample whose subject is not known and what to use in place of `method`.
People people_in(const Dataset& dataset, const std::string& method);

bool knows_all_subjects(const Dataset& dataset);

}  // namespace fer
