#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fer/eval/comparison.hpp"

namespace fer {

/// A comparison and what its models are called, in their order.
struct ComparisonReport {
  std::vector<std::string> names;  ///< of the models, all different
  Comparison comparison;
  std::int64_t left_out = 0;  ///< images that only some of the models saw
};

/// Two tables, the models and the pairs of them, and what they mean; rounded as journals do (p < .001, no 0
/// before the point of what cannot exceed 1). Each throws a failure for another number of names than models.
std::string comparison_text(const ComparisonReport& report);
/// The same tables in Markdown.
std::string comparison_markdown(const ComparisonReport& report);

/// Two `table`s for a document that uses the package booktabs.
std::string comparison_latex(const ComparisonReport& report);

/// comparison.html: a page that is one file, with tables the reader can sort.
std::string comparison_html(const ComparisonReport& report);

/// What stands in it, for another page: two sections.
std::string comparison_sections(const ComparisonReport& report);

/// `model,versus,figure,value,low,high,p,p_holm`, a row for each figure, unrounded: `versus` is empty for a
/// model's own figures; a pair's are accuracy_difference, macro_f1_difference, only_model_right,
/// only_versus_right, mcnemar_exact or mcnemar_chi_squared, cohens_g and differs (1 or 0).
std::string comparison_csv(const ComparisonReport& report);

}  // namespace fer
