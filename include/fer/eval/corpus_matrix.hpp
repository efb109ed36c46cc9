#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fer/eval/evaluation.hpp"

namespace fer {

/// What a classifier that was trained on one data set is worth on one.
struct CorpusCell {
  std::string tested_on;
  std::string part;  ///< "val", "test" or "all" of it
  bool own = false;  ///< the data set it was trained on, and no other
  std::int64_t samples = 0;
  double accuracy = 0;
  AccuracyInterval interval;
  double balanced_accuracy = 0;
  double macro_f1 = 0;
};

/// One classifier on every data set.
struct CorpusRow {
  std::string trained_on;
  std::vector<CorpusCell> cells;
  // Accuracies, where one cell is its own and others are not (Torralba & Efros 2011, table 1):
  std::optional<double> self = {};
  std::optional<double> others = {};  ///< mean over the other data sets
  std::optional<double> drop = {};    ///< from self to others, as a share of self
};

/// Every classifier on every data set; all rows have their cells in the same order.
struct CorpusMatrix {
  std::vector<CorpusRow> rows;
};

/// The cell of an evaluation; own where the two names are the same.
CorpusCell corpus_cell(const std::string& trained_on, const std::string& tested_on, const std::string& part,
                       const Evaluation& evaluation);

/// The row of these cells with self, others and drop.
CorpusRow corpus_row(const std::string& trained_on, std::vector<CorpusCell> cells);

}  // namespace fer
