#pragma once

#include <string>

#include "export_options.hpp"

namespace fer {

/// Quantises a checkpoint by labelled images and measures what that costs. Of an experiment's or the run's
/// own data, the training part chooses the scales and the validation part measures; of other data, images
/// that are drawn from them choose and the others measure. The file is read back before it appears. Returns
/// the loss, for people.
std::string export_int8(const ExportOptions& options, Log& log);

}  // namespace fer
