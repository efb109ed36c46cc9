#include "read_ahead.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <numeric>
#include <vector>

#include "fer/core/mapped_file.hpp"
#include "support/page_cache.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

/// 64 crops of whole pages in a mapped file that is on disk alone.
class ReadAheadTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    if (kBytes % page != 0) GTEST_SKIP() << "pages of " << page << " bytes";
    {
      ScratchFile file(path_);
      file.write(0, std::vector<std::uint8_t>(kCrops * kBytes, 7));
      file.commit();
    }
    test::evict(path_);
    mapped_ = *MappedFile::open(path_);
    if (test::resident_pages(mapped_.bytes()) > 0) GTEST_SKIP() << path_ << " does not leave the cache";
    for (std::size_t i = 0; i < kCrops; ++i) {
      crops_.emplace_back(kSide, kSide, CV_8UC3, const_cast<std::uint8_t*>(&mapped_.bytes()[i * kBytes]));
    }
    std::iota(order_.begin(), order_.end(), std::size_t{0});
  }

  /// Those that come to memory, of which `expected` are waited for.
  std::vector<std::size_t> fetched(const std::vector<std::size_t>& expected) const {
    const std::size_t pages = kBytes / static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    for (const std::size_t crop : expected) test::resident_pages(bytes_of(crop), pages);
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < kCrops; ++i) {
      if (test::resident_pages(bytes_of(i)) == pages) found.push_back(i);
    }
    return found;
  }

  std::span<const std::uint8_t> bytes_of(std::size_t crop) const {
    return mapped_.bytes().subspan(crop * kBytes, kBytes);
  }

  static constexpr std::size_t kCrops = 64;
  static constexpr int kSide = 64;
  static constexpr std::size_t kBytes = 3UL * kSide * kSide;
  const test::TempFolder folder_;
  const std::filesystem::path path_ = folder_.path() / "some.crops";
  MappedFile mapped_;
  std::vector<cv::Mat> crops_;
  std::vector<std::size_t> order_ = std::vector<std::size_t>(kCrops);
};

TEST_F(ReadAheadTest, WithoutWindowsTheNextBatchesAreFetched) {
  std::swap(order_[1], order_[50]);
  ReadAhead ahead(crops_, {.order = order_, .windows = {}, .batch_size = 1, .begin = 0});
  ahead.come_to(0);  // four at once, eight ahead
  EXPECT_THAT(fetched({0, 50, 2, 3}), testing::ElementsAre(0, 2, 3, 50));
  ahead.come_to(0);
  ahead.come_to(0);
  const std::vector<std::size_t> eight = {0, 2, 3, 4, 5, 6, 7, 50};
  EXPECT_EQ(fetched(eight), eight);
  ahead.come_to(1);
  const std::vector<std::size_t> nine = {0, 2, 3, 4, 5, 6, 7, 8, 50};
  EXPECT_EQ(fetched(nine), nine);
}

TEST_F(ReadAheadTest, AWindowIsFetchedBeforeTheEpochComesToIt) {
  const std::vector<std::vector<std::size_t>> windows = {{40, 41, 42, 43, 44, 45, 46, 47, 20, 21, 22, 23},
                                                         {0, 1, 2, 3, 60, 61, 62, 63}};
  std::vector<std::size_t> order = windows[0];
  order.insert(order.end(), windows[1].rbegin(), windows[1].rend());
  ReadAhead ahead(crops_, {.order = order, .windows = windows, .batch_size = 1, .begin = 0});
  ahead.come_to(0);  // four batches at once, as the crops lie on disk
  EXPECT_THAT(fetched({20, 21, 22, 23}), testing::ElementsAre(20, 21, 22, 23));
  for (int i = 0; i < 4; ++i) ahead.come_to(2);  // twelve ahead of two: two of the next window
  const std::vector<std::size_t> both = {0, 1, 20, 21, 22, 23, 40, 41, 42, 43, 44, 45, 46, 47};
  EXPECT_EQ(fetched(both), both);
}

TEST_F(ReadAheadTest, OfAWindowOnlyWhatIsReadIsFetched) {
  const std::vector<std::vector<std::size_t>> windows = {{20, 21, 22, 23, 40, 41, 42, 43}, {0, 1, 2, 3}};
  ReadAhead ahead(
      crops_,
      {.order = std::vector<std::size_t>{41, 20, 43, 1, 0}, .windows = windows, .batch_size = 2, .begin = 0});
  ahead.come_to(0);
  EXPECT_THAT(fetched({0, 1, 20, 41, 43}), testing::ElementsAre(0, 1, 20, 41, 43));
}

TEST_F(ReadAheadTest, AnEpochThatGoesOnBeginsWithItsWindow) {
  const std::vector<std::vector<std::size_t>> windows = {{40, 41, 42, 43}, {0, 1, 2, 3}};
  std::vector<std::size_t> order = windows[0];
  order.insert(order.end(), windows[1].begin(), windows[1].end());
  ReadAhead ahead(crops_, {.order = order, .windows = windows, .batch_size = 1, .begin = 6});
  ahead.come_to(6);
  EXPECT_THAT(fetched({0, 1, 2, 3}), testing::ElementsAre(0, 1, 2, 3));
}

}  // namespace
}  // namespace fer
