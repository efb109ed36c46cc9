#include <array>

#include "fer/config/load.hpp"
#include "target.hpp"

/// An experiment file; what was read is written and read again as the same.
void fer::fuzz(std::string_view bytes) {
  const std::array files{as_file(bytes, "experiment.yaml")};
  const Experiment experiment = load_experiment(files, {});
  const std::array dumped{as_file(dump_experiment(experiment), "dumped.yaml")};
  require(load_experiment(dumped, {}) == experiment, "another experiment after writing");
}
