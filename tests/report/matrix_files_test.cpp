#include "fer/report/matrix_files.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "fer/core/csv.hpp"

namespace fer {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::ordered_json;

CorpusCell cell(const std::string& trained_on, const std::string& tested_on, double accuracy) {
  Evaluation evaluation;
  evaluation.metrics.samples = tested_on == "lab" ? 42 : 700;
  evaluation.metrics.accuracy = accuracy;
  evaluation.metrics.accuracy_ci95 = {.low = accuracy - 0.05, .high = accuracy + 0.05};
  evaluation.metrics.balanced_accuracy = 0.25;
  evaluation.metrics.macro_f1 = 0.125;
  return corpus_cell(trained_on, tested_on, tested_on == "lab" ? "test" : "val", evaluation);
}

CorpusRow row(const std::string& trained_on, double lab, double wild) {
  return corpus_row(trained_on, {cell(trained_on, "lab", lab), cell(trained_on, "wild_faces", wild)});
}

CorpusMatrix two_by_two() {
  return {.rows = {row("lab", 0.75, 0.5), row("wild_faces", 0.625, 0.5), row("all-sources", 0.875, 0.625)}};
}

TEST(MatrixText, has_a_row_for_each_training_and_a_column_for_each_data_set) {
  const std::string text = matrix_text(two_by_two());
  EXPECT_THAT(text, AllOf(HasSubstr("lab (42 test)"), HasSubstr("wild_faces (700 val)"),
                          HasSubstr("Mean of others")));
  EXPECT_THAT(text, AllOf(HasSubstr("75.0 [70.0, 80.0]"), HasSubstr("33.3"), HasSubstr("-25.0")));
  EXPECT_THAT(text, HasSubstr("A validation part also chose the epoch"));
}

TEST(MatrixText, leaves_out_the_sums_where_no_row_has_a_data_set_of_its_own) {
  const CorpusMatrix given{.rows = {row("model-a", 0.75, 0.5)}};
  EXPECT_THAT(matrix_text(given), Not(HasSubstr("Self")));
}

TEST(MatrixFiles, are_tables_for_markdown_and_latex) {
  EXPECT_THAT(matrix_markdown(two_by_two()), HasSubstr("| lab | 75.0 [70.0, 80.0] |"));
  EXPECT_THAT(matrix_latex(two_by_two()),
              AllOf(HasSubstr("\\begin{tabular}"), HasSubstr("wild\\_faces"), HasSubstr("\\end{table}")));
}

TEST(MatrixCsv, has_a_row_for_each_cell) {
  const auto rows = parse_csv(matrix_csv(two_by_two()), "matrix.csv");
  ASSERT_EQ(rows.size(), 7U);
  EXPECT_THAT(rows[0].fields, ElementsAre("trained_on", "tested_on", "part", "own", "samples", "subjects",
                                          "accuracy", "low", "high", "balanced_accuracy", "macro_f1"));
  EXPECT_THAT(rows[2].fields, ElementsAre("lab", "wild_faces", "val", "0", "700", "", "0.5", "0.45", "0.55",
                                          "0.25", "0.125"));
  EXPECT_EQ(rows[4].fields[3], "1");
}

TEST(MatrixJson, tells_self_others_and_drop) {
  const Json json = Json::parse(matrix_json(two_by_two()));
  ASSERT_EQ(json["rows"].size(), 3U);
  EXPECT_EQ(json["rows"][0]["self"], 0.75);
  EXPECT_EQ(json["rows"][0]["others"], 0.5);
  EXPECT_TRUE(json["rows"][2]["self"].is_null());
  EXPECT_EQ(json["rows"][0]["cells"][1]["part"], "val");
  EXPECT_EQ(json["rows"][0]["cells"][0]["own"], true);
}

}  // namespace
}  // namespace fer
