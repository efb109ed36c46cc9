#pragma once

#include "fer/report/sweep_files.hpp"
#include "log.hpp"
#include "sweep_folder.hpp"

namespace fer {

/// What the runs' folders say, by variant, and a paired comparison of the variants on the same images: of the
/// seed at which most of them have all folds, the best twelve. The predictions of a variant's folds are put
/// together in variants/NAME/, the comparison is written to comparison/. Throws a data error for damaged
/// files.
SweepReport gather_sweep(const Sweep& sweep, const SweepFolder& folder, Log& log);

}  // namespace fer
