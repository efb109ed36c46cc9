#include "fer/data/read_sources.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/error_text.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

TEST(DatasetKind, IsGuessedFromNamesAndColumns) {
  const test::TempFolder folder;
  folder.write("kdef/AF01/AF01ANS.JPG", "");
  folder.write("kdef/AF01/AF01HAS.JPG", "");
  folder.write("kdef/AF01/extra.jpg", "");
  folder.write("classes/happy/1.jpg", "");
  folder.write("classes/happy/2.jpg", "");
  folder.write("classes/happy/AF01ANS.JPG", "");
  folder.write("fer.csv", "emotion, pixels ,Usage\r\n0,1 2,Training\n");
  folder.write("list.csv", "path,label\na.jpg,happy\n");
  EXPECT_EQ(guess_dataset_kind(folder.path() / "kdef"), "kdef");
  EXPECT_EQ(guess_dataset_kind(folder.path() / "classes"), "folder");
  EXPECT_EQ(guess_dataset_kind(folder.path() / "fer.csv"), "fer2013_csv");
  EXPECT_EQ(guess_dataset_kind(folder.path() / "list.csv"), "csv");
  EXPECT_THAT(test::error_text(ErrorKind::data, [&] { return guess_dataset_kind(folder.path() / "none"); }),
              HasSubstr("there is no such file or folder"));
}

TEST(ReadSources, PutsSourcesTogetherAndAllowsAClassWithoutImages) {
  const test::TempFolder folder;
  folder.write("a/happy/1.jpg", "");
  folder.write("b/happy/2.jpg", "");
  folder.write("b/odd/3.jpg", "");
  const std::vector<DatasetSource> sources = {{.kind = "folder", .root = folder.path() / "a"},
                                              {.kind = "folder", .root = folder.path() / "b"}};
  const Dataset dataset = read_sources(sources, ClassList({"happy", "sad"}));
  EXPECT_THAT(dataset.samples, SizeIs(2));
  EXPECT_THAT(dataset.rejected, SizeIs(1));
}

TEST(ReadSources, NothingToLookAtIsADataError) {
  const test::TempFolder folder;
  folder.write("odd/x/3.jpg", "");
  std::filesystem::create_directories(folder.path() / "empty");
  const auto read = [&](const std::string& kind, const std::string& name) {
    const DatasetSource source{.kind = kind, .root = folder.path() / name};
    return read_sources(std::span(&source, 1), {});
  };
  EXPECT_THAT(test::error_text(ErrorKind::data, [&] { return read("folder", "empty"); }),
              HasSubstr("holds no image"));
  EXPECT_THAT(test::error_text(ErrorKind::data, [&] { return read("folder", "odd"); }),
              HasSubstr("its folder 'x' is no class"));
  EXPECT_THAT(test::error_text(ErrorKind::data, [&] { return read("folder", "none"); }),
              HasSubstr("there is no such file or folder"));
  EXPECT_THAT(test::error_text(ErrorKind::usage, [&] { return read("foldr", "odd"); }),
              HasSubstr("did you mean 'folder'?"));
}

}  // namespace
}  // namespace fer
