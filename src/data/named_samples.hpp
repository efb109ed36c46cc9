#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "fer/core/csv.hpp"
#include "fer/data/dataset.hpp"

namespace fer {

/// The samples that the rows of a list name in its column `path`.
struct NamedSamples {
  std::vector<std::size_t> of_row;        ///< SIZE_MAX for an image that was set aside or is unknown
  std::vector<std::string> unknown = {};  ///< paths of images that the data do not have
};

/// A path names a sample by itself, or by an ending that begins after a '/' and fits one sample only; failing
/// that, folders that all paths of the list share are left aside. Throws a data error for a list without such
/// a column, a path that fits several images, and for an image that stands there twice.
NamedSamples find_named_samples(const CsvTable& table, const Dataset& dataset);

}  // namespace fer
