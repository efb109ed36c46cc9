#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

#include "fer/model/predictor.hpp"

namespace fer {

/// How a predictor computes.
struct PredictorWays {
  /// All calls are done by one thread, and crops are filled up to padded_rows(). cuDNN plans anew, which
  /// takes longer than the computing, for every thread and every number of rows: this leaves it a few of
  /// them.
  bool serial_and_padded = false;

  c10::ScalarType type = c10::ScalarType::Float;  ///< of maps and weights
};

/// What suits a device, which has nothing to plan if it is a CPU, and the precision of PredictorOptions.
PredictorWays ways_for(c10::Device device, const std::string& precision);

/// The power of two, 16 at least, that holds so many rows.
std::size_t padded_rows(std::size_t rows);

/// load_predictor() on a device that was chosen, in ways of the caller's choice.
std::unique_ptr<LogitPredictor> load_predictor(const std::filesystem::path& checkpoint, c10::Device device,
                                               PredictorWays ways);

}  // namespace fer
