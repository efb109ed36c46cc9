#include "report_page.hpp"

#include "fer/config/load.hpp"
#include "fer/core/files.hpp"

namespace fer {

TrainingPage page_of(const Experiment& experiment, const TrainingData& data,
                     const std::filesystem::path& folder) {
  const Dataset& dataset = data.faces.dataset;
  TrainingPage page;
  page.classes = dataset.classes;
  page.protocol = split_text(data.split);
  page.warnings = data.warnings;
  page.data = {
      .counts = data.parts.empty() ? count_folds(dataset, data.folds) : count_parts(dataset, data.parts),
      .rejected = dataset.rejected,
      .left_out = dataset.left_out.size(),
      .faces_found = data.faces.faces_found,
      .faces_missing = data.faces.faces_missing,
      .split = data.split};
  page.folder = folder;
  page.config = dump_experiment(experiment);
  return page;
}

void write_page(const TrainingPage& page) { write_file(page.folder / "report.html", training_page(page)); }

}  // namespace fer
