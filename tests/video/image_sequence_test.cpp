#include "fer/video/image_sequence.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <opencv2/imgcodecs.hpp>

#include "support/error_text.hpp"
#include "support/images.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace fs = std::filesystem;

std::vector<fs::path> sorted(std::vector<fs::path> paths) {
  sort_naturally(paths);
  return paths;
}

TEST(SortNaturally, NumbersCountByTheirValue) {
  EXPECT_THAT(sorted({"img10.png", "img2.png", "img1.png", "img100.png"}),
              ElementsAre("img1.png", "img2.png", "img10.png", "img100.png"));
  EXPECT_THAT(sorted({"t2/f10", "t10/f1", "t2/f9"}), ElementsAre("t2/f9", "t2/f10", "t10/f1"));
}

TEST(SortNaturally, NumbersMayBeLongerThanAnyInteger) {
  EXPECT_THAT(sorted({"20000000000000000000000002", "10000000000000000000000003", "9"}),
              ElementsAre("9", "10000000000000000000000003", "20000000000000000000000002"));
}

TEST(SortNaturally, LeadingZerosChangeNoValue) {
  EXPECT_THAT(sorted({"f010", "f9", "f008", "f0"}), ElementsAre("f0", "f008", "f9", "f010"));
  EXPECT_THAT(sorted({"f01", "f1"}), ElementsAre("f01", "f1")) << "equal ones stay as they were";
  EXPECT_THAT(sorted({"f1", "f01"}), ElementsAre("f1", "f01"));
}

TEST(SortNaturally, TheRestCountsByteByByte) {
  EXPECT_THAT(sorted({"b1", "a2", "B1", "a", "", "a1b", "a1"}),
              ElementsAre("", "B1", "a", "a1", "a1b", "a2", "b1"));
  EXPECT_THAT(sorted({"\xc3\xa9"
                      "2",
                      "z",
                      "\xc3\xa9"
                      "10"}),
              ElementsAre("z",
                          "\xc3\xa9"
                          "2",
                          "\xc3\xa9"
                          "10"));
}

class ImageSequences : public ::testing::Test {
 protected:
  fs::path picture(const std::string& name, cv::Size size, std::uint64_t seed) const {
    const fs::path path = folder_ / name;
    cv::Mat bgr = test::noise_image(size, seed);
    cv::imwrite(path.string(), bgr);
    return path;
  }

  test::TempFolder folder_;
};

struct Seen {
  std::vector<std::int64_t> indices;
  std::vector<double> times;
  std::vector<cv::Size> sizes;
};

Seen read_all(FrameSource& source) {
  Seen seen;
  while (const auto frame = source.next()) {
    seen.indices.push_back(frame->index);
    seen.times.push_back(frame->timestamp);
    seen.sizes.push_back(source.image().size());
  }
  return seen;
}

TEST_F(ImageSequences, GivesThePicturesInTheirOrderAtAnEvenRate) {
  ImageSequence sequence("take", {picture("b.png", {32, 24}, 1), picture("a.png", {32, 24}, 2)}, 4);
  EXPECT_EQ(sequence.path(), "take");
  EXPECT_EQ(sequence.facts().width, 32);
  EXPECT_EQ(sequence.facts().height, 24);
  EXPECT_EQ(sequence.facts().fps, 4);
  EXPECT_EQ(sequence.facts().duration_seconds, 0.5);
  EXPECT_EQ(sequence.facts().frames_announced, 2);
  for (const std::uint64_t seed : {1, 2}) {
    const auto frame = sequence.next();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->index, static_cast<std::int64_t>(seed) - 1);
    EXPECT_EQ(frame->timestamp, 0.25 * static_cast<double>(frame->index));
    cv::Mat bgr = test::noise_image({32, 24}, seed);
    for (auto& pixel : cv::Mat_<cv::Vec3b>(bgr)) std::swap(pixel[0], pixel[2]);
    EXPECT_TRUE(test::same_pixels(sequence.image(), bgr));
  }
  EXPECT_FALSE(sequence.next());
  EXPECT_FALSE(sequence.next());
  EXPECT_FALSE(sequence.damaged());
  EXPECT_THAT(sequence.warnings(), IsEmpty());
}

TEST_F(ImageSequences, AnImageOutlivesTheNextFrame) {
  ImageSequence sequence("take", {picture("a.png", {8, 8}, 1), picture("b.png", {8, 8}, 2)}, 4);
  ASSERT_TRUE(sequence.next());
  const cv::Mat first = sequence.image();
  const cv::Mat kept = first.clone();
  ASSERT_TRUE(sequence.next());
  EXPECT_TRUE(test::same_pixels(first, kept));
}

TEST_F(ImageSequences, AnUnreadablePictureLeavesItsTimeEmpty) {
  const fs::path broken = folder_.write("2.png", "no picture");
  ImageSequence sequence(
      "take", {picture("1.png", {32, 24}, 1), broken, folder_ / "missing.png", picture("4.png", {32, 24}, 2)},
      10);
  EXPECT_FALSE(sequence.damaged()) << "not read yet";
  const Seen seen = read_all(sequence);
  EXPECT_THAT(seen.indices, ElementsAre(0, 3));
  EXPECT_THAT(seen.times, ElementsAre(0, 0.3));
  EXPECT_TRUE(sequence.damaged());
  ASSERT_EQ(sequence.warnings().size(), 1U);
  EXPECT_THAT(sequence.warnings()[0],
              HasSubstr("2 of 4 pictures cannot be read, the first: " + broken.string()));
}

TEST_F(ImageSequences, TheFirstOrTheLastMayBeUnreadable) {
  const fs::path broken = folder_.write("broken.jpg", "");
  ImageSequence sequence("take", {broken, picture("1.png", {40, 30}, 1), broken}, 10);
  EXPECT_EQ(sequence.facts().width, 40);
  EXPECT_THAT(read_all(sequence).times, ElementsAre(0.1));
  EXPECT_EQ(sequence.facts().duration_seconds, 0.3);
  EXPECT_THAT(sequence.warnings(), ElementsAre(HasSubstr("2 of 3 pictures")));
}

TEST_F(ImageSequences, SizesMayDiffer) {
  ImageSequence sequence(
      "take", {picture("1.png", {40, 30}, 1), picture("2.png", {1, 1}, 2), picture("3.png", {333, 7}, 3)},
      10);
  EXPECT_EQ(sequence.facts().width, 40);
  while (sequence.next()) {
    EXPECT_EQ(sequence.thumbnail().size(), cv::Size(kThumbnailWidth, kThumbnailHeight));
    EXPECT_EQ(sequence.thumbnail().type(), CV_8UC1);
  }
}

TEST_F(ImageSequences, NotOneReadablePictureIsADataError) {
  const fs::path broken = folder_.write("broken.jpg", "");
  EXPECT_THAT(test::error_text(ErrorKind::data, [&] { return ImageSequence("take", {broken}, 10); }),
              HasSubstr("take: not one picture of it can be read: " + broken.string()));
  EXPECT_THAT(test::error_text(ErrorKind::data, [&] { return ImageSequence("take", {}, 10); }),
              HasSubstr("take: not one picture of it can be read"));
}

TEST_F(ImageSequences, ARateThatIsNotAboveZeroIsAUsageError) {
  const std::vector<fs::path> pictures = {picture("1.png", {8, 8}, 1)};
  for (const double fps : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    EXPECT_THAT(test::error_text(ErrorKind::usage, [&] { return ImageSequence("take", pictures, fps); }),
                HasSubstr("pictures a second: "));
  }
}

TEST_F(ImageSequences, BeforeTheFirstAndAfterTheLastThereIsNoImage) {
  ImageSequence sequence("take", {picture("1.png", {8, 8}, 1)}, 10);
  EXPECT_THAT(test::error_text(ErrorKind::failure, [&] { return sequence.image(); }), HasSubstr("take: "));
  EXPECT_THAT(test::error_text(ErrorKind::failure, [&] { return sequence.thumbnail(); }),
              HasSubstr("take: "));
  ASSERT_TRUE(sequence.next());
  EXPECT_FALSE(sequence.image().empty());
  EXPECT_FALSE(sequence.next());
  EXPECT_THAT(test::error_text(ErrorKind::failure, [&] { return sequence.image(); }), HasSubstr("take: "));
}

}  // namespace
}  // namespace fer
