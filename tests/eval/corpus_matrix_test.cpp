#include "fer/eval/corpus_matrix.hpp"

#include <gtest/gtest.h>

namespace fer {
namespace {

Evaluation with_accuracy(double accuracy) {
  Evaluation evaluation;
  evaluation.metrics.samples = 50;
  evaluation.metrics.accuracy = accuracy;
  evaluation.metrics.accuracy_ci95 = {.low = accuracy - 0.1, .high = accuracy + 0.1};
  return evaluation;
}

CorpusRow row_of(const std::string& trained_on) {
  return corpus_row(trained_on, {corpus_cell(trained_on, "lab", "test", with_accuracy(0.8)),
                                 corpus_cell(trained_on, "wild", "test", with_accuracy(0.5)),
                                 corpus_cell(trained_on, "films", "val", with_accuracy(0.3))});
}

TEST(CorpusRow, compares_its_own_data_set_with_the_mean_of_the_others) {
  const CorpusRow row = row_of("lab");
  EXPECT_TRUE(row.cells[0].own);
  EXPECT_FALSE(row.cells[1].own);
  EXPECT_DOUBLE_EQ(row.self.value(), 0.8);
  EXPECT_DOUBLE_EQ(row.others.value(), 0.4);
  EXPECT_DOUBLE_EQ(row.drop.value(), 0.5);
}

TEST(CorpusRow, of_something_else_has_no_own_data_set) {
  const CorpusRow row = row_of("all-sources");
  EXPECT_FALSE(row.self || row.others || row.drop);
  EXPECT_FALSE(corpus_row("lab", {corpus_cell("lab", "lab", "val", with_accuracy(0.8))}).self);
}

TEST(AccuracyIntervalOf, an_evaluation_is_the_wider_one_where_five_people_are_known) {
  Evaluation evaluation = with_accuracy(0.8);
  evaluation.intervals.emplace();
  evaluation.intervals->by = "subject";
  evaluation.intervals->clusters = 5;
  evaluation.intervals->accuracy = {.low = 0.6, .high = 0.85};
  EXPECT_EQ(accuracy_interval(evaluation).ci95, (Interval{.low = 0.6, .high = 0.9}));
  EXPECT_EQ(accuracy_interval(evaluation).subjects, 5U);
  evaluation.intervals->clusters = 4;
  EXPECT_EQ(accuracy_interval(evaluation).ci95, evaluation.metrics.accuracy_ci95);
  EXPECT_EQ(accuracy_interval(evaluation).subjects, 0U);
}

}  // namespace
}  // namespace fer
