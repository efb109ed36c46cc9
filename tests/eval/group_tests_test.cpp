// The statistics behind the error analysis, against SciPy and statsmodels.
#include <gmock/gmock.h>

#include <algorithm>
#include <limits>

#include "distributions.hpp"
#include "fer/eval/bins.hpp"
#include "fer/eval/holm.hpp"
#include "fer/eval/two_shares.hpp"
#include "support/golden.hpp"

namespace fer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const nlohmann::json& groups_golden() {
  static const auto parsed = golden_json("groups.json");
  return parsed;
}

void expect_close(double found, double expected) {
  EXPECT_NEAR(found, expected, 1e-8 * std::abs(expected) + 1e-12);
}

TEST(TwoShares, are_tested_and_told_apart_as_scipy_and_statsmodels_do) {
  for (const auto& known : groups_golden()["two_shares"]) {
    const Hits a{.hits = known["a"][0], .trials = known["a"][1]};
    const Hits b{.hits = known["b"][0], .trials = known["b"][1]};
    SCOPED_TRACE(known["a"].dump() + known["b"].dump());
    EXPECT_NEAR(fisher_exact_p(a, b), known["p"], 1e-7 * known["p"].get<double>());
    EXPECT_DOUBLE_EQ(fisher_exact_p(a, b), fisher_exact_p(b, a));
    expect_close(newcombe_interval(a, b).low, known["interval"][0]);
    expect_close(newcombe_interval(a, b).high, known["interval"][1]);
  }
}

TEST(StudentsT, is_scipys) {
  for (const auto& known : groups_golden()["students_t"]) {
    SCOPED_TRACE(known.dump());
    expect_close(student_t_p(known["t"], known["degrees"]), known["p"]);
    expect_close(student_t_p(-known["t"].get<double>(), known["degrees"]), known["p"]);
    expect_close(student_t_beyond(0.05, known["degrees"]), known["t95"]);
  }
  EXPECT_EQ(student_t_p(std::numeric_limits<double>::infinity(), 5), 0);
}

TEST(Holm, adjusts_as_statsmodels_does) {
  for (const auto& known : groups_golden()["holm"]) {
    const std::vector<double> adjusted = holm_adjusted(known["p"].get<std::vector<double>>());
    ASSERT_EQ(adjusted.size(), known["adjusted"].size());
    for (std::size_t i = 0; i < adjusted.size(); ++i) expect_close(adjusted[i], known["adjusted"][i]);
  }
  EXPECT_THAT(holm_adjusted({}), IsEmpty());
}

TEST(QuartileBins, are_cut_where_numpy_has_the_quartiles) {
  for (const auto& known : groups_golden()["quartiles"]) {
    const auto values = known["values"].get<std::vector<double>>();
    const auto edges = known["edges"].get<std::vector<double>>();
    const Bins bins = quartile_bins(values);
    for (std::size_t i = 0; i < values.size(); ++i) {
      for (std::size_t j = 0; j < values.size(); ++j) {
        const auto exceeded = [&](double value) {
          return std::ranges::count_if(edges, [&](double edge) { return value > edge; });
        };
        EXPECT_EQ(bins.of[i] < bins.of[j], exceeded(values[i]) < exceeded(values[j]))
            << values[i] << values[j];
      }
    }
    EXPECT_EQ(*std::ranges::max_element(bins.of) + 1, static_cast<int>(bins.names.size()));
  }
}

TEST(QuartileBins, hold_a_quarter_each_and_name_their_range) {
  const Bins bins = quartile_bins(std::vector<double>{10, 40.4, 20, 30, 50, 80, 60, 70});
  EXPECT_THAT(bins.of, ElementsAre(0, 1, 0, 1, 2, 3, 2, 3));
  EXPECT_THAT(bins.names, ElementsAre("10.0-20.0", "30.0-40.4", "50.0-60.0", "70.0-80.0"));
}

TEST(QuartileBins, are_fewer_where_values_coincide) {
  const Bins one = quartile_bins(std::vector<double>{48, 48, 48});
  EXPECT_THAT(one.of, ElementsAre(0, 0, 0));
  EXPECT_THAT(one.names, ElementsAre("48"));
  const Bins two = quartile_bins(std::vector<double>{48, 48, 48, 48, 48, 60, 52});
  EXPECT_THAT(two.of, ElementsAre(0, 0, 0, 0, 0, 1, 1));
  EXPECT_THAT(two.names, ElementsAre("48.0", "52.0-60.0"));
}

TEST(QuartileBins, leave_out_what_is_not_known) {
  const double unknown = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(quartile_bins(std::vector<double>{unknown, 3, unknown}).of, ElementsAre(-1, 0, -1));
  EXPECT_THAT(quartile_bins(std::vector<double>{unknown, unknown}).names, IsEmpty());
  EXPECT_THAT(quartile_bins({}).of, IsEmpty());
}

TEST(QuartileBins, have_names_that_tell_them_apart) {
  // One far value would round the others to the same text.
  std::vector<double> values = {1e6, -0.0001};
  for (int i = 0; i < 40; ++i) values.push_back(0.01 * i);
  const Bins bins = quartile_bins(values);
  ASSERT_EQ(bins.names.size(), 4U);
  auto names = bins.names;
  std::ranges::sort(names);
  EXPECT_TRUE(std::ranges::adjacent_find(names) == names.end()) << testing::PrintToString(names);
  EXPECT_THAT(bins.names[0], testing::HasSubstr("0.0"));
  EXPECT_THAT(quartile_bins(std::vector<double>{-5, -4, 3, 9}).names[0], "-5.0");
}

}  // namespace
}  // namespace fer
