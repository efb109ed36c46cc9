#include "fer/report/comparison_files.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "support/temp_folder.hpp"
#include "text_table.hpp"

namespace fer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// 80 images of 20 subjects; of each model the first so many are wrong.
ComparisonReport report_of(const std::vector<int>& wrong, const std::vector<std::string>& names) {
  ComparedSamples samples{.labels = {}, .clusters = {.by = "subject"}, .classes = 2};
  for (int i = 0; i < 80; ++i) {
    samples.labels.push_back(i % 2);
    samples.clusters.names.push_back(std::to_string(i % 20));
  }
  std::vector<ProbabilityRows> models;
  for (const int n : wrong) {
    ProbabilityRows& rows = models.emplace_back();
    for (int i = 0; i < 80; ++i) {
      const bool says_one = (i % 2 == 1) != (i < n);
      rows.push_back(says_one ? std::vector<float>{0.25F, 0.75F} : std::vector<float>{0.75F, 0.25F});
    }
  }
  return {.names = names, .comparison = compare_models(samples, models)};
}

TEST(ComparisonText, has_a_table_of_the_models_and_one_of_the_pairs) {
  const std::string text = comparison_text(report_of({4, 40, 4}, {"good", "bad", "again"}));
  EXPECT_THAT(text, StartsWith("Model   n  Accuracy % [95 % CI]  Balanced %  Macro-F1 %     κ    NLL   ECE\n"
                               "good   80     95.0 [91.3, 98.8]"));
  EXPECT_THAT(text, HasSubstr("\nFirst  Second  "));
  EXPECT_THAT(text, HasSubstr("\ngood      bad    +45.0 [41.3, 48.8]  "));
  EXPECT_THAT(text, HasSubstr("\nbad     again  -45.0 [-48.8, -41.3]  "));
  EXPECT_THAT(text,
              HasSubstr("The same 80 images for all models. Intervals are 95 %, by bootstrap by subject (20 "
                        "subjects, 2000 resamples).\n"));
  EXPECT_THAT(text, HasSubstr("over 3 pairs"));
}

TEST(ComparisonHtml, has_both_tables_sortable_by_their_numbers) {
  const std::string page = comparison_html(report_of({4, 40}, {"<b>good</b>", "bad"}));
  const auto holds = [&](std::string_view text) { return page.find(text) != std::string::npos; };
  EXPECT_TRUE(holds("<th scope=\"row\">&lt;b&gt;good&lt;/b&gt;</th>"));
  EXPECT_TRUE(holds("data-sort=\"95\">95.0 [91.3, 98.8]</td>"));
  EXPECT_TRUE(holds("data-sort=\"45\">+45.0 [41.3, 48.8]</td>"));
  EXPECT_TRUE(holds("<tr class=\"marked\">")) << "of the pair that differs";
  EXPECT_FALSE(holds("<b>good"));
}

TEST(ComparisonText, rounds_as_journals_do) {
  const std::string text = comparison_text(report_of({4, 40, 6}, {"good", "bad", "fair"}));
  EXPECT_THAT(text, HasSubstr("36 / 0  χ² = 34.03  < .001  < .001   .50      yes\n"));
  EXPECT_THAT(text, HasSubstr("2 / 0       exact    .500    .500   .50       no\n"));
  EXPECT_THAT(text, HasSubstr("0 / 34  χ² = 32.03  < .001  < .001  -.50      yes\n"));
  EXPECT_THAT(text, HasSubstr("  .900  "));   // kappa
  EXPECT_THAT(text, Not(HasSubstr("-0.0")));  // an interval's end that rounds to 0
}

TEST(ComparisonText, says_what_was_left_out_and_what_is_not_known) {
  ComparisonReport report = report_of({4, 40}, {"good", "bad"});
  report.left_out = 3;
  report.comparison.by = "sample";
  const std::string text = comparison_text(report);
  EXPECT_THAT(text, HasSubstr("; 3 that only some of them saw are left out."));
  EXPECT_THAT(text, HasSubstr("No subjects are known: they take images to be independent."));
  EXPECT_THAT(text, Not(HasSubstr("too narrow")));
  report.comparison.by = "subject";
  report.comparison.clusters = 19;
  EXPECT_THAT(comparison_text(report), HasSubstr("They are too narrow, as so few are drawn from."));
  report.comparison.clusters = 1;
  EXPECT_THAT(comparison_text(report), HasSubstr("No intervals, as there is only one subject."));
}

TEST(ComparisonMarkdown, escapes_what_would_be_markup) {
  const std::string text = comparison_markdown(report_of({4, 40}, {"a_b|c", "*bad*"}));
  EXPECT_THAT(text, StartsWith("| Model | n | "));
  EXPECT_THAT(text, HasSubstr("|\n|:---|---:|"));
  EXPECT_THAT(text, HasSubstr("| a\\_b\\|c | \\*bad\\* | +45.0 ["));
  EXPECT_THAT(text, HasSubstr("| \\< .001 |"));
}

TEST(ComparisonLatex, escapes_what_has_a_meaning) {
  EXPECT_EQ(latex_text("a_b%c&d#e$f{g}"), "a\\_b\\%c\\&d\\#e\\$f\\{g\\}");
  EXPECT_EQ(latex_text("\\~^|"), "\\textbackslash{}\\textasciitilde{}\\textasciicircum{}\\textbar{}");
  EXPECT_EQ(latex_text("< .001, χ² > κ"), "$<$ .001, $\\chi^2$ $>$ $\\kappa$");
  EXPECT_EQ(latex_text("two\nlines of Käthe"), "two lines of Käthe");
  const std::string text = comparison_latex(report_of({4, 40}, {"my_run", "50%"}));
  EXPECT_THAT(text, HasSubstr("\nmy\\_run & 50\\% & +45.0 ["));
  EXPECT_THAT(text, HasSubstr("\\begin{tabular}{lrrrrrrr}\n\\toprule\n"));
}

TEST(ComparisonLatex, is_set_by_latex) {
  if (std::system("pdflatex --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "needs pdflatex";
  const test::TempFolder folder;
  const auto report = report_of({4, 40, 3}, {"a_b%&#$\\{}~^|\"<>", "Käthe\n2", "x"});
  folder.write("comparison.tex", comparison_latex(report));
  folder.write("paper.tex",
               "\\documentclass{article}\n\\usepackage{booktabs}\n\\begin{document}\n\\input{comparison}\n"
               "\\end{document}\n");
  const std::string command =
      fmt::format("cd {} && pdflatex -interaction=nonstopmode -halt-on-error paper.tex > said 2>&1",
                  folder.path().string());
  EXPECT_EQ(std::system(command.c_str()), 0) << read_file(folder / "said");
  EXPECT_THAT(read_file(folder / "said"), Not(HasSubstr("Overfull")));
}

TEST(ComparisonCsv, is_one_table_of_figures_that_reads_back) {
  const ComparisonReport report = report_of({4, 40}, {"good", "bad, very"});
  const auto rows = parse_csv(comparison_csv(report), "comparison.csv");
  EXPECT_THAT(rows[0].fields,
              ElementsAre("model", "versus", "figure", "value", "low", "high", "p", "p_holm"));
  const auto row = [&](const std::string& model, const std::string& versus, const std::string& figure) {
    for (const CsvRow& one : rows) {
      if (one.fields[0] == model && one.fields[1] == versus && one.fields[2] == figure) return one.fields;
    }
    return std::vector<std::string>(8);
  };
  const auto& interval = report.comparison.models[1].intervals->kappa;
  EXPECT_THAT(row("bad, very", "", "kappa"),
              ElementsAre("bad, very", "", "kappa", "0", csv_number(interval->low),
                          csv_number(interval->high), "", ""));
  const PairComparison& pair = report.comparison.pairs[0];
  EXPECT_EQ(row("good", "bad, very", "accuracy_difference")[3], csv_number(pair.accuracy.value));
  EXPECT_EQ(row("good", "bad, very", "accuracy_difference")[6], csv_number(pair.accuracy.p));
  EXPECT_EQ(row("good", "bad, very", "macro_f1_difference")[4], csv_number(pair.macro_f1.interval->low));
  EXPECT_EQ(row("good", "bad, very", "only_model_right")[3], "36");
  EXPECT_EQ(row("good", "bad, very", "only_versus_right")[3], "0");
  EXPECT_EQ(row("good", "bad, very", "mcnemar_chi_squared")[7], csv_number(pair.p_holm));
  EXPECT_EQ(row("good", "bad, very", "cohens_g")[3], "0.5");
  EXPECT_EQ(row("good", "bad, very", "differs")[3], "1");
  for (const CsvRow& one : rows) EXPECT_EQ(one.fields.size(), 8U) << one.line;
}

TEST(ComparisonFiles, refuse_another_number_of_names_than_models) {
  const ComparisonReport report = report_of({4, 40}, {"only one"});
  for (const auto write : {comparison_text, comparison_markdown, comparison_latex, comparison_csv})
    EXPECT_THROW(write(report), Error);
}

}  // namespace
}  // namespace fer
