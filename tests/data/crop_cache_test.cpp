#include "fer/data/crop_cache.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <optional>
#include <thread>
#include <utility>

#include "data/readers.hpp"
#include "fer/core/files.hpp"
#include "fer/data/face_crops.hpp"
#include "fer/data/synthetic_face.hpp"
#include "fer/vision/image.hpp"
#include "support/error_text.hpp"
#include "support/images.hpp"
#include "support/scoped_variable.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

constexpr int kSide = 32;
constexpr std::size_t kCropBytes = std::size_t{3} * kSide * kSide;

class CropCacheTest : public testing::Test {
 protected:
  CropCacheTest() {
    detect_with(whole_image_detector());
    options_.preprocessing.margin = 0;
    options_.preprocessing.size = kSide;
    options_.cache = {.keep = true, .folder = cache_.path() / "crops", .max_bytes = 1'000'000};
    for (int i = 0; i < 6; ++i) {
      add(fmt::format("{}.png", i));
      write_image(images_.path() / fmt::format("{}.png", i), test::noise_image({40, 40}, seed(i)));
    }
  }

  void detect_with(const FaceDetectorKind& kind) {
    options_.preprocessing.detector = kind.facts.name;
    options_.make_detector = [&kind] { return kind.make({}); };
  }

  static std::uint64_t seed(int i) { return static_cast<std::uint64_t>(i); }

  void add(const std::string& name) {
    Sample sample;
    sample.path = images_.path() / name;
    dataset_.samples.push_back(sample);
  }

  FaceCrops crop() const { return crop_faces(dataset_, options_, {}, {}); }

  /// Other bytes of the same length and time of change.
  static void garble(const fs::path& path) {
    const auto time = fs::last_write_time(path);
    write_file(path, std::string(fs::file_size(path), 'x'));
    fs::last_write_time(path, time);
  }

  std::vector<std::string> kept() const { return cache_.files(); }
  fs::path kept_file() const { return cache_.path() / kept().at(0); }

  const test::TempFolder images_;
  const test::TempFolder cache_;
  Dataset dataset_;
  FaceCropOptions options_;
};

void expect_same(const FaceCrops& a, const FaceCrops& b) {
  EXPECT_EQ(a.faces_found, b.faces_found);
  EXPECT_EQ(a.faces_missing, b.faces_missing);
  EXPECT_EQ(a.digests, b.digests);
  EXPECT_EQ(a.faces, b.faces);
  EXPECT_EQ(paths_of(a.dataset, "/"), paths_of(b.dataset, "/"));
  EXPECT_EQ(rejections_of(a.dataset, "/"), rejections_of(b.dataset, "/"));
  ASSERT_EQ(a.crops.size(), b.crops.size());
  for (std::size_t i = 0; i < a.crops.size(); ++i)
    EXPECT_TRUE(test::same_pixels(a.crops[i], b.crops[i])) << i;
}

void expect_right_digests(const FaceCrops& faces) {
  ASSERT_EQ(faces.digests.size(), faces.crops.size());
  for (std::size_t i = 0; i < faces.crops.size(); ++i) {
    const cv::Mat& crop = faces.crops[i];
    EXPECT_EQ(faces.digests[i], sha256({reinterpret_cast<const char*>(crop.data), kCropBytes})) << i;
  }
}

TEST_F(CropCacheTest, TheSecondRunDecodesNothingAndGivesTheSame) {
  detect_with(haar_detector());
  options_.missing = "skip";
  options_.workers = 3;
  write_image(images_.path() / "1.png", render_face({}, {160, 200}));
  write_image(images_.path() / "4.png", render_face({}, {120, 150}));
  images_.write("odd, \"name\".jpg", "no image");
  add("odd, \"name\".jpg");
  dataset_.rejected = {{images_.path() / "known", "before"}};
  const FaceCrops cold = crop();
  EXPECT_FALSE(cold.from_cache);
  EXPECT_EQ(cold.faces_found, 2U);
  EXPECT_EQ(cold.faces_missing, 4U);
  expect_right_digests(cold);
  ASSERT_THAT(kept(), ElementsAre(EndsWith(".crops")));
  for (const Sample& sample : dataset_.samples) garble(sample.path);
  for (const int workers : {1, 4}) {
    options_.workers = workers;
    const FaceCrops warm = crop();
    EXPECT_TRUE(warm.from_cache);
    expect_same(cold, warm);
  }
}

TEST_F(CropCacheTest, WhetherTheyAreKeptMakesNoDifference) {
  const FaceCrops cold = crop();
  options_.cache = {.keep = false, .folder = cache_.path() / "other"};
  const FaceCrops unkept = crop();
  EXPECT_FALSE(unkept.from_cache);
  expect_same(cold, unkept);
  EXPECT_THAT(kept(), SizeIs(1));
}

TEST_F(CropCacheTest, LabelsAreNotWhatIsKept) {
  crop();
  dataset_.samples[2].label = 5;
  dataset_.samples[2].subject = "somebody";
  const FaceCrops warm = crop();
  EXPECT_TRUE(warm.from_cache);
  EXPECT_EQ(warm.dataset.samples[2].label, 5);
  EXPECT_EQ(warm.dataset.samples[2].subject, "somebody");
}

TEST_F(CropCacheTest, EverythingTheCropsDependOnMakesAnotherFile) {
  const auto change_image = [&] { write_image(images_.path() / "3.png", test::noise_image({40, 41}, 77)); };
  const auto touch = [&] {
    const fs::path path = images_.path() / "3.png";
    fs::last_write_time(path, fs::last_write_time(path) + std::chrono::nanoseconds(1));
  };
  Preprocessing& preprocessing = options_.preprocessing;
  const std::vector<std::pair<std::string, std::function<void()>>> changes = {
      {"image", change_image},
      {"time", touch},
      {"added", [&] { dataset_.samples.push_back(dataset_.samples[0]); }},
      {"removed", [&] { dataset_.samples.erase(dataset_.samples.begin()); }},
      {"order", [&] { std::swap(dataset_.samples[0], dataset_.samples[1]); }},
      {"detector", [&] { detect_with(haar_detector()); }},
      {"min_face", [&] { preprocessing.min_face = 0.2F; }},
      {"min_score", [&] { preprocessing.min_score = 0.8F; }},
      {"target", [&] { preprocessing.target = FaceTarget::center; }},
      {"align", [&] { preprocessing.align = true; }},
      {"square", [&] { preprocessing.square = false; }},
      {"margin", [&] { preprocessing.margin = 0.25F; }},
      {"size", [&] { preprocessing.size = 24; }},
      {"grey", [&] { preprocessing.grey = true; }},
      {"missing", [&] { options_.missing = "skip"; }},
      {"on_bad_file", [&] { options_.on_bad_file = "error"; }},
  };
  crop();
  for (std::size_t i = 0; i < changes.size(); ++i) {
    changes[i].second();
    EXPECT_FALSE(crop().from_cache) << changes[i].first;
    EXPECT_THAT(kept(), SizeIs(i + 2)) << changes[i].first;
    EXPECT_TRUE(crop().from_cache) << changes[i].first;
  }
}

TEST_F(CropCacheTest, TheNetworksNormalisationMakesNoDifference) {
  crop();
  options_.preprocessing.mean = {0, 0, 0};
  options_.preprocessing.std = {1, 1, 1};
  options_.workers = 2;
  EXPECT_TRUE(crop().from_cache);
}

TEST_F(CropCacheTest, ADamagedFileIsMadeAnew) {
  const FaceCrops cold = crop();
  const fs::path path = kept_file();
  const std::string whole = read_file(path);
  const std::size_t table = 6 * kCropBytes;
  std::vector<std::string> damaged = {"", "x", whole + "x", whole.substr(1), "x" + whole};
  for (const std::size_t length : {std::size_t{1}, kCropBytes, table - 1, table, table + 1, table + 64,
                                   table + 65, whole.size() - 65, whole.size() - 64, whole.size() - 1})
    damaged.push_back(whole.substr(0, length));
  for (std::size_t at = table; at < whole.size(); at += 13) {
    damaged.push_back(whole);
    damaged.back()[at] ^= 1;
  }
  for (const std::string& bytes : damaged) {
    write_file(path, bytes);
    const FaceCrops again = crop();
    EXPECT_FALSE(again.from_cache);
    expect_same(cold, again);
    EXPECT_TRUE(crop().from_cache);
    EXPECT_EQ(read_file(path), whole);
  }
}

TEST_F(CropCacheTest, TheFileOfOtherCropsUnderThisNameIsMadeAnew) {
  crop();
  const fs::path mine = kept_file();
  write_image(images_.path() / "0.png", test::noise_image({40, 40}, 99));
  const FaceCrops other = crop();
  for (const std::string& name : kept()) {
    if (cache_.path() / name == mine) continue;
    fs::remove(cache_.path() / name);
    fs::copy_file(mine, cache_.path() / name);
  }
  const FaceCrops again = crop();
  EXPECT_FALSE(again.from_cache);
  expect_same(other, again);
}

TEST_F(CropCacheTest, ImagesInsideAListAreKeptByTheirPixels) {
  const auto list = [&](int last) {
    std::string text = "emotion,pixels,Usage\n";
    for (int row = 0; row < 3; ++row) {
      text += fmt::format("{},", row);
      for (int i = 0; i < 48 * 48; ++i) text += fmt::format("{} ", (row * 31 + i * 7) % 200 + last);
      text += ",Training\n";
    }
    return images_.write("fer2013.csv", text);
  };
  dataset_ = read_with("fer2013_csv", list(0));
  ASSERT_THAT(dataset_.samples, SizeIs(3));
  const FaceCrops cold = crop();
  EXPECT_FALSE(cold.from_cache);
  dataset_ = read_with("fer2013_csv", list(0));  // written anew: the same pixels
  const FaceCrops warm = crop();
  EXPECT_TRUE(warm.from_cache);
  expect_same(cold, warm);
  dataset_ = read_with("fer2013_csv", list(1));
  EXPECT_FALSE(crop().from_cache);
}

TEST_F(CropCacheTest, AnUndecodableFileIsRememberedButAnUnreadableOneIsNot) {
  images_.write("bad.png", "no image");
  add("bad.png");
  EXPECT_THAT(crop().dataset.rejected, SizeIs(1));
  EXPECT_TRUE(crop().from_cache);
  fs::remove(images_.path() / "bad.png");
  fs::create_directory(images_.path() / "bad.png");  // cannot be read even by those who may read everything
  for (int run = 0; run < 2; ++run) {
    const FaceCrops result = crop();
    EXPECT_FALSE(result.from_cache);
    ASSERT_THAT(result.dataset.rejected, SizeIs(1));
    EXPECT_THAT(result.dataset.rejected[0].reason, StartsWith("cannot read"));
    EXPECT_THAT(result.crops, SizeIs(6));
    EXPECT_THAT(kept(), SizeIs(1));
  }
}

TEST_F(CropCacheTest, TheFilesUsedLongestAgoGoFirst) {
  options_.cache.max_bytes = 3 * (6 * kCropBytes + 1000);
  const auto with_margin = [&](float margin) {
    options_.preprocessing.margin = margin;
    return crop();
  };
  const auto age = [&](int hours) {  // of all that is kept now
    for (const std::string& name : kept()) {
      const fs::path path = cache_.path() / name;
      fs::last_write_time(path, fs::last_write_time(path) - std::chrono::hours(hours));
    }
  };
  const FaceCrops first = with_margin(0.1F);
  age(1);
  const FaceCrops second = with_margin(0.2F);
  age(1);
  with_margin(0.3F);
  age(1);
  EXPECT_THAT(kept(), SizeIs(3));
  EXPECT_TRUE(with_margin(0.1F).from_cache);  // used now: the second is the oldest
  with_margin(0.4F);
  EXPECT_THAT(kept(), SizeIs(3));
  EXPECT_TRUE(with_margin(0.1F).from_cache);
  EXPECT_TRUE(with_margin(0.3F).from_cache);
  EXPECT_TRUE(with_margin(0.4F).from_cache);
  expect_right_digests(second);  // its file is gone, its crops are not
  const FaceCrops again = with_margin(0.2F);
  EXPECT_FALSE(again.from_cache);
  expect_same(second, again);
}

TEST_F(CropCacheTest, OtherFilesInTheFolderAreLeftAlone) {
  const std::string key(64, 'a');
  const std::vector<std::string> names = {"notes.txt", key, key + ".crops.bak", "b.crops",
                                          key + ".crops.scratch-1"};
  for (const std::string& name : names) cache_.write("crops/" + name, std::string(10000, 'x'));
  cache_.write("crops/" + key + ".crops", std::string(10000, 'x'));
  options_.cache.max_bytes = 6 * kCropBytes + 1000;
  crop();
  EXPECT_TRUE(crop().from_cache);
  EXPECT_THAT(kept(), SizeIs(names.size() + 1));
  for (const std::string& name : names) EXPECT_TRUE(fs::exists(options_.cache.folder / name)) << name;
}

TEST_F(CropCacheTest, WhatIsLargerThanTheFolderMayBeIsNotKept) {
  cache_.write("crops/" + std::string(64, 'a') + ".crops", "small");
  for (const std::uint64_t max_bytes : {6 * kCropBytes - 1, 6 * kCropBytes}) {
    options_.cache.max_bytes = max_bytes;
    const FaceCrops result = crop();
    expect_right_digests(result);
    EXPECT_THAT(result.crops, SizeIs(6));
    EXPECT_FALSE(crop().from_cache);
  }
}

TEST_F(CropCacheTest, WithoutKeepNothingIsEverSeenInTheFolder) {
  options_.cache.keep = false;
  const FaceCrops result =
      crop_faces(dataset_, options_, [&](std::size_t, std::size_t) { EXPECT_THAT(kept(), IsEmpty()); }, {});
  EXPECT_THAT(kept(), IsEmpty());
  EXPECT_FALSE(crop().from_cache);
  expect_right_digests(result);
}

TEST_F(CropCacheTest, ByDefaultNothingIsKept) {
  const test::ScopedVariable temporary("TMPDIR", cache_.path().string());
  options_.cache = {};
  const FaceCrops result = crop();
  EXPECT_THAT(kept(), IsEmpty());
  EXPECT_THAT(result.crops, SizeIs(6));
  const test::ScopedVariable none("TMPDIR", (cache_.path() / "none").string());
  EXPECT_THAT(test::error_text(ErrorKind::failure, [&] { return crop(); }), HasSubstr("$TMPDIR"));
}

TEST_F(CropCacheTest, AStopOrAnErrorLeavesNothing) {
  std::size_t done = 0;
  const ProgressFn progress = [&](std::size_t count, std::size_t) { done = count; };
  EXPECT_THROW(crop_faces(dataset_, options_, progress, [&] { return done == 3; }), Stopped);
  EXPECT_EQ(done, 3U);
  EXPECT_THAT(kept(), IsEmpty());
  images_.write("bad.png", "no image");
  add("bad.png");
  options_.on_bad_file = "error";
  EXPECT_THAT(test::error_text(ErrorKind::data, [&] { return crop(); }), HasSubstr("bad.png"));
  EXPECT_THAT(kept(), IsEmpty());
}

TEST_F(CropCacheTest, AStopIsHeededWhereTheCropsAreKeptToo) {
  crop();
  EXPECT_THROW(crop_faces(dataset_, options_, {}, [] { return true; }), Stopped);
  EXPECT_THAT(kept(), SizeIs(1));
}

TEST_F(CropCacheTest, WhatAKilledWriterLeftIsRemovedAndWhatALivingOneWritesIsNot) {
  const CropFileFacts facts{.key = std::string(64, 'b'), .samples = 6, .crop_bytes = kCropBytes};
  const pid_t child = ::fork();
  if (child == 0) {
    CropWriter writer(options_.cache, facts);
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  const std::vector<std::string> left = kept();
  ASSERT_THAT(left, SizeIs(1));
  CropWriter living(options_.cache, facts);
  ASSERT_THAT(kept(), SizeIs(1));
  EXPECT_NE(kept(), left);
  crop();
  EXPECT_THAT(kept(), SizeIs(2));
  const std::vector<std::uint8_t> pixels(kCropBytes, 7);
  std::vector<CropRow> rows(6, {.sha256 = {}, .face = {}, .reason = "none"});
  rows[4] = {.sha256 = std::string(64, 'd'), .face = FoundFace{.size = 7, .score = 0.1F}, .reason = {}};
  living.write(4, pixels);
  living.finish(rows, true);
  const auto stored = load_crops(options_.cache, facts);
  ASSERT_TRUE(stored);
  EXPECT_THAT(stored->file.bytes().subspan(4 * kCropBytes, kCropBytes), testing::ElementsAreArray(pixels));
  EXPECT_EQ(stored->rows[4].sha256, std::string(64, 'd'));
  EXPECT_EQ(stored->rows[4].face, rows[4].face);
  EXPECT_EQ(stored->rows[5].face, std::nullopt);
  EXPECT_EQ(stored->rows[5].reason, "none");
}

TEST_F(CropCacheTest, TwoRunsAtOnceBothSucceed) {
  const FaceCrops expected = [&] {
    FaceCropOptions options = options_;
    options.cache.keep = false;
    return crop_faces(dataset_, options, {}, {});
  }();
  for (int round = 0; round < 10; ++round) {
    fs::remove_all(options_.cache.folder);
    std::vector<FaceCrops> results(4);
    {
      std::vector<std::jthread> runs;
      for (FaceCrops& result : results) runs.emplace_back([&] { result = crop(); });
    }
    for (const FaceCrops& result : results) expect_same(expected, result);
    EXPECT_THAT(kept(), SizeIs(1));
    EXPECT_TRUE(crop().from_cache);
  }
}

TEST_F(CropCacheTest, AFolderThatCannotBeMadeIsAFailureThatNamesItAndItsKey) {
  cache_.write("file", "x");
  for (const bool keep : {true, false}) {
    options_.cache.keep = keep;
    options_.cache.folder = cache_.path() / "file/crops";
    EXPECT_EQ(test::error_text(ErrorKind::failure, [&] { return crop(); }),
              options_.cache.folder.string() +
                  ": cannot make this folder: Not a directory (data.cache.folder names the place, where "
                  "0.000 GB are needed for the crops)");
  }
}

TEST_F(CropCacheTest, AFolderThatCannotBeWrittenIsAFailureUnlessTheCropsAreThere) {
  if (::geteuid() == 0) GTEST_SKIP() << "this user may write everywhere";
  crop();
  fs::permissions(options_.cache.folder, fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_TRUE(crop().from_cache);
  options_.preprocessing.margin = 0.5F;
  const std::string text = test::error_text(ErrorKind::failure, [&] { return crop(); });
  fs::permissions(options_.cache.folder, fs::perms::owner_all);
  EXPECT_THAT(text, StartsWith(options_.cache.folder.string()));
  EXPECT_THAT(text, HasSubstr("data.cache.folder"));
}

TEST_F(CropCacheTest, AFullDiskIsAFailureThatSaysHowMuchIsNeeded) {
  options_.preprocessing.size = 600;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit limit{1'000'000, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &limit);
  const std::string text = test::error_text(ErrorKind::failure, [&] { return crop(); });
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_THAT(text, StartsWith(options_.cache.folder.string()));
  EXPECT_THAT(text,
              EndsWith("cannot write: File too large (data.cache.folder names the place, where 0.006 GB "
                       "are needed for the crops)"));
  EXPECT_THAT(kept(), IsEmpty());
}

TEST_F(CropCacheTest, NoSamplesAreKeptToo) {
  dataset_.samples.clear();
  EXPECT_THAT(crop().crops, IsEmpty());
  const FaceCrops warm = crop();
  EXPECT_TRUE(warm.from_cache);
  EXPECT_THAT(warm.crops, IsEmpty());
}

}  // namespace
}  // namespace fer
