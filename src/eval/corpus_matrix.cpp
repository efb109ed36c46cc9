#include "fer/eval/corpus_matrix.hpp"

#include <utility>

namespace fer {

CorpusCell corpus_cell(const std::string& trained_on, const std::string& tested_on, const std::string& part,
                       const Evaluation& evaluation) {
  const Metrics& metrics = evaluation.metrics;
  return {.tested_on = tested_on,
          .part = part,
          .own = trained_on == tested_on,
          .samples = metrics.samples,
          .accuracy = metrics.accuracy,
          .interval = accuracy_interval(evaluation),
          .balanced_accuracy = metrics.balanced_accuracy,
          .macro_f1 = metrics.macro_f1};
}

CorpusRow corpus_row(const std::string& trained_on, std::vector<CorpusCell> cells) {
  CorpusRow row{.trained_on = trained_on, .cells = std::move(cells)};
  double sum = 0;
  std::size_t others = 0;
  for (const CorpusCell& cell : row.cells) {
    if (cell.own) {
      row.self = cell.accuracy;
    } else {
      sum += cell.accuracy;
      ++others;
    }
  }
  if (!row.self || others == 0) {
    row.self.reset();
    return row;
  }
  row.others = sum / static_cast<double>(others);
  if (*row.self > 0) row.drop = (*row.self - *row.others) / *row.self;
  return row;
}

}  // namespace fer
