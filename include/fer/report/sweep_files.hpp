#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "fer/eval/spread.hpp"
#include "fer/report/comparison_files.hpp"
#include "fer/report/overview_page.hpp"

namespace fer {

/// A run of a sweep, as its folder tells of it.
struct SweepRunResult {
  int number = 0;
  std::string variant = {};              ///< what varies besides seed and fold
  std::vector<std::string> values = {};  ///< of the sweep's keys
  std::uint64_t seed = 0;
  int fold = 0;                       ///< 0: no folds
  std::string state = {};             ///< "waiting", "begun", "failed" or "finished"
  std::optional<int> exit_code = {};  ///< of a failed one
  RunOverview overview = {};          ///< with figures if it is finished
};

/// The runs that differ in their seed or fold alone.
struct SweepVariant {
  std::string name = {};
  std::vector<std::string> values = {};
  int runs = 0;
  int finished = 0;
  Spread accuracy = {};  ///< over the finished runs, as below
  Spread macro_f1 = {};

  /// Of the test parts of all folds as one; the mean over the seeds that have all folds.
  struct Pooled {
    double accuracy = 0;
    double macro_f1 = 0;
  };
  std::optional<Pooled> pooled = {};
};

/// A sweep as far as it has come.
struct SweepReport {
  std::string name = {};
  std::vector<std::string> keys = {};  ///< that vary
  int folds = 0;                       ///< 0: none
  std::vector<SweepRunResult> runs = {};
  std::vector<SweepVariant> variants = {};          ///< best first, those without a finished run last
  std::optional<ComparisonReport> comparison = {};  ///< of variants on the same images
  std::string comparison_note = {};                 ///< what was compared, or why nothing was
};

/// The variants as a table, best first, what its figures are, and how many runs have finished.
std::string sweep_text(const SweepReport& report);

/// `number,name,<key>…,seed,fold,state,exit_code,part,samples,accuracy,accuracy_low,accuracy_high,macro_f1,ece`,
/// a row for each run; figures are empty where it has not finished, `fold` where there are none.
std::string sweep_csv(const SweepReport& report);

/// The text of report.html in `folder`: variants, their comparison and the runs, with links to these.
std::string sweep_page(const SweepReport& report, const std::filesystem::path& folder);

}  // namespace fer
