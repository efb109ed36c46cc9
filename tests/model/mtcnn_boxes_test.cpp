#include "mtcnn_boxes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "fer/core/random.hpp"
#include "fer/vision/boxes.hpp"

namespace fer {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

TEST(MtcnnPyramidTest, GoesDownToTheSizeOfAWindow) {
  const auto levels = pyramid_levels({1280, 720}, 72);
  ASSERT_THAT(levels, SizeIs(7));
  EXPECT_EQ(levels[0].size, cv::Size(214, 121));
  EXPECT_EQ(levels[1].size, cv::Size(152, 86));
  EXPECT_EQ(levels[6].size, cv::Size(28, 16));
  EXPECT_DOUBLE_EQ(levels[1].scale, 12.0 / 72 * 0.709);
}

TEST(MtcnnPyramidTest, IsEmptyWhereNoFaceHasRoom) {
  EXPECT_THAT(pyramid_levels({500, 19}, 20), IsEmpty());
  EXPECT_THAT(pyramid_levels({1, 1}, 20), IsEmpty());
  EXPECT_THAT(pyramid_levels({0, 0}, 20), IsEmpty());
  const auto levels = pyramid_levels({20, 500}, 20);
  ASSERT_THAT(levels, SizeIs(1));
  EXPECT_EQ(levels[0].size, cv::Size(13, 301));
}

TEST(MtcnnWindowTest, IsTwelvePixelsEveryTwoOfALevel) {
  EXPECT_EQ(window_of({.column = 0, .row = 3, .score = 1, .shift = {}}, 0.5), (Edges{2, 14, 24, 36}));
  EXPECT_EQ(window_of({.column = 2, .row = 0, .score = 1, .shift = {}}, 0.6), (Edges{8, 1, 26, 20}));
}

std::vector<Cell> random_cells(Rng& rng, const PyramidLevel& level, double density) {
  std::vector<Cell> cells;
  for (int row = 0; row < (level.size.height - 1) / 2 - 4; ++row) {
    for (int column = 0; column < (level.size.width - 1) / 2 - 4; ++column) {
      // Few different scores, so that many are equal.
      if (!rng.chance(density)) continue;
      cells.push_back(
          {.column = column, .row = row, .score = static_cast<float>(rng.below(20)) / 20, .shift = {}});
    }
  }
  return cells;
}

TEST(MtcnnSuppressionTest, OfCellsIsTheOneOfTheirWindows) {
  Rng rng(3);
  for (const double min_face : {20.0, 21.3, 50.0, 333.0}) {
    for (const PyramidLevel& level : pyramid_levels({400, 350}, min_face)) {
      const auto cells = random_cells(rng, level, 0.6);
      std::vector<cv::Rect2f> boxes;
      std::vector<float> scores;
      for (const Cell& cell : cells) {
        boxes.push_back(window_of(cell, level.scale).rect());
        scores.push_back(cell.score);
      }
      const auto expected = suppress(boxes, scores, 0.5F);
      const auto kept = suppress_cells(cells, level);
      ASSERT_EQ(kept.size(), expected.size()) << level.scale;
      for (std::size_t i = 0; i < kept.size(); ++i) {
        EXPECT_EQ(kept[i].column, cells[expected[i]].column);
        EXPECT_EQ(kept[i].row, cells[expected[i]].row);
      }
    }
  }
}

TEST(MtcnnSuppressionTest, HasNothingToDoBetweenLevels) {
  for (const double min_face : {20.0, 23.7, 64.0, 200.0}) {
    const auto levels = pyramid_levels({600, 600}, min_face);
    for (std::size_t i = 0; i + 1 < levels.size(); ++i) {
      for (int small = 0; small < 20; ++small) {
        for (int large = 0; large < 20; ++large) {
          const Edges a =
              window_of({.column = small, .row = small, .score = 1, .shift = {}}, levels[i].scale);
          const Edges b =
              window_of({.column = large, .row = large, .score = 1, .shift = {}}, levels[i + 1].scale);
          EXPECT_LT(overlap(a.rect(), b.rect()), 0.7F);
        }
      }
    }
  }
}

TEST(MtcnnBoxTest, MovesItsSidesByShares) {
  EXPECT_EQ(shifted({10, 20, 30, 60}, {0.1F, -0.25F, 0.5F, 0}, 0), (Edges{12, 10, 40, 60}));
  EXPECT_EQ(shifted({10, 20, 29, 59}, {0.1F, -0.25F, 0.5F, 0}, 1), (Edges{12, 10, 39, 59}));
}

TEST(MtcnnBoxTest, BecomesAsLargeAsItsLongerSide) {
  EXPECT_EQ(squared({10, 20, 30, 60}), (Edges{0, 20, 40, 60}));
  EXPECT_EQ(squared({10, 20, 50, 30}), (Edges{10, 5, 50, 45}));
}

TEST(MtcnnBoxTest, CountsPixelsFromOne) {
  EXPECT_EQ(pixels_of({5, 6, 9, 12}, {100, 100}), cv::Rect(4, 5, 5, 7));
  EXPECT_EQ(pixels_of({5.9F, 6.9F, 9.9F, 12.9F}, {100, 100}), cv::Rect(4, 5, 5, 7));
}

TEST(MtcnnBoxTest, IsCutAtTheImage) {
  EXPECT_EQ(pixels_of({-7, 0.5F, 9, 300}, {30, 20}), cv::Rect(0, 0, 9, 20));
  EXPECT_EQ(pixels_of({29, 3, 1e30F, 4}, {30, 20}), cv::Rect(28, 2, 2, 2));
}

TEST(MtcnnBoxTest, HasNoPixelsOutsideTheImageOrWithoutNumbers) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  for (const Edges& box : {Edges{31, 2, 40, 9},
                           {-9, 2, 0.9F, 9},
                           {2, 21, 9, 25},
                           {9, 9, 2, 2},
                           {nan, 2, 9, 9},
                           {2, 2, nan, 9},
                           {infinity, 2, infinity, 9}})
    EXPECT_TRUE(pixels_of(box, {30, 20}).empty()) << box.left << " " << box.top;
}

}  // namespace
}  // namespace fer
