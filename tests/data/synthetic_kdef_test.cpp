#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "fer/data/synthetic_dataset.hpp"
#include "fer/vision/face_detector.hpp"
#include "fer/vision/image.hpp"
#include "support/error_text.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using test::error_text;
using test::TempFolder;
using testing::HasSubstr;

SyntheticKdefOptions small_set(const std::filesystem::path& folder) {
  return {.folder = folder, .subjects = 3, .angles = {"S"}, .size = {96, 130}};
}

std::string bytes_of(const TempFolder& folder) {
  std::string all;
  for (const std::string& name : folder.files()) all += name + read_file(folder.path() / name);
  return all;
}

/// Every file of a set, sorted.
std::vector<std::string> names_of(const std::vector<std::string>& folders,
                                  const std::vector<std::string>& angles) {
  std::vector<std::string> names;
  for (const std::string& folder : folders) {
    for (const char* emotion : {"AF", "AN", "DI", "HA", "NE", "SA", "SU"}) {
      for (const std::string& angle : angles)
        names.push_back(fmt::format("{0}/{0}{1}{2}.JPG", folder, emotion, angle));
    }
  }
  std::ranges::sort(names);
  return names;
}

TEST(SyntheticKdefTest, EveryNameOfTheLayoutIsWrittenOnce) {
  const TempFolder folder;
  auto options = small_set(folder.path());
  options.angles = {"FL", "HL", "S", "HR", "FR"};
  EXPECT_EQ(write_synthetic_kdef(options), 3 * 2 * 7 * 5U);
  EXPECT_EQ(folder.files(), names_of({"AF01", "AM01", "AF02", "BF01", "BM01", "BF02"}, options.angles));
  EXPECT_EQ(read_image(folder.path() / folder.files().front()).size(), options.size);
}

TEST(SyntheticKdefTest, OnlyTheSessionsAndAnglesAskedForAreWritten) {
  const TempFolder folder;
  auto options = small_set(folder.path());
  options.sessions = 1;
  options.angles = {"HL", "S"};
  EXPECT_EQ(write_synthetic_kdef(options), 3 * 7 * 2U);
  EXPECT_EQ(folder.files(), names_of({"AF01", "AM01", "AF02"}, {"HL", "S"}));
}

TEST(SyntheticKdefTest, TheSameSeedGivesTheSameBytesWhateverTheWorkers) {
  const TempFolder first, second, other;
  auto options = small_set(first.path());
  options.subjects = 2;
  options.workers = 1;
  write_synthetic_kdef(options);
  options.folder = second.path();
  options.workers = 3;
  write_synthetic_kdef(options);
  EXPECT_EQ(bytes_of(first), bytes_of(second));

  options.folder = other.path();
  options.seed = 43;
  write_synthetic_kdef(options);
  EXPECT_EQ(first.files(), other.files());
  for (const std::string& name : first.files()) {
    EXPECT_NE(read_file(first.path() / name), read_file(other.path() / name)) << name;
  }
}

TEST(SyntheticKdefTest, APictureDoesNotDependOnWhatElseIsWritten) {
  const TempFolder all, some;
  write_synthetic_kdef(small_set(all.path()));
  auto options = small_set(some.path());
  options.subjects = 2;
  options.sessions = 1;
  options.angles = {"HR", "S"};
  write_synthetic_kdef(options);
  for (const char* name : {"AF01/AF01ANS.JPG", "AM01/AM01SUS.JPG"}) {
    EXPECT_EQ(read_file(all.path() / name), read_file(some.path() / name)) << name;
  }
}

TEST(SyntheticKdefTest, TheFaceDetectorFindsOneFaceInThePlace) {
  std::unique_ptr<FaceDetector> detector;
  try {
    detector = haar_detector().make({});
  } catch (const Error& error) {
    GTEST_SKIP() << "no face detector: " << error.what();
  }
  const TempFolder folder;
  write_synthetic_kdef({.folder = folder.path(), .subjects = 6, .sessions = 1, .angles = {"S"}});
  int good = 0;
  std::string missed;
  for (const std::string& name : folder.files()) {
    const cv::Mat image = read_image(folder.path() / name);
    const auto faces = detector->detect(image);
    const cv::Point2f place(0.5F * static_cast<float>(image.cols), 0.54F * static_cast<float>(image.rows));
    const bool found =
        faces.size() == 1 &&
        std::abs(faces[0].box.x + faces[0].box.width / 2 - place.x) < 0.2F * faces[0].box.width &&
        std::abs(faces[0].box.y + faces[0].box.height / 2 - place.y) < 0.2F * faces[0].box.width;
    good += found ? 1 : 0;
    if (!found) missed += fmt::format("{}: {} faces\n", name, faces.size());
  }
  EXPECT_GE(good, 0.95 * 6 * 7) << missed;
}

TEST(SyntheticKdefTest, ProgressCountsEveryPictureAndCanStopTheWork) {
  const TempFolder folder;
  auto options = small_set(folder / "set");
  options.sessions = 1;
  std::size_t calls = 0, last = 0;
  const auto written = write_synthetic_kdef(options, [&](std::size_t done, std::size_t total) {
    EXPECT_EQ(total, 3 * 7U);
    EXPECT_EQ(done, ++calls);
    last = done;
  });
  EXPECT_EQ(written, last);

  options.folder = folder / "stopped";
  EXPECT_THROW(
      write_synthetic_kdef(options, [](std::size_t, std::size_t) { throw std::runtime_error("stop"); }),
      std::runtime_error);
}

TEST(SyntheticKdefTest, AFolderInUseIsRefusedAndLeftAlone) {
  const TempFolder folder;
  folder.write("thesis.txt", "years of work");
  EXPECT_THAT(error_text(ErrorKind::usage, [&] { return write_synthetic_kdef(small_set(folder.path())); }),
              HasSubstr("not an empty folder"));
  EXPECT_THAT(error_text(ErrorKind::usage,
                         [&] { return write_synthetic_kdef(small_set(folder.path() / "thesis.txt")); }),
              HasSubstr("thesis.txt"));
  EXPECT_EQ(folder.files(), std::vector<std::string>{"thesis.txt"});
}

TEST(SyntheticKdefTest, OptionsOutOfRangeAreRefusedBeforeAnythingIsWritten) {
  const TempFolder folder;
  const auto refused = [&](auto change) {
    auto options = small_set(folder.path() / "set");
    change(options);
    return error_text(ErrorKind::usage, [&] { return write_synthetic_kdef(options); });
  };
  using Options = SyntheticKdefOptions;
  EXPECT_THAT(refused([](Options& options) { options.subjects = 1; }), HasSubstr("subjects is 1"));
  EXPECT_THAT(refused([](Options& options) { options.subjects = 141; }), HasSubstr("subjects is 141"));
  EXPECT_THAT(refused([](Options& options) { options.sessions = 3; }), HasSubstr("sessions is 3"));
  EXPECT_THAT(refused([](Options& options) { options.size = {8, 8}; }), HasSubstr("8x8"));
  EXPECT_THAT(refused([](Options& options) { options.angles = {}; }), HasSubstr("FL, HL, S, HR, FR"));
  EXPECT_THAT(refused([](Options& options) { options.angles = {"X"}; }), HasSubstr("'X'"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "set"));
}

}  // namespace
}  // namespace fer
