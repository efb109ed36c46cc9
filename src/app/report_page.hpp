#pragma once

#include <filesystem>

#include "fer/report/training_page.hpp"
#include "fer/train/training_data.hpp"

namespace fer {

/// A page in `folder` that says what an experiment is and what data it had, so far without title and results.
TrainingPage page_of(const Experiment& experiment, const TrainingData& data,
                     const std::filesystem::path& folder);

/// Writes the page's report.html.
void write_page(const TrainingPage& page);

}  // namespace fer
