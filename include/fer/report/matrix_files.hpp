#pragma once

#include <string>

#include "fer/eval/corpus_matrix.hpp"

namespace fer {

/// The matrix as a table, rows trained on, columns tested on: accuracy in per cent with its 95 % interval,
/// and where they are known self, the mean of the others and the drop; below it how to read it. At least one
/// row.
std::string matrix_text(const CorpusMatrix& matrix);
/// The same table in Markdown.
std::string matrix_markdown(const CorpusMatrix& matrix);

/// A `table` for a document that uses the package booktabs.
std::string matrix_latex(const CorpusMatrix& matrix);

/// `trained_on,tested_on,part,own,samples,subjects,accuracy,low,high,balanced_accuracy,macro_f1`, a row for
/// each cell, shares 0..1; `own` is 1 or 0, `subjects` empty where the interval is Wilson's.
std::string matrix_csv(const CorpusMatrix& matrix);

/// The same as JSON, with self, others and drop of each row (null: there is none).
std::string matrix_json(const CorpusMatrix& matrix);

}  // namespace fer
