#include "fer/data/face_crops.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <utility>

#include "data/readers.hpp"
#include "fer/core/files.hpp"
#include "fer/data/synthetic_face.hpp"
#include "fer/vision/image.hpp"
#include "support/error_text.hpp"
#include "support/images.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

FaceCropOptions options_with(const std::string& detector, int size = 32) {
  FaceCropOptions options;
  options.preprocessing.detector = detector;
  const FaceDetectorKind& kind = detector == "none" ? whole_image_detector() : haar_detector();
  options.make_detector = [&kind, min_size = options.preprocessing.min_face] {
    return kind.make({.min_size = min_size});
  };
  options.preprocessing.margin = 0;
  options.preprocessing.size = size;
  return options;
}

class FaceCropsTest : public testing::Test {
 protected:
  void add(const std::string& name, const cv::Mat& rgb) {
    write_image(folder_.path() / name, rgb);
    add_sample(name);
  }
  void add_bytes(const std::string& name, const std::string& bytes) {
    folder_.write(name, bytes);
    add_sample(name);
  }
  void add_sample(const std::string& name) {
    Sample sample;
    sample.path = folder_.path() / name;
    sample.label = static_cast<int>(dataset_.samples.size()) % 7;
    sample.subject = name;
    dataset_.samples.push_back(sample);
  }

  FaceCrops crop(const FaceCropOptions& options) const { return crop_faces(dataset_, options, {}, {}); }

  const test::TempFolder folder_;
  Dataset dataset_;
};

/// A picture without a face: dark on the left, light on the right.
cv::Mat blank(cv::Size size = {80, 60}) {
  cv::Mat rgb(size, CV_8UC3, cv::Scalar(90, 120, 150));
  rgb.colRange(0, size.width / 3).setTo(cv::Scalar(20, 10, 30));
  return rgb;
}
cv::Mat face() { return render_face({}, {160, 200}); }

TEST_F(FaceCropsTest, SamplesAndCropsStayInStep) {
  for (int i = 0; i < 5; ++i)
    add(fmt::format("{}.png", i), test::noise_image({32, 32}, static_cast<std::uint64_t>(i)));
  const FaceCrops result = crop(options_with("none"));
  ASSERT_THAT(result.crops, SizeIs(5));
  EXPECT_THAT(paths_of(result.dataset, folder_.path()),
              ElementsAre("0.png", "1.png", "2.png", "3.png", "4.png"));
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_TRUE(test::same_pixels(result.crops[i], test::noise_image({32, 32}, i)));
    EXPECT_EQ(result.dataset.samples[i].label, static_cast<int>(i));
    EXPECT_EQ(result.dataset.samples[i].subject, fmt::format("{}.png", i));
  }
  EXPECT_EQ(result.dataset.classes, dataset_.classes);
  EXPECT_EQ(result.faces_found, 5U);
  EXPECT_EQ(result.faces_missing, 0U);
}

TEST_F(FaceCropsTest, CropsAreWhatTheNetworkSees) {
  add("a.png", test::noise_image({50, 31}));
  FaceCropOptions options = options_with("none", 24);
  options.preprocessing.margin = 0.2F;
  options.preprocessing.grey = true;
  const FaceCrops result = crop(options);
  ASSERT_THAT(result.crops, SizeIs(1));
  EXPECT_TRUE(result.crops[0].isContinuous());
  EXPECT_TRUE(test::same_pixels(result.crops[0], face_crop(test::noise_image({50, 31}),
                                                           {.box = {0, 0, 50, 31}}, options.preprocessing)));
}

TEST_F(FaceCropsTest, TheLargestFaceIsCropped) {
  add("face.png", face());
  const FaceCrops result = crop(options_with("haar"));
  EXPECT_EQ(result.faces_found, 1U);
  EXPECT_EQ(result.faces_missing, 0U);
  const auto found = haar_detector().make({})->detect(face());
  ASSERT_THAT(found, Not(IsEmpty()));
  EXPECT_LT(found[0].box.width, 150);  // the face, not the image
  EXPECT_TRUE(
      test::same_pixels(result.crops.at(0), face_crop(face(), found[0], options_with("haar").preprocessing)));
}

TEST_F(FaceCropsTest, WithoutAFaceTheWholeImageIsUsedWithoutAMargin) {
  add("blank.png", blank());
  add("face.png", face());
  FaceCropOptions options = options_with("haar");
  options.preprocessing.margin = 0.4F;
  options.missing = "use_image";
  const FaceCrops result = crop(options);
  EXPECT_EQ(result.faces_found, 1U);
  EXPECT_EQ(result.faces_missing, 1U);
  EXPECT_THAT(result.dataset.rejected, IsEmpty());
  Preprocessing whole = options.preprocessing;
  whole.margin = 0;
  EXPECT_TRUE(test::same_pixels(result.crops.at(0), face_crop(blank(), {.box = {0, 0, 80, 60}}, whole)));
}

TEST_F(FaceCropsTest, EachCropSaysHowLargeAndHowSureItsFaceWas) {
  add("blank.png", blank());
  add("face.png", face());
  const FaceCrops result = crop(options_with("haar"));
  const auto found = haar_detector().make({})->detect(face());
  ASSERT_THAT(found, Not(IsEmpty()));
  const FoundFace expected{.size = found[0].box.height, .score = found[0].score};
  EXPECT_EQ(found[0].box.width, found[0].box.height);
  EXPECT_THAT(result.faces, ElementsAre(std::nullopt, expected));

  const FaceCrops whole = crop(options_with("none"));
  EXPECT_THAT(whole.faces,
              ElementsAre(FoundFace{.size = 60, .score = 1}, FoundFace{.size = 160, .score = 1}));
}

TEST_F(FaceCropsTest, WithoutAFaceTheSampleIsLeftOutAndListed) {
  add("blank.png", blank());
  add("face.png", face());
  FaceCropOptions options = options_with("haar");
  options.missing = "skip";
  const FaceCrops result = crop(options);
  EXPECT_EQ(result.faces_found, 1U);
  EXPECT_EQ(result.faces_missing, 1U);
  EXPECT_THAT(paths_of(result.dataset, folder_.path()), ElementsAre("face.png"));
  EXPECT_THAT(rejections_of(result.dataset, folder_.path()), ElementsAre("blank.png: no face was found"));
  EXPECT_THAT(result.crops, SizeIs(1));
}

TEST_F(FaceCropsTest, WithoutAFaceItIsADataErrorIfSoWished) {
  add("face.png", face());
  add("blank.png", blank());
  FaceCropOptions options = options_with("haar");
  options.missing = "error";
  EXPECT_EQ(test::error_text(ErrorKind::data, [&] { return crop(options); }),
            dataset_.samples[1].path + ": no face was found (face.missing is 'error')");
}

TEST_F(FaceCropsTest, BadFilesAreLeftOutAndListedAfterThoseKnownBefore) {
  dataset_.rejected = {{folder_.path() / "odd.txt", "known before"}};
  add_bytes("broken.jpg", "no image");
  add("good.png", test::noise_image({32, 32}));
  add_bytes("empty.jpg", "");
  add_sample("gone.jpg");
  const FaceCrops result = crop(options_with("none"));
  EXPECT_THAT(paths_of(result.dataset, folder_.path()), ElementsAre("good.png"));
  EXPECT_THAT(rejections_of(result.dataset, folder_.path()),
              ElementsAre("odd.txt: known before", "broken.jpg: cannot be decoded as an image",
                          "empty.jpg: is empty (0 bytes), expected an image",
                          "gone.jpg: cannot read: No such file or directory"));
  EXPECT_EQ(result.faces_found, 1U);
  EXPECT_EQ(result.faces_missing, 0U);
}

TEST_F(FaceCropsTest, TheFirstBadFileIsADataErrorIfSoWishedWhateverTheWorkers) {
  for (int i = 0; i < 24; ++i) {
    const std::string name = fmt::format("{:02}.png", i);
    if (i == 9 || i == 10 || i == 20) {
      add_bytes(name, "no image");
    } else {
      add(name, test::noise_image({64, 64}));
    }
  }
  for (const int workers : {1, 4}) {
    FaceCropOptions options = options_with("none");
    options.on_bad_file = "error";
    options.workers = workers;
    for (int round = 0; round < 10; ++round) {
      EXPECT_EQ(test::error_text(ErrorKind::data, [&] { return crop(options); }),
                dataset_.samples[9].path + ": cannot be decoded as an image");
    }
  }
}

TEST_F(FaceCropsTest, TheFirstErrorCountsWhicheverComesUpSooner) {
  const cv::Size quick(60, 60);
  const cv::Size slow(640, 640);
  for (const auto& [first, second] : {std::pair(quick, slow), std::pair(slow, quick)}) {
    dataset_.samples.clear();
    add("1.png", blank(first));
    add("2.png", blank(second));
    FaceCropOptions options = options_with("haar");
    options.missing = "error";
    options.workers = 4;
    for (int round = 0; round < 3; ++round) {
      EXPECT_EQ(test::error_text(ErrorKind::data, [&] { return crop(options); }),
                dataset_.samples[0].path + ": no face was found (face.missing is 'error')");
    }
  }
}

TEST_F(FaceCropsTest, TheResultDoesNotDependOnTheWorkers) {
  for (int i = 0; i < 12; ++i) {
    const std::string name = fmt::format("{:02}.png", i);
    if (i % 4 == 1) {
      add_bytes(name, "no image");
    } else if (i % 4 == 2) {
      add(name, blank());
    } else {
      SyntheticFace person;
      person.identity = synthetic_identity(3, i % 2 == 0, i);
      add(name, render_face(person, {160, 200}));
    }
  }
  FaceCropOptions options = options_with("haar");
  options.missing = "skip";
  const FaceCrops alone = crop(options);
  EXPECT_EQ(alone.faces_found + alone.faces_missing, 9U);
  EXPECT_GE(alone.faces_found, 4U);
  for (const int workers : {4, 16}) {
    options.workers = workers;
    const FaceCrops together = crop(options);
    EXPECT_EQ(together.faces_found, alone.faces_found);
    EXPECT_EQ(together.faces_missing, alone.faces_missing);
    EXPECT_EQ(paths_of(together.dataset, folder_.path()), paths_of(alone.dataset, folder_.path()));
    EXPECT_EQ(rejections_of(together.dataset, folder_.path()), rejections_of(alone.dataset, folder_.path()));
    ASSERT_EQ(together.crops.size(), alone.crops.size());
    for (std::size_t i = 0; i < alone.crops.size(); ++i) {
      EXPECT_TRUE(test::same_pixels(together.crops[i], alone.crops[i])) << i;
    }
  }
}

/// OpenCV decodes half a JPEG without a word, the rest grey.
TEST_F(FaceCropsTest, AnImageWhoseFileIsCutOffIsListed) {
  write_image(folder_.path() / "whole.jpg", test::noise_image({64, 64}));
  const std::string whole = read_file(folder_.path() / "whole.jpg");
  add_bytes("half.jpg", whole.substr(0, whole.size() / 2));
  add_bytes("copy.jpg", whole);
  const FaceCrops result = crop(options_with("none"));
  EXPECT_THAT(result.crops, SizeIs(1));
  ASSERT_THAT(result.dataset.rejected, SizeIs(1));
  EXPECT_EQ(result.dataset.rejected[0].reason, "is cut off: the file ends before its image does");
}

TEST_F(FaceCropsTest, ADetectorThatCannotBeMadeEndsTheCall) {
  add("a.png", blank());
  FaceCropOptions options = options_with("haar");
  options.make_detector = []() -> std::unique_ptr<FaceDetector> { throw data_error("no such file"); };
  EXPECT_EQ(test::error_text(ErrorKind::data, [&] { return crop(options); }), "no such file");
}

TEST_F(FaceCropsTest, NoSamplesGiveNoCrops) {
  const FaceCrops result = crop(options_with("haar"));
  EXPECT_THAT(result.crops, IsEmpty());
  EXPECT_THAT(result.dataset.samples, IsEmpty());
}

TEST_F(FaceCropsTest, ProgressCountsEveryImage) {
  for (int i = 0; i < 6; ++i) add(fmt::format("{}.png", i), blank());
  add_bytes("broken.png", "no image");
  std::vector<std::size_t> steps;
  crop_faces(dataset_, options_with("none"),
             [&](std::size_t done, std::size_t total) {
               EXPECT_EQ(total, 7U);
               steps.push_back(done);
             },
             {});
  EXPECT_THAT(steps, ElementsAre(1, 2, 3, 4, 5, 6, 7));
}

TEST_F(FaceCropsTest, ProgressAndStopAreCalledByTheCallersThreadOnlyAndNeverGoBack) {
  for (int i = 0; i < 40; ++i) add(fmt::format("{:02}.png", i), blank());
  FaceCropOptions options = options_with("none");
  options.workers = 4;
  const auto caller = std::this_thread::get_id();
  std::size_t last = 0;
  crop_faces(
      dataset_, options,
      [&](std::size_t done, std::size_t total) {
        EXPECT_EQ(std::this_thread::get_id(), caller);
        EXPECT_GE(done, last);
        EXPECT_LE(done, total);
        last = done;
      },
      [&] {
        EXPECT_EQ(std::this_thread::get_id(), caller);
        return false;
      });
}

TEST_F(FaceCropsTest, StopEndsTheWorkBetweenImages) {
  for (int i = 0; i < 8; ++i) add(fmt::format("{}.png", i), blank());
  std::size_t done = 0;
  const ProgressFn progress = [&](std::size_t count, std::size_t) { done = count; };
  EXPECT_THROW(crop_faces(dataset_, options_with("none"), progress, [&] { return done >= 3; }), Stopped);
  EXPECT_EQ(done, 3U);
}

TEST_F(FaceCropsTest, StopEndsTheWorkOfAllThreads) {
  for (int i = 0; i < 40; ++i) add(fmt::format("{:02}.png", i), blank());
  FaceCropOptions options = options_with("none");
  options.workers = 4;
  int asked = 0;
  const StopFn stop = [&] { return ++asked >= 1; };
  EXPECT_THROW(crop_faces(dataset_, options, {}, stop), Stopped);
  EXPECT_EQ(asked, 1);
}

}  // namespace
}  // namespace fer
