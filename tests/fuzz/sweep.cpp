#include "fer/config/sweep.hpp"

#include <array>
#include <set>

#include "target.hpp"

/// A sweep file over the smallest experiment; large ones are only read.
void fer::fuzz(std::string_view bytes) {
  static constexpr std::string_view kExperiment = "data: {sources: [{kind: kdef, root: faces}]}\n";
  const Sweep sweep = load_sweep(as_file(bytes, "sweep.yaml"));
  std::size_t runs =
      static_cast<std::size_t>(sweep.seed_count) * static_cast<std::size_t>(std::max(1, sweep.folds));
  for (const SweepKey& key : sweep.vary) runs = std::min<std::size_t>(runs * key.values.size(), 1000);
  if (runs > 10) return;
  const std::array files{as_file(kExperiment, "experiment.yaml")};
  std::set<std::string> names;
  for (const SweepRun& run : expand_sweep(sweep, files, {})) {
    require(run.name.find('/') == std::string::npos && !run.name.starts_with('.'),
            "a run that leaves its folder");
    require(names.insert(run.name).second, "two runs of one name");
  }
}
