#pragma once

#include <filesystem>

#include "fer/data/dataset.hpp"

namespace fer {

/// Gives the samples of one source the attributes of a CSV table whose column `path` names an image as split
/// files do, or else whose column `subject` names a person (see person_of()): every further column is an
/// attribute, an empty field is not known. Beside `path`, a column `subject` says who is in the image.
///
/// Rows about nobody in the data and samples without a row become a warning each, with their number. Throws a
/// data error for a table without one of the two columns or without an attribute, for an attribute called
/// `label`, `source` or `split`, for a row that is there twice, if no row fits any sample, and where the
/// table contradicts what the source itself says.
void join_attributes(const std::filesystem::path& path, Dataset& dataset);

}  // namespace fer
