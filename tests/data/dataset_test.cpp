#include "fer/data/dataset.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/readers.hpp"
#include "fer/vision/image.hpp"
#include "support/error_text.hpp"
#include "support/images.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

Dataset read(const std::vector<DatasetSource>& sources, const ClassList& classes = kHappySad) {
  return read_dataset(sources, classes);
}

std::string data_error_of(const std::vector<DatasetSource>& sources, const ClassList& classes = kHappySad) {
  return test::error_text(ErrorKind::data, [&] { return read(sources, classes); });
}

TEST(ReadDatasetTest, TheTableOfReaders) {
  std::vector<std::string> names;
  for (const DatasetReader& row : dataset_readers()) {
    names.push_back(row.name);
    EXPECT_FALSE(row.summary.empty());
  }
  EXPECT_THAT(names, ElementsAre("kdef", "folder", "csv", "fer2013_csv"));
}

TEST(ReadDatasetTest, SourcesFollowEachOtherWithWhatTheyRejected) {
  const test::TempFolder root;
  root.write("kdef/AF01SAS.JPG", "x");
  root.write("kdef/odd.jpg", "x");
  root.write("photos/happy/z.jpg", "x");
  root.write("photos/joyful/y.jpg", "x");
  const Dataset dataset = read(
      {{.kind = "kdef", .root = root.path() / "kdef"}, {.kind = "folder", .root = root.path() / "photos"}});
  EXPECT_EQ(dataset.classes, kHappySad);
  EXPECT_THAT(paths_of(dataset, root.path()), ElementsAre("kdef/AF01SAS.JPG", "photos/happy/z.jpg"));
  EXPECT_THAT(rejections_of(dataset, root.path()),
              ElementsAre(StartsWith("kdef/odd.jpg: "), StartsWith("photos/joyful/y.jpg: ")));
}

TEST(ReadDatasetTest, AnUnknownKindIsAUsageErrorWithTheNearest) {
  const test::TempFolder root;
  const auto text = [&](const std::string& kind) {
    return test::error_text(ErrorKind::usage, [&] { return read({{.kind = kind, .root = root.path()}}); });
  };
  EXPECT_EQ(
      text("kdeff"),
      "no data set kind is called 'kdeff', did you mean 'kdef'? (known: kdef, folder, csv, fer2013_csv)");
  EXPECT_EQ(text("imagenet"),
            "no data set kind is called 'imagenet' (known: kdef, folder, csv, fer2013_csv)");
}

TEST(ReadDatasetTest, AMissingRootIsADataErrorThatNamesIt) {
  for (const DatasetReader& row : dataset_readers()) {
    EXPECT_EQ(data_error_of({{.kind = row.name, .root = "/no/such/data"}}),
              "/no/such/data: there is no such file or folder");
  }
  const std::string endless = "/tmp/" + std::string(300, 'x');
  EXPECT_THAT(data_error_of({{.kind = "kdef", .root = endless}}), StartsWith(endless + ": "));
}

TEST(ReadDatasetTest, ARootWithoutASampleIsADataError) {
  const test::TempFolder root;
  EXPECT_EQ(data_error_of({{.kind = "folder", .root = root.path()}}),
            root.path().string() +
                ": holds no sample of kind 'folder' (a folder per class, below train/val/test or not); 0 "
                "files were "
                "rejected");
  root.write("AF77ANS.JPG", "x");
  root.write("b.jpg", "x");
  EXPECT_THAT(data_error_of({{.kind = "kdef", .root = root.path()}}),
              HasSubstr("2 files were rejected, the first: " + (root.path() / "AF77ANS.JPG").string() +
                        ": the name is outside KDEF's grammar"));
}

TEST(ReadDatasetTest, EveryClassWithoutAnImageIsNamed) {
  const test::TempFolder root;
  root.write("happy/a.jpg", "x");
  root.write("sad/a.jpg", "x");
  std::filesystem::create_directory(root.path() / "fear");
  const std::vector<DatasetSource> sources = {{.kind = "folder", .root = root.path()}};
  EXPECT_EQ(
      data_error_of(sources, {}),
      root.path().string() +
          ": no image of class angry, disgust, fear, surprise, neutral (name the classes you have under "
          "data.classes)");
  EXPECT_EQ(read(sources).samples.size(), 2U);
}

TEST(ReadDatasetTest, AClassMayComeFromAnySource) {
  const test::TempFolder root;
  root.write("one/happy/a.jpg", "x");
  root.write("two/sad/a.jpg", "x");
  EXPECT_EQ(
      read({{.kind = "folder", .root = root.path() / "one"}, {.kind = "folder", .root = root.path() / "two"}})
          .samples.size(),
      2U);
}

TEST(LoadImageTest, ReadsTheFile) {
  const test::TempFolder root;
  const cv::Mat rgb = test::noise_image({9, 7});
  write_image(root.path() / "a.png", rgb);
  Sample sample;
  sample.path = root.path() / "a.png";
  EXPECT_TRUE(test::same_pixels(load_image(sample), rgb));
}

TEST(LoadImageTest, PixelsOfACsvBecomeAnRgbImageOfTheirOwn) {
  Sample sample;
  sample.path = "fer2013.csv:2";
  for (int i = 0; i < 48 * 48; ++i) sample.pixels.push_back(static_cast<std::uint8_t>(i % 251));
  const cv::Mat rgb = load_image(sample);
  ASSERT_EQ(rgb.size(), cv::Size(48, 48));
  ASSERT_EQ(rgb.type(), CV_8UC3);
  EXPECT_EQ(rgb.at<cv::Vec3b>(1, 2), cv::Vec3b(50, 50, 50));
  EXPECT_EQ(rgb.at<cv::Vec3b>(47, 47), cv::Vec3b::all((48 * 48 - 1) % 251));
  sample.pixels.assign(48 * 48, 0);
  EXPECT_EQ(rgb.at<cv::Vec3b>(1, 2), cv::Vec3b(50, 50, 50));
}

TEST(LoadImageTest, AFileThatCannotBeDecodedIsADataErrorThatNamesIt) {
  const test::TempFolder root;
  Sample sample;
  sample.path = root.write("a.jpg", "no image");
  EXPECT_EQ(test::error_text(ErrorKind::data, [&] { return load_image(sample); }),
            sample.path + ": cannot be decoded as an image");
}

TEST(RejectedCsvTest, OneRowPerFile) {
  Dataset dataset;
  EXPECT_EQ(rejected_csv(dataset), "path,reason\n");
  dataset.rejected = {{"a.jpg", "is empty"},
                      {"b, c.jpg", "its folder 'hapy' is no class, did you mean 'happy'?"}};
  EXPECT_EQ(
      rejected_csv(dataset),
      "path,reason\na.jpg,is empty\n\"b, c.jpg\",\"its folder 'hapy' is no class, did you mean 'happy'?\"\n");
}

/// Two angles of women and one of a man.
Dataset three_views() {
  Dataset dataset;
  for (const auto& [path, angle, sex] :
       {std::tuple("a.jpg", "S", "F"), std::tuple("b.jpg", "HL", "F"), std::tuple("c.jpg", "S", "M")}) {
    Sample& sample = dataset.samples.emplace_back();
    sample.path = path;
    sample.attributes = {{"angle", angle}, {"sex", sex}};
  }
  return dataset;
}

TEST(KeepOnlyTest, TakesSamplesThatHaveOneOfTheValuesOfEachAttribute) {
  Dataset dataset = three_views();
  keep_only(dataset, {});
  EXPECT_THAT(dataset.samples, testing::SizeIs(3));
  keep_only(dataset, {{"angle", {"S", "HL"}}, {"sex", {"F"}}});
  EXPECT_THAT(dataset.samples, testing::SizeIs(2));
  EXPECT_THAT(dataset.left_out, testing::ElementsAre("c.jpg"));
  dataset.samples[0].attributes.erase("angle");
  keep_only(dataset, {{"angle", {"HL"}}});
  ASSERT_THAT(dataset.samples, testing::SizeIs(1));
  EXPECT_EQ(dataset.samples[0].path, "b.jpg");
  EXPECT_THAT(dataset.left_out, testing::ElementsAre("c.jpg", "a.jpg"));
}

TEST(KeepOnlyTest, AnAttributeOrValueThatNoSampleHasIsAUsageError) {
  const auto error = [](const AllowedValues& allowed) {
    Dataset dataset = three_views();
    return test::error_text(ErrorKind::usage, [&] { return keep_only(dataset, allowed), 0; });
  };
  EXPECT_EQ(error({{"angel", {"S"}}}),
            "data.only: no sample has an attribute 'angel', did you mean 'angle'? (known: angle, sex)");
  EXPECT_EQ(error({{"angle", {"S", "FL"}}}),
            "data.only.angle: no sample has the value 'FL', did you mean 'HL'? (known: HL, S)");
  EXPECT_EQ(error({{"angle", {"HL"}}, {"sex", {"M"}}}), "data.only: no sample fits all of it");
}

TEST(PersonOfTest, IsOneForBothSessionsOfKdefAndTheNameItselfElse) {
  EXPECT_EQ(person_of("AF01"), "F01");
  EXPECT_EQ(person_of("bf01"), "F01");
  EXPECT_EQ(person_of("BM35"), "M35");
  for (const char* name : {"F01", "AF36", "AF00", "CF01", "AX01", "AF1", "AF001", "AFxx", "", "alice"})
    EXPECT_EQ(person_of(name), name);
}

}  // namespace
}  // namespace fer
