#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/tool_runs.hpp"
#include "fer/data/synthetic_dataset.hpp"
#include "support/temp_folder.hpp"

namespace fer::test {

/// Six drawn people seen from the front, 42 images, and small trainings on them.
class DrawnTraining {
 public:
  DrawnTraining() {
    SyntheticKdefOptions options;
    options.folder = faces();
    options.subjects = 6;
    options.sessions = 1;
    options.angles = {"S"};
    write_synthetic_kdef(options, {});
  }

  std::filesystem::path faces() const { return folder_ / "faces"; }
  std::filesystem::path path(const std::string& name) const { return folder_ / name; }

  /// One epoch from random weights, into runs/, on a terminal where it has columns.
  Outcome train(const std::vector<std::string>& more, std::size_t (*columns)() = nullptr) const {
    std::vector<std::string> arguments = {
        "--set",    "data.sources=[{kind: kdef, root: " + faces().string() + "}]",
        "--set",    "data.cache.folder=" + path("crops").string(),
        "--set",    "face.detector=none",
        "--set",    "model.weights=none",
        "--set",    "input.size=32",
        "--epochs", "1",
        "-o",       path("runs").string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(train_tool, arguments, columns);
  }

 private:
  TempFolder folder_;
};

}  // namespace fer::test
