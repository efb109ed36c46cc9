#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/readers.hpp"
#include "support/error_text.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> labels_of(const Dataset& dataset) {
  std::vector<std::string> names;
  for (const Sample& sample : dataset.samples) names.push_back(dataset.classes.name(sample.label));
  return names;
}

std::vector<std::string> splits_of(const Dataset& dataset) {
  std::vector<std::string> splits;
  for (const Sample& sample : dataset.samples) splits.push_back(sample.split);
  return splits;
}

TEST(FolderReaderTest, AFolderPerClass) {
  const test::TempFolder root;
  root.write("happy/b.jpg", "x");
  root.write("happy/a.PNG", "x");
  root.write("Anger/c.jpeg", "x");
  root.write("SADNESS/deep/er/d.bmp", "x");
  const Dataset dataset = read_with("folder", root.path());
  EXPECT_THAT(paths_of(dataset, root.path()),
              ElementsAre("Anger/c.jpeg", "SADNESS/deep/er/d.bmp", "happy/a.PNG", "happy/b.jpg"));
  EXPECT_THAT(labels_of(dataset), ElementsAre("angry", "sad", "happy", "happy"));
  EXPECT_THAT(splits_of(dataset), ElementsAre("", "", "", ""));
  EXPECT_THAT(dataset.rejected, IsEmpty());
  for (const Sample& sample : dataset.samples) {
    EXPECT_EQ(sample.subject, "");
    EXPECT_THAT(sample.attributes, IsEmpty());
  }
}

TEST(FolderReaderTest, BelowTrainValAndTestInTheirSpellings) {
  const test::TempFolder root;
  root.write("Train/happy/a.jpg", "x");
  root.write("Train/sad/b.jpg", "x");
  root.write("validation/happy/c.jpg", "x");
  root.write("test/sad/d.jpg", "x");
  const Dataset dataset = read_with("folder", root.path());
  EXPECT_THAT(paths_of(dataset, root.path()), ElementsAre("Train/happy/a.jpg", "Train/sad/b.jpg",
                                                          "test/sad/d.jpg", "validation/happy/c.jpg"));
  EXPECT_THAT(labels_of(dataset), ElementsAre("happy", "sad", "sad", "happy"));
  EXPECT_THAT(splits_of(dataset), ElementsAre("train", "train", "test", "val"));
  EXPECT_THAT(dataset.rejected, IsEmpty());
}

TEST(FolderReaderTest, OnePartAloneIsEnough) {
  const test::TempFolder root;
  root.write("train/happy/a.jpg", "x");
  EXPECT_THAT(splits_of(read_with("folder", root.path())), ElementsAre("train"));
}

TEST(FolderReaderTest, AFolderThatIsNoClassIsListedWithTheNearestName) {
  const test::TempFolder root;
  root.write("hapy/a.jpg", "x");
  root.write("landscape/b.jpg", "x");
  root.write("sad/c.jpg", "x");
  const Dataset dataset = read_with("folder", root.path());
  EXPECT_THAT(paths_of(dataset, root.path()), ElementsAre("sad/c.jpg"));
  EXPECT_THAT(rejections_of(dataset, root.path()),
              ElementsAre("hapy/a.jpg: its folder 'hapy' is no class, did you mean 'happy'?",
                          "landscape/b.jpg: its folder 'landscape' is no class"));
}

TEST(FolderReaderTest, ASourcesOwnWordsFindTheirClassesAndUnknownOnesAreNamed) {
  const test::TempFolder root;
  root.write("0/a.jpg", "x");
  root.write("contempt/b.jpg", "x");
  root.write("smirk/c.jpg", "x");
  const Dataset dataset =
      read_with("folder", root.path(), LabelMap(ClassList(), {{"0", "angry"}, {"contempt", "-"}}));
  EXPECT_THAT(labels_of(dataset), ElementsAre("angry"));
  EXPECT_THAT(rejections_of(dataset, root.path()),
              ElementsAre("contempt/b.jpg: its folder 'contempt' is left out",
                          "smirk/c.jpg: its folder 'smirk' is no class"));
  EXPECT_EQ(dataset.rejected[0].unknown_class, "");
  EXPECT_EQ(dataset.rejected[1].unknown_class, "smirk");
}

TEST(FolderReaderTest, AFolderBesideTrainThatIsNoPartIsListed) {
  const test::TempFolder root;
  root.write("train/happy/a.jpg", "x");
  root.write("vall/happy/b.jpg", "x");
  root.write("happy/c.jpg", "x");
  const Dataset dataset = read_with("folder", root.path());
  EXPECT_THAT(paths_of(dataset, root.path()), ElementsAre("train/happy/a.jpg"));
  EXPECT_THAT(rejections_of(dataset, root.path()),
              ElementsAre("happy/c.jpg: lies outside the folders train, val and test",
                          "vall/happy/b.jpg: lies outside the folders train, val and test"));
}

TEST(FolderReaderTest, AnImageInNoClassFolderIsListed) {
  const test::TempFolder flat;
  flat.write("happy/a.jpg", "x");
  flat.write("loose.jpg", "x");
  EXPECT_THAT(rejections_of(read_with("folder", flat.path()), flat.path()),
              ElementsAre("loose.jpg: lies in no class folder"));
  const test::TempFolder parts;
  parts.write("train/happy/a.jpg", "x");
  parts.write("train/loose.jpg", "x");
  parts.write("loose.jpg", "x");
  EXPECT_THAT(rejections_of(read_with("folder", parts.path()), parts.path()),
              ElementsAre("loose.jpg: lies outside the folders train, val and test",
                          "train/loose.jpg: lies in no class folder"));
}

TEST(FolderReaderTest, OtherFilesAndHiddenFoldersAreNoSamples) {
  const test::TempFolder root;
  root.write("happy/a.jpg", "x");
  root.write("happy/notes.txt", "x");
  root.write("happy/.hidden.jpg", "x");
  root.write(".cache/happy/b.jpg", "x");
  const Dataset dataset = read_with("folder", root.path());
  EXPECT_THAT(paths_of(dataset, root.path()), ElementsAre("happy/a.jpg"));
  EXPECT_THAT(dataset.rejected, IsEmpty());
}

TEST(FolderReaderTest, TheRootMayBeWrittenInAnyWay) {
  const test::TempFolder root;
  root.write("data/train/happy/a.jpg", "x");
  for (const std::string spelling : {"data", "data/", "data/.", "./data", "data/../data"}) {
    const Dataset dataset = read_with("folder", root.path() / spelling);
    EXPECT_THAT(labels_of(dataset), ElementsAre("happy")) << spelling;
    EXPECT_THAT(splits_of(dataset), ElementsAre("train")) << spelling;
  }
}

TEST(FolderReaderTest, AFileIsNoFolder) {
  const test::TempFolder root;
  const std::string file = root.write("a.jpg", "x");
  EXPECT_EQ(test::error_text(ErrorKind::data, [&] { return read_with("folder", file); }),
            file + ": is no folder");
}

}  // namespace
}  // namespace fer
