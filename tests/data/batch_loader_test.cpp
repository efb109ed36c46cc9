#include "fer/data/batch_loader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <map>
#include <numeric>
#include <thread>
#include <utility>

#include "support/error_text.hpp"
#include "support/images.hpp"

namespace fer {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

constexpr AugmentOptions kAugment = {.flip = 0.5,
                                     .shift = {1, 0.1},
                                     .scale = {1, 0.1},
                                     .rotate = {1, 10},
                                     .crop_jitter = {0.3, 0.1},
                                     .perspective = {0.3, 0.1},
                                     .brightness = {1, 0.2},
                                     .contrast = {1, 0.2},
                                     .colour = {1, 0.2},
                                     .light = {0.3, 0.5},
                                     .grey = 0.1,
                                     .blur = {0.3, 5},
                                     .noise = {0.3, 12},
                                     .low_resolution = {0.3, 0.75},
                                     .jpeg = {0.3, 80},
                                     .erase = {0.3, 0.15}};

class BatchLoaderTest : public testing::Test {
 protected:
  BatchLoaderTest() {
    for (std::size_t i = 0; i < 23; ++i) {
      crops_.push_back(test::noise_image({16, 16}, i));
      labels_.push_back(static_cast<int>(i % 7));
    }
  }

  BatchLoader loader(const BatchLoaderOptions& options) const { return {crops_, labels_, options}; }

  static std::vector<Batch> epoch(BatchLoader& loader, std::size_t number) {
    loader.start_epoch({.epoch = number});
    std::vector<Batch> batches;
    while (auto batch = loader.next()) batches.push_back(std::move(*batch));
    return batches;
  }

  static std::vector<std::size_t> indices(const std::vector<Batch>& batches) {
    std::vector<std::size_t> all;
    for (const Batch& batch : batches) all.insert(all.end(), batch.indices.begin(), batch.indices.end());
    return all;
  }

  std::vector<cv::Mat> crops_;
  std::vector<int> labels_;
};

TEST_F(BatchLoaderTest, WithoutOptionsTheCropsComeInTheirOrderAsTheyAre) {
  BatchLoader batches = loader({.order = {.batch_size = 8}});
  EXPECT_EQ(batches.batches_per_epoch(), 3U);
  const auto epoch_batches = epoch(batches, 0);
  ASSERT_THAT(epoch_batches, SizeIs(3));
  std::size_t at = 0;
  for (const Batch& batch : epoch_batches) {
    EXPECT_EQ(batch.size, 16);
    ASSERT_EQ(batch.pixels.size(), batch.indices.size() * 16 * 16 * 3);
    ASSERT_EQ(batch.labels.size(), batch.indices.size());
    for (std::size_t i = 0; i < batch.indices.size(); ++i, ++at) {
      EXPECT_EQ(batch.indices[i], at);
      EXPECT_EQ(batch.labels[i], labels_[at]);
      EXPECT_EQ(std::memcmp(batch.pixels.data() + i * 768, crops_[at].data, 768), 0) << at;
    }
  }
  EXPECT_EQ(at, 23U);
}

TEST_F(BatchLoaderTest, TheLastBatchHoldsWhatIsLeft) {
  const auto sizes = [&](int batch_size) {
    BatchLoader batches = loader({.order = {.batch_size = batch_size}});
    std::vector<std::size_t> each;
    for (const Batch& batch : epoch(batches, 0)) each.push_back(batch.indices.size());
    EXPECT_EQ(batches.batches_per_epoch(), each.size());
    return each;
  };
  EXPECT_THAT(sizes(10), ElementsAre(10, 10, 3));
  EXPECT_THAT(sizes(7), ElementsAre(7, 7, 7, 2));
  EXPECT_THAT(sizes(23), ElementsAre(23));
  EXPECT_THAT(sizes(1000), ElementsAre(23));
}

TEST_F(BatchLoaderTest, ASingleCropThatIsLeftJoinsTheBatchBeforeIt) {
  const auto sizes = [&](int batch_size, int workers) {
    BatchLoader batches = loader({.order = {.batch_size = batch_size}, .workers = workers});
    std::vector<std::size_t> each;
    const auto all = epoch(batches, 0);
    for (const Batch& batch : all) {
      each.push_back(batch.indices.size());
      EXPECT_EQ(batch.labels.size(), batch.indices.size());
      EXPECT_EQ(batch.pixels.size(), batch.indices.size() * 768);
    }
    EXPECT_THAT(indices(all), SizeIs(23));
    EXPECT_EQ(batches.batches_per_epoch(), each.size());
    return each;
  };
  for (const int workers : {0, 2}) {
    EXPECT_THAT(sizes(22, workers), ElementsAre(23));
    EXPECT_THAT(sizes(11, workers), ElementsAre(11, 12));
    EXPECT_THAT(sizes(2, workers), ElementsAre(2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3));
    EXPECT_THAT(sizes(1, workers), SizeIs(23));  // asked for: nothing is left over
  }
  crops_.resize(1);
  labels_.resize(1);
  BatchLoader one = loader({.order = {.batch_size = 8}});
  EXPECT_THAT(indices(epoch(one, 0)), ElementsAre(0));
}

TEST_F(BatchLoaderTest, AnyNumberOfWorkersGivesTheSameBytes) {
  BatchLoaderOptions options = {
      .order = {.batch_size = 4, .shuffle = true, .seed = 5}, .workers = 0, .augment = kAugment};
  BatchLoader reference = loader(options);
  for (const int workers : {1, 4}) {
    options.workers = workers;
    BatchLoader batches = loader(options);
    for (std::size_t number = 0; number < 4; ++number) {
      const auto expected = epoch(reference, number);
      const auto found = epoch(batches, number);
      ASSERT_EQ(found.size(), expected.size());
      for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_EQ(found[i].indices, expected[i].indices);
        EXPECT_EQ(found[i].labels, expected[i].labels);
        EXPECT_EQ(found[i].pixels, expected[i].pixels);
        EXPECT_EQ(found[i].size, expected[i].size);
      }
    }
  }
}

TEST_F(BatchLoaderTest, FetchingAheadChangesNoByte) {
  for (const ShardOptions& shards : {ShardOptions{}, ShardOptions{.samples = 3, .mixed = 2}}) {
    BatchLoaderOptions options = {.order = {.batch_size = 4, .shuffle = true, .seed = 5, .shards = shards},
                                  .workers = 2,
                                  .augment = kAugment};
    BatchLoader with = loader(options);
    options.fetch_ahead = false;
    BatchLoader without = loader(options);
    for (std::size_t number = 0; number < 3; ++number) {
      const auto expected = epoch(without, number);
      const auto found = epoch(with, number);
      ASSERT_EQ(found.size(), expected.size());
      EXPECT_EQ(indices(found), BatchOrder(23, options.order).of_epoch(number));
      for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i].pixels, expected[i].pixels);
    }
  }
}

TEST_F(BatchLoaderTest, EveryCropComesOnceAnEpochInAnotherOrder) {
  BatchLoader batches = loader({.order = {.batch_size = 5, .shuffle = true, .seed = 9}, .workers = 2});
  std::vector<std::size_t> all(23);
  std::iota(all.begin(), all.end(), std::size_t{0});
  std::vector<std::vector<std::size_t>> orders;
  for (std::size_t number = 0; number < 5; ++number) {
    const auto order = indices(epoch(batches, number));
    EXPECT_NE(order, all);
    EXPECT_EQ(std::ranges::count(orders, order), 0) << number;
    orders.push_back(order);
    EXPECT_TRUE(std::ranges::is_permutation(order, all));
  }
}

TEST_F(BatchLoaderTest, TheOrderDependsOnSeedAndEpochAlone) {
  BatchLoader one = loader({.order = {.batch_size = 5, .shuffle = true, .seed = 9}});
  BatchLoader two = loader({.order = {.batch_size = 7, .shuffle = true, .seed = 9}, .workers = 1});
  BatchLoader other = loader({.order = {.batch_size = 5, .shuffle = true, .seed = 10}});
  const auto third = indices(epoch(one, 3));
  EXPECT_EQ(indices(epoch(two, 3)), third);
  EXPECT_NE(indices(epoch(other, 3)), third);
  epoch(one, 0);
  EXPECT_EQ(indices(epoch(one, 3)), third);  // in any order, as after a resume
}

TEST_F(BatchLoaderTest, AugmentationDependsOnTheCropNotOnItsPlaceInTheEpoch) {
  BatchLoader ordered = loader({.order = {.batch_size = 23, .seed = 4}, .augment = kAugment});
  BatchLoader shuffled =
      loader({.order = {.batch_size = 6, .shuffle = true, .seed = 4}, .augment = kAugment});
  const Batch whole = epoch(ordered, 2).at(0);
  for (const Batch& batch : epoch(shuffled, 2)) {
    for (std::size_t i = 0; i < batch.indices.size(); ++i) {
      EXPECT_EQ(std::memcmp(batch.pixels.data() + i * 768, whole.pixels.data() + batch.indices[i] * 768, 768),
                0);
    }
  }
  EXPECT_NE(epoch(ordered, 3).at(0).pixels, whole.pixels);
  Rng rng = Rng::of(4, 2, 11);
  EXPECT_EQ(std::memcmp(whole.pixels.data() + 11 * 768, augment(crops_[11], kAugment, rng).data, 768), 0);
}

TEST_F(BatchLoaderTest, AnEpochMayBeLeftUnfinished) {
  for (const int workers : {0, 1, 4}) {
    BatchLoader batches = loader(
        {.order = {.batch_size = 2, .shuffle = true, .seed = 3}, .workers = workers, .augment = kAugment});
    const auto whole = epoch(batches, 1);
    for (int round = 0; round < 20; ++round) {
      batches.start_epoch({.epoch = 0});
      for (int i = 0; i < round % 4; ++i) EXPECT_TRUE(batches.next());
    }
    EXPECT_EQ(indices(epoch(batches, 1)), indices(whole));
    batches.start_epoch({.epoch = 2});  // and the loader may go with its workers busy
  }
}

TEST_F(BatchLoaderTest, AfterTheEndAndBeforeTheFirstEpochThereIsNothing) {
  for (const int workers : {0, 2}) {
    BatchLoader batches = loader({.order = {.batch_size = 10}, .workers = workers});
    EXPECT_FALSE(batches.next());
    EXPECT_THAT(epoch(batches, 0), SizeIs(3));
    EXPECT_FALSE(batches.next());
    EXPECT_FALSE(batches.next());
  }
}

TEST_F(BatchLoaderTest, MoreWorkersThanBatchesAreFine) {
  BatchLoader batches = loader({.order = {.batch_size = 20}, .workers = 8});
  EXPECT_THAT(indices(epoch(batches, 0)), SizeIs(23));
}

TEST_F(BatchLoaderTest, AnErrorInAWorkerReachesTheReader) {
  for (const int workers : {0, 1, 4}) {
    BatchLoader batches = loader({.order = {.batch_size = 4}, .workers = workers, .augment = kAugment});
    const cv::Mat spoilt = std::exchange(crops_[13], cv::Mat());
    batches.start_epoch({.epoch = 0});
    EXPECT_THROW(
        {
          while (batches.next()) {
          }
        },
        std::exception)
        << workers;
    crops_[13] = spoilt;
    EXPECT_THAT(indices(epoch(batches, 1)), SizeIs(23)) << workers;  // the loader itself is as good as before
  }
}

TEST_F(BatchLoaderTest, WorkersRunOnlyAFewBatchesAhead) {
  BatchLoader batches = loader({.order = {.batch_size = 1}, .workers = 2});
  batches.start_epoch({.epoch = 0});
  ASSERT_TRUE(batches.next());
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  // Crop 22 is far ahead: what it is now is what its batch will hold.
  const cv::Mat late(16, 16, CV_8UC3, cv::Scalar::all(42));
  late.copyTo(crops_[22]);
  std::optional<Batch> last;
  while (auto batch = batches.next()) last = std::move(batch);
  ASSERT_TRUE(last);
  EXPECT_THAT(last->pixels, testing::Each(42));
}

TEST_F(BatchLoaderTest, CropsThatMakeNoBatchAreAFailure) {
  const auto text = [&](int batch_size = 4) {
    return test::error_text(ErrorKind::failure, [&] {
      return loader({.order = {.batch_size = batch_size}}).batches_per_epoch();
    });
  };
  EXPECT_EQ(text(0), "a batch needs at least one sample, got 0");
  for (const cv::Mat& odd :
       {cv::Mat(), test::noise_image({16, 15}), test::noise_image({8, 8}),
        cv::Mat(16, 16, CV_8U, cv::Scalar(1)), test::noise_image({32, 32})(cv::Rect(0, 0, 16, 16))}) {
    const cv::Mat good = std::exchange(crops_[5], odd);
    EXPECT_EQ(text(), "a batch loader needs continuous RGB squares of one size, and crop 5 is none");
    crops_[5] = good;
  }
  labels_.pop_back();
  EXPECT_EQ(text(), "a batch loader needs a label for each crop, got 22 labels and 23 crops");
  labels_.clear();
  crops_.clear();
  EXPECT_EQ(text(), "there is nothing to make batches of");
}

TEST_F(BatchLoaderTest, AnEpochMayStartInItsMiddle) {
  for (const int workers : {0, 3}) {
    BatchLoader batches = loader(
        {.order = {.batch_size = 4, .shuffle = true, .seed = 6}, .workers = workers, .augment = kAugment});
    const auto whole = epoch(batches, 2);
    batches.start_epoch({.epoch = 2, .first_batch = 3});
    for (std::size_t number = 3; number < whole.size(); ++number) {
      EXPECT_EQ(batches.next()->pixels, whole[number].pixels) << number;
    }
    EXPECT_FALSE(batches.next());
  }
}

TEST_F(BatchLoaderTest, EpochsOfOneViewShowTheSameCropsInAnotherOrder) {
  BatchLoader batches =
      loader({.order = {.batch_size = 23, .shuffle = true, .seed = 6}, .augment = kAugment});
  const auto crops_of = [&](std::size_t epoch, std::size_t view) {
    batches.start_epoch({.epoch = epoch, .view = view});
    const Batch batch = *batches.next();
    std::map<std::size_t, std::vector<std::uint8_t>> crops;
    for (std::size_t i = 0; i < batch.indices.size(); ++i) {
      const auto begin = batch.pixels.begin() + static_cast<std::ptrdiff_t>(i * 768);
      crops[batch.indices[i]].assign(begin, begin + 768);
    }
    return std::pair(batch.indices, crops);
  };
  const auto [order, crops] = crops_of(5, 1);
  const auto [other_order, same_crops] = crops_of(6, 1);
  EXPECT_NE(order, other_order);
  EXPECT_EQ(crops, same_crops);
  EXPECT_NE(crops, crops_of(5, 0).second);
}

}  // namespace
}  // namespace fer
