#include "fer/data/leakage.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <opencv2/imgcodecs.hpp>

#include "fer/core/files.hpp"
#include "fer/data/protocol.hpp"
#include "fer/data/synthetic_face.hpp"
#include "support/images.hpp"

namespace fer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

cv::Mat face(int number, const std::string& emotion = "neutral") {
  Rng rng(static_cast<std::uint64_t>(number));
  SyntheticFace drawn;
  drawn.identity = synthetic_identity(5, number % 2 == 0, number);
  drawn.scene = synthetic_scene(rng);
  drawn.expression = synthetic_expression(emotion, 1, rng);
  return render_face(drawn, {96, 96});
}

cv::Mat coded_anew(const cv::Mat& rgb) {
  std::vector<std::uint8_t> bytes;
  cv::imencode(".jpg", rgb, bytes, {cv::IMWRITE_JPEG_QUALITY, 60});
  return cv::imdecode(bytes, cv::IMREAD_COLOR);
}

class LeakageTest : public testing::Test {
 protected:
  std::size_t add(Part part, const cv::Mat& crop, const std::string& subject = "") {
    Sample& sample = dataset_.samples.emplace_back();
    sample.path = fmt::format("{}.jpg", parts_.size());
    sample.label = static_cast<int>(parts_.size()) % 7;
    sample.subject = subject;
    crops_.push_back(crop);
    digests_.push_back(sha256({reinterpret_cast<const char*>(crop.data), crop.total() * crop.elemSize()}));
    parts_.push_back(part);
    return parts_.size() - 1;
  }

  std::vector<Leak> find(int workers = 1) const {
    const std::vector<CropLook> looks = looks_of(crops_, workers, {}, {});
    return find_leaks({.dataset = dataset_, .digests = digests_, .looks = looks, .parts = parts_}, workers,
                      {}, {});
  }

  /// "duplicate 0 train 3 val".
  std::vector<std::string> found(int workers = 1) const {
    std::vector<std::string> texts;
    for (const Leak& leak : find(workers)) {
      texts.push_back(fmt::format("{} {} {} {} {}", name_of(leak.kind), leak.sample, part_name(leak.part),
                                  leak.other, part_name(leak.other_part)));
    }
    return texts;
  }

  Dataset dataset_;
  std::vector<cv::Mat> crops_;
  std::vector<std::string> digests_;
  std::vector<Part> parts_;
};

TEST_F(LeakageTest, PeopleAndPicturesThatStandInOnePartEachAreNone) {
  for (int i = 0; i < 12; ++i) {
    const Part part = i < 6 ? Part::train : i < 9 ? Part::val : Part::test;
    const std::string subject = fmt::format("p{}", i);
    for (const char* emotion : {"neutral", "happy", "angry"}) add(part, face(i, emotion), subject);
    add(part, face(i), subject);
    add(Part::unused, face(i, "happy"), "p0");
  }
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(LeakageTest, ASubjectInTwoPartsIsOneLeakForEachPairOfParts) {
  add(Part::train, face(1), "b");
  add(Part::train, face(2), "a");
  add(Part::train, face(4), "a");
  add(Part::test, face(5), "a");
  add(Part::val, face(3), "c");
  add(Part::test, face(6), "a");
  add(Part::val, face(7), "a");
  EXPECT_THAT(found(),
              ElementsAre("subject 1 train 6 val", "subject 1 train 3 test", "subject 6 val 3 test"));
}

TEST_F(LeakageTest, TwoSessionsOfAPersonUnderTwoNamesAreATwin) {
  add(Part::train, face(1), "AF01");
  add(Part::val, face(2), "BF01");
  add(Part::train, face(3), "am35");
  add(Part::test, face(4), "M35");
  add(Part::train, face(5), "AF36");  // KDEF has 35 of each
  add(Part::val, face(6), "BF36");
  add(Part::train, face(7), "CF02");
  add(Part::val, face(8), "BF02");
  EXPECT_THAT(found(), ElementsAre("session_twin 0 train 1 val", "session_twin 2 train 3 test"));
}

TEST_F(LeakageTest, TheSamePixelsAreADuplicateEachImageInARowAtLeast) {
  add(Part::train, face(1));
  add(Part::train, face(2));
  add(Part::val, face(1));
  add(Part::train, face(1));
  add(Part::val, face(1));
  add(Part::val, face(3));
  EXPECT_THAT(found(),
              ElementsAre("duplicate 0 train 2 val", "duplicate 0 train 4 val", "duplicate 3 train 2 val"));
}

TEST_F(LeakageTest, ACopyCodedAnewOrDarkerIsANearDuplicateOfTheNearestOne) {
  add(Part::train, face(1));
  add(Part::train, face(2));
  add(Part::train, face(1) * 0.8);
  add(Part::val, coded_anew(face(2)));
  add(Part::test, coded_anew(face(1)));
  add(Part::val, face(4));
  EXPECT_THAT(found(), ElementsAre("near_duplicate 1 train 3 val", "near_duplicate 0 train 4 test",
                                   "near_duplicate 2 train 4 test"));
}

TEST_F(LeakageTest, WhatHasAnExactCopyIsStillFoundByANearOne) {
  add(Part::train, face(1));
  add(Part::train, coded_anew(face(1)));
  add(Part::val, face(1));
  EXPECT_THAT(found(), ElementsAre("duplicate 0 train 2 val", "near_duplicate 1 train 2 val"));
}

TEST_F(LeakageTest, BlankCropsAreComparedByTheirPixelsAlone) {
  const cv::Mat grey(96, 96, CV_8UC3, cv::Scalar::all(128));
  const cv::Mat lighter(96, 96, CV_8UC3, cv::Scalar::all(130));
  add(Part::train, grey);
  add(Part::val, lighter);
  EXPECT_THAT(found(), IsEmpty());
  add(Part::val, grey);
  EXPECT_THAT(found(), ElementsAre("duplicate 0 train 2 val"));
}

TEST_F(LeakageTest, TheResultDoesNotDependOnTheWorkersAndStopsOnRequest) {
  for (int i = 0; i < 40; ++i) {
    add(i % 2 == 0 ? Part::train : Part::val, i % 3 == 0 ? coded_anew(face(i / 4)) : face(i / 4),
        fmt::format("p{}", i / 5));
  }
  EXPECT_THAT(found(), testing::Not(IsEmpty()));
  EXPECT_EQ(found(3), found(1));
  EXPECT_THROW(looks_of(crops_, 2, {}, [] { return true; }), Stopped);
}

TEST_F(LeakageTest, ProgressCountsEveryCropOnceForEachOtherPart) {
  for (int i = 0; i < 12; ++i)
    add(i < 6 ? Part::train : i < 10 ? Part::val : i < 11 ? Part::test : Part::unused, face(i));
  std::vector<std::size_t> seen;
  const ProgressFn progress = [&](std::size_t done, std::size_t total) {
    EXPECT_EQ(total, 10U + 7U + 5U);
    seen.push_back(done);
  };
  const auto looks = looks_of(crops_, 1, {}, {});
  find_leaks({.dataset = dataset_, .digests = digests_, .looks = looks, .parts = parts_}, 1, progress, {});
  std::vector<std::size_t> all(22);
  std::iota(all.begin(), all.end(), 1);
  EXPECT_EQ(seen, all);
}

TEST_F(LeakageTest, ProgressExpectsNothingOfAPartThatIsEmpty) {
  for (int i = 0; i < 6; ++i) add(i < 4 ? Part::train : Part::val, face(i));
  std::pair<std::size_t, std::size_t> last;
  const ProgressFn progress = [&](std::size_t done, std::size_t total) { last = {done, total}; };
  const auto looks = looks_of(crops_, 1, {}, {});
  find_leaks({.dataset = dataset_, .digests = digests_, .looks = looks, .parts = parts_}, 1, progress, {});
  EXPECT_EQ(last, std::pair(std::size_t{6}, std::size_t{6}));
}

TEST_F(LeakageTest, GroupsCountPeopleAndImagesOfTheLaterPart) {
  add(Part::train, face(1), "a");
  add(Part::train, face(2), "b");
  add(Part::val, face(1), "a");
  add(Part::train, face(1));
  add(Part::train, face(2, "happy"));
  add(Part::val, coded_anew(face(2, "happy")), "b");
  const auto leaks = find();
  const auto groups = group_leaks(leaks);
  ASSERT_THAT(groups, SizeIs(3));
  EXPECT_EQ(leak_text(groups[0]), "2 subjects in train and val");
  EXPECT_EQ(leak_text(groups[1]), "1 duplicate in train and val");
  EXPECT_EQ(leak_text(groups[2]), "1 near duplicate in train and val");
  EXPECT_EQ(leaks[groups[1].first].kind, LeakKind::duplicate);
}

TEST_F(LeakageTest, ExcludingTakesTheEarlierSampleOfEachPairOfPictures) {
  add(Part::train, face(1), "a");
  add(Part::train, face(1), "b");
  add(Part::val, face(1), "a");
  add(Part::val, face(2), "c");
  add(Part::test, coded_anew(face(2)), "d");
  add(Part::train, face(3), "e");
  const auto leaks = find();
  EXPECT_EQ(exclude_leaked(leaks, parts_), 3U);
  EXPECT_THAT(parts_,
              ElementsAre(Part::unused, Part::unused, Part::val, Part::unused, Part::test, Part::train));
  EXPECT_THAT(find(), IsEmpty());
}

TEST_F(LeakageTest, ExcludingDoesNotPartPeople) {
  add(Part::train, face(1), "a");
  add(Part::val, face(1, "happy"), "a");
  EXPECT_EQ(exclude_leaked(find(), parts_), 0U);
  EXPECT_THAT(parts_, ElementsAre(Part::train, Part::val));
}

TEST_F(LeakageTest, TheErrorCountsNamesAndSaysWhatToDo) {
  add(Part::train, face(1), "a");
  add(Part::val, face(1), "a");
  const Error error = leakage_error(dataset_, find());
  EXPECT_EQ(error.kind(), ErrorKind::data);
  EXPECT_STREQ(
      error.what(),
      "the parts share what they must not: 1 subject in train and val (the first: 0.jpg and 1.jpg), "
      "1 duplicate in train and val (the first: 0.jpg and 1.jpg); 'fer-data split' lists all in "
      "leaks.csv; data.exclude_leaked: true leaves copies out, data.allow_leakage: true trains all the "
      "same and says so everywhere");
  digests_[1] = "another";
  crops_[1] = face(9);
  EXPECT_THAT(leakage_error(dataset_, find()).what(), testing::Not(HasSubstr("exclude_leaked")));
}

TEST_F(LeakageTest, TheListNamesBothSamplesWithPartAndLabel) {
  add(Part::train, face(1));
  add(Part::test, face(1));
  EXPECT_EQ(leaks_csv(dataset_, find()),
            "kind,path,split,label,other_path,other_split,other_label\n"
            "duplicate,0.jpg,train,angry,1.jpg,test,disgust\n");
}

class SplitFactsTest : public LeakageTest {
 protected:
  /// A split of `method` that gives these parts, and what is left of the leaks.
  SplitFacts facts(const std::string& method, const std::vector<Leak>& leaks = {},
                   std::size_t excluded = 0) const {
    return split_facts(dataset_, split(method), leaks, excluded);
  }
  Split split(const std::string& method) const { return {.method = method, .parts = parts_}; }
  std::string text(const std::string& method) const { return split_text(facts(method)); }

  void add_people(std::vector<std::string> train, std::vector<std::string> val) {
    const cv::Mat any(4, 4, CV_8UC3, cv::Scalar::all(0));
    for (const std::string& subject : train) add(Part::train, any, subject);
    for (const std::string& subject : val) add(Part::val, any, subject);
  }
};

TEST_F(SplitFactsTest, ARandomSplitAlwaysSaysThatSubjectsAreShared) {
  EXPECT_EQ(text("random"), "random split, subjects shared (how many is not known)");
  add_people({"a", "b", "AF01", "c"}, {"a", "BF01"});
  EXPECT_EQ(text("random"), "random split, subjects shared (2 of 4)");
  Split folds = split("random_kfold");
  folds.folds = {1, 2, 3, 1, 2, 3};
  folds.fold = 3;
  EXPECT_EQ(split_text(split_facts(dataset_, folds, {}, 0)),
            "random 3-fold, fold 3, subjects shared (2 of 4)");
}

TEST_F(SplitFactsTest, OthersSayWhatIsKnownOfTheSubjects) {
  EXPECT_EQ(text("source"), "the data set's own split, subjects not known");
  add_people({"a", "b"}, {"c"});
  EXPECT_EQ(text("subject"), "subject-disjoint split");
  EXPECT_EQ(text("source"), "the data set's own split, subject-disjoint");
  Split folds = split("kfold");
  folds.folds = {1, 10, 3};
  folds.fold = 3;
  EXPECT_EQ(split_text(split_facts(dataset_, folds, {}, 0)), "subject-disjoint 10-fold, fold 3");
  folds.method = "file";
  EXPECT_EQ(split_text(split_facts(dataset_, folds, {}, 0)), "10-fold, fold 3 by file, subject-disjoint");
  add_people({""}, {});
  EXPECT_EQ(text("file"), "split by file, subjects known in part, none of them shared");
  add_people({"c"}, {});
  EXPECT_EQ(text("file"), "split by file, subjects shared (1 of 3)");
}

TEST_F(SplitFactsTest, LeaksAndWhatWasLeftOutAreInEveryText) {
  add(Part::train, face(1), "a");
  add(Part::val, face(1), "b");
  add(Part::unused, face(2), "c");
  SplitFacts told = facts("source", find(), 4);
  EXPECT_THAT(split_text(told), testing::EndsWith("; leaking: 1 duplicate in train and val"));
  EXPECT_THAT(split_warnings(dataset_, split("source"), told), SizeIs(2));
  told.leakage_allowed = true;
  EXPECT_THAT(told.samples, ElementsAre(1, 1, 0, 1));
  EXPECT_EQ(told.subjects, 2U);
  EXPECT_EQ(split_text(told),
            "the data set's own split, subject-disjoint; 4 copies left out; leakage allowed: 1 duplicate in "
            "train and val");
  const auto warnings = split_warnings(dataset_, split("source"), told);
  ASSERT_THAT(warnings, SizeIs(3));
  EXPECT_EQ(warnings[0],
            "the val part has no image of class angry, fear, happy, sad, surprise, neutral: its figures say "
            "nothing of them");
  EXPECT_EQ(warnings[1], "4 images are left out: a later part has them, too (all are in leaks.csv)");
  EXPECT_THAT(warnings[2], HasSubstr("leakage allowed: 1 duplicate in train and val"));
}

TEST_F(SplitFactsTest, ATrainingPartWithoutAClassIsADataError) {
  dataset_.classes = ClassList({"happy", "sad"});
  add_people({"a", "b"}, {"c"});
  for (Sample& sample : dataset_.samples) sample.label = 0;
  try {
    require_every_class(dataset_, split("source"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
    EXPECT_THAT(error.what(), testing::StartsWith("the training part has no image of class sad: "));
  }
  dataset_.samples[1].label = 1;
  EXPECT_NO_THROW(require_every_class(dataset_, split("source")));
}

TEST_F(SplitFactsTest, PartsAndFoldsAreCounted) {
  dataset_.classes = ClassList({"happy", "sad"});
  add_people({"AF01", "BF01", "x"}, {"y"});
  for (std::size_t i = 0; i < 4; ++i) dataset_.samples[i].label = i == 1;
  const auto parts = count_parts(dataset_, parts_);
  ASSERT_THAT(parts, SizeIs(2));
  EXPECT_EQ(parts[0].name, "train");
  EXPECT_EQ(parts[0].samples, 3U);
  EXPECT_EQ(parts[0].subjects, 2U);
  EXPECT_THAT(parts[0].per_class, ElementsAre(2, 1));
  const auto folds = count_folds(dataset_, std::vector{2, 0, 2, 1});
  ASSERT_THAT(folds, SizeIs(2));
  EXPECT_EQ(folds[1].name, "2");
  EXPECT_EQ(folds[1].samples, 2U);
}

}  // namespace
}  // namespace fer
