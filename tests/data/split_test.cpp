#include "fer/data/split.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "fer/core/csv.hpp"
#include "fer/core/files.hpp"
#include "fer/core/random.hpp"
#include "support/error_text.hpp"

namespace fer {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// What reading KDEF gives: 70 subjects, both sessions, 7 classes, 5 angles; 4900 samples.
Dataset kdef_like() {
  Dataset dataset;
  for (const std::string session : {"A", "B"}) {
    for (const std::string sex : {"F", "M"}) {
      for (int number = 1; number <= 35; ++number) {
        for (int label = 0; label < 7; ++label) {
          for (const std::string angle : {"S", "HL", "HR", "FL", "FR"}) {
            const std::string subject = fmt::format("{}{:02}", sex, number);
            Sample sample;
            sample.path = fmt::format("{}{}-{}-{}.JPG", session, subject, label, angle);
            sample.label = label;
            sample.subject = subject;
            sample.attributes = {{"session", session}, {"sex", sex}, {"angle", angle}};
            dataset.samples.push_back(sample);
          }
        }
      }
    }
  }
  return dataset;
}

/// `count` samples, one per subject, their classes in turn.
Dataset strangers(int count) {
  Dataset dataset;
  for (int i = 0; i < count; ++i) {
    Sample sample;
    sample.path = fmt::format("{:03}.jpg", i);
    sample.label = i % 7;
    sample.subject = fmt::format("p{:03}", i);
    dataset.samples.push_back(sample);
  }
  return dataset;
}

std::map<std::string, int> counts(const std::vector<Part>& parts) {
  std::map<std::string, int> of;
  for (const Part part : parts) ++of[part_name(part)];
  return of;
}

std::set<std::string> subjects_in(const Dataset& dataset, const std::vector<Part>& parts, Part part) {
  std::set<std::string> subjects;
  for (const std::size_t i : indices_of(parts, part)) subjects.insert(dataset.samples[i].subject);
  return subjects;
}

std::vector<Part> parts_of(const Dataset& dataset, const SplitOptions& options) {
  return split_samples(dataset, options).parts;
}

std::string usage_error_of(const Dataset& dataset, const SplitOptions& options) {
  return test::error_text(ErrorKind::usage, [&] { return split_samples(dataset, options); });
}

TEST(RandomSplitTest, GivesThePapers4200And700With100PerClass) {
  const Dataset dataset = kdef_like();
  for (const double share : {1.0 / 7.0, 0.14286}) {  // exact, and as configs/kdef.yaml writes it
    const auto parts = parts_of(dataset, {.method = "random", .val = share});
    EXPECT_EQ(counts(parts), (std::map<std::string, int>{{"train", 4200}, {"val", 700}}));
    std::map<int, int> per_class;
    for (const std::size_t i : indices_of(parts, Part::val)) ++per_class[dataset.samples[i].label];
    for (int label = 0; label < 7; ++label) EXPECT_EQ(per_class[label], 100) << label;
  }
}

TEST(RandomSplitTest, EachClassIsDrawnInItsShareToWithinOne) {
  Dataset dataset = strangers(0);
  const std::vector<int> sizes = {3, 101, 57, 400, 8, 33, 29};
  for (int label = 0; label < 7; ++label) {
    for (int i = 0; i < sizes[static_cast<std::size_t>(label)]; ++i) {
      Sample sample;
      sample.label = label;
      dataset.samples.push_back(sample);
    }
  }
  const auto parts = parts_of(dataset, {.method = "random", .val = 0.2, .test = 0.1});
  for (const auto& [part, share] : {std::pair(Part::val, 0.2), std::pair(Part::test, 0.1)}) {
    std::map<int, int> per_class;
    for (const std::size_t i : indices_of(parts, part)) ++per_class[dataset.samples[i].label];
    double drawn = 0;
    for (int label = 0; label < 7; ++label) {
      EXPECT_NEAR(per_class[label], share * sizes[static_cast<std::size_t>(label)], 1) << label;
      drawn += per_class[label];
    }
    EXPECT_NEAR(drawn, share * 631, 0.5);
  }
}

TEST(RandomSplitTest, IgnoresWhoIsInTheImage) {
  Dataset dataset = kdef_like();
  const auto parts = parts_of(dataset, {.method = "random", .val = 0.2});
  EXPECT_THAT(shared_subjects(dataset, parts), SizeIs(70));
  for (Sample& sample : dataset.samples) sample.subject.clear();
  EXPECT_EQ(parts_of(dataset, {.method = "random", .val = 0.2}), parts);
}

TEST(SubjectSplitTest, NobodyIsInTwoPartsAndTheSharesAndSexesHold) {
  const Dataset dataset = kdef_like();
  std::set<std::set<std::string>> choices;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto parts = parts_of(dataset, {.method = "subject", .val = 0.15, .test = 0.15, .seed = seed});
    EXPECT_THAT(shared_subjects(dataset, parts), IsEmpty());
    for (const Part part : {Part::val, Part::test}) {
      const auto subjects = subjects_in(dataset, parts, part);
      EXPECT_NEAR(static_cast<double>(subjects.size()), 10.5, 0.5);
      const auto women = std::ranges::count_if(subjects, [](const std::string& s) { return s[0] == 'F'; });
      EXPECT_NEAR(static_cast<double>(women), static_cast<double>(subjects.size()) / 2, 1);
      EXPECT_THAT(indices_of(parts, part), SizeIs(subjects.size() * 70));  // all images of each
    }
    choices.insert(subjects_in(dataset, parts, Part::val));
  }
  EXPECT_GE(choices.size(), 49U);  // another seed, another choice
}

TEST(SubjectSplitTest, EverybodyIsChosenSometimes) {
  const Dataset dataset = strangers(20);
  std::map<std::string, int> chosen;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    for (const auto& subject : subjects_in(
             dataset, parts_of(dataset, {.method = "subject", .val = 0.25, .seed = seed}), Part::val)) {
      ++chosen[subject];
    }
  }
  EXPECT_THAT(chosen, SizeIs(20));
  for (const auto& [subject, times] : chosen) EXPECT_NEAR(times, 100, 40) << subject;
}

TEST(SubjectSplitTest, WorksWithoutTheSex) {
  const Dataset dataset = strangers(100);
  const auto parts = parts_of(dataset, {.method = "subject", .val = 0.15, .test = 0.1});
  EXPECT_EQ(counts(parts), (std::map<std::string, int>{{"test", 10}, {"train", 75}, {"val", 15}}));
}

TEST(SubjectSplitTest, ManySmallGroupsStillGiveBothShares) {
  Dataset dataset = strangers(40);
  for (Sample& sample : dataset.samples) sample.attributes["sex"] = sample.subject;  // a group of one each
  for (const double share : {0.15, 0.25, 0.4}) {
    const auto parts = parts_of(dataset, {.method = "subject", .val = share, .test = share});
    EXPECT_NEAR(counts(parts)["val"], 40 * share, 1);
    EXPECT_NEAR(counts(parts)["test"], 40 * share, 1);
  }
}

TEST(SubjectSplitTest, UnknownSubjectsAreAUsageErrorThatNamesASample) {
  Dataset dataset = strangers(10);
  dataset.samples[4].subject.clear();
  EXPECT_EQ(usage_error_of(dataset, {.method = "subject"}),
            "data.split.method: 'subject' needs to know who is in each image, and 004.jpg does not say; use "
            "'random'");
}

TEST(SubjectSplitTest, TooFewSubjectsAreAUsageError) {
  EXPECT_EQ(usage_error_of(strangers(2), {.method = "subject", .val = 0.15}),
            "data.split: method 'subject' leaves no sample for val (2 samples in all)");
  EXPECT_EQ(usage_error_of(strangers(1), {.method = "subject", .val = 0.9}),
            "data.split: method 'subject' leaves no sample for train (1 samples in all)");
}

TEST(SplitTest, TheSameSeedGivesTheSameSplitAndAnotherOneAnother) {
  const Dataset dataset = kdef_like();
  for (const std::string method : {"subject", "random"}) {
    const SplitOptions options = {.method = method, .val = 0.15, .test = 0.1, .seed = 7};
    SplitOptions other = options;
    other.seed = 8;
    EXPECT_EQ(parts_of(dataset, options), parts_of(dataset, options)) << method;
    EXPECT_NE(parts_of(dataset, options), parts_of(dataset, other)) << method;
  }
}

// Published results name their split by its seed: the samples it chooses may not change.
TEST(SplitTest, PinnedSplits) {
  const Dataset dataset = kdef_like();
  const auto digest = [&](const SplitOptions& options) {
    return sha256(split_csv(dataset, parts_of(dataset, options), {})).substr(0, 16);
  };
  EXPECT_EQ(digest({.method = "random", .val = 0.14286, .seed = 42}), "e8f7a030c030fe2e");
  EXPECT_EQ(digest({.method = "subject", .val = 0.15, .test = 0.15, .seed = 42}), "43ef4a7d8c3f9985");
  EXPECT_THAT(
      subjects_in(dataset, parts_of(dataset, {.method = "subject", .val = 0.1, .seed = 42}), Part::val),
      ElementsAre("F11", "F21", "F25", "F30", "M14", "M18", "M29"));
}

TEST(SourceSplitTest, IsWhatTheDataSetSays) {
  Dataset dataset = strangers(5);
  const std::vector<std::string> words = {"val", "train", "test", "", "val"};
  for (std::size_t i = 0; i < words.size(); ++i) dataset.samples[i].split = words[i];
  EXPECT_THAT(parts_of(dataset, {.method = "source"}),
              ElementsAre(Part::val, Part::train, Part::test, Part::train, Part::val));
}

TEST(SourceSplitTest, WithoutAWordOnValidationItIsAUsageError) {
  EXPECT_EQ(usage_error_of(strangers(3), {.method = "source"}),
            "data.split: method 'source' leaves no sample for val (3 samples in all)");
  Dataset dataset = strangers(3);
  for (Sample& sample : dataset.samples) sample.split = "val";
  EXPECT_EQ(usage_error_of(dataset, {.method = "source"}),
            "data.split: method 'source' leaves no sample for train (3 samples in all)");
}

TEST(SplitTest, AnUnknownMethodIsAUsageError) {
  EXPECT_EQ(usage_error_of(strangers(3), {.method = "kfolds"}),
            "data.split.method: 'kfolds' is none of auto, subject, random, kfold, random_kfold, group_out, "
            "file, source");
}

TEST(SplitTest, PartsHaveNames) {
  EXPECT_EQ(part_name(Part::train), "train");
  EXPECT_EQ(part_name(Part::val), "val");
  EXPECT_EQ(part_name(Part::test), "test");
  EXPECT_EQ(part_name(Part::unused), "unused");
}

TEST(SplitTest, IndicesOfAPartAreAscending) {
  const std::vector<Part> parts = {Part::val, Part::train, Part::val, Part::test};
  EXPECT_THAT(indices_of(parts, Part::val), ElementsAre(0, 2));
  EXPECT_THAT(indices_of(parts, Part::train), ElementsAre(1));
  EXPECT_THAT(indices_of({}, Part::train), IsEmpty());
}

TEST(SplitTest, SharedSubjectsAreSortedAndDoNotCountTheUnknown) {
  Dataset dataset = strangers(6);
  const std::vector<std::string> subjects = {"b", "a", "b", "a", "", ""};
  for (std::size_t i = 0; i < subjects.size(); ++i) dataset.samples[i].subject = subjects[i];
  EXPECT_THAT(shared_subjects(dataset, std::vector<Part>{Part::train, Part::test, Part::val, Part::val,
                                                         Part::train, Part::val}),
              ElementsAre("a", "b"));
  EXPECT_THAT(shared_subjects(dataset, std::vector<Part>{Part::train, Part::test, Part::train, Part::test,
                                                         Part::train, Part::val}),
              IsEmpty());
  EXPECT_THAT(shared_subjects(dataset, std::vector<Part>{Part::train, Part::test, Part::unused, Part::test,
                                                         Part::train, Part::val}),
              IsEmpty());
}

TEST(SplitCsvTest, OneRowPerSampleInTheirOrder) {
  Dataset dataset = strangers(2);
  dataset.samples[1].path = "b, c.jpg";
  const std::string text = split_csv(dataset, std::vector<Part>{Part::val, Part::train}, {});
  EXPECT_EQ(text,
            "path,label,subject,split,fold\n"
            "000.jpg,angry,p000,val,\n"
            "\"b, c.jpg\",disgust,p001,train,\n");
  std::vector<std::size_t> widths;
  for (const CsvRow& row : parse_csv(text, "split.csv")) widths.push_back(row.fields.size());
  EXPECT_THAT(widths, Each(5));
}

TEST(AutoSplitTest, IsBySubjectWhereAllAreKnownElseAsTheSourceSaysElseAtRandom) {
  Dataset dataset = strangers(20);
  for (std::size_t i = 0; i < 20; ++i) dataset.samples[i].split = i < 5 ? "val" : "train";
  EXPECT_EQ(split_samples(dataset, {}).method, "subject");
  dataset.samples[7].subject.clear();
  const Split by_source = split_samples(dataset, {});
  EXPECT_EQ(by_source.method, "source");
  EXPECT_EQ(counts(by_source.parts), (std::map<std::string, int>{{"train", 15}, {"val", 5}}));
  for (Sample& sample : dataset.samples) sample.split.clear();
  EXPECT_EQ(split_samples(dataset, {}).method, "random");
}

TEST(SubjectSplitTest, TwoSessionsOfAPersonStayTogetherWhateverTheSourceCallsThem) {
  Dataset dataset = strangers(40);
  for (std::size_t i = 0; i < 40; ++i)
    dataset.samples[i].subject = fmt::format("{}F{:02}", i % 2 == 0 ? "A" : "b", i / 2 + 1);
  const auto parts = parts_of(dataset, {.method = "subject", .val = 0.3, .test = 0.3});
  for (std::size_t i = 0; i < 40; i += 2) EXPECT_EQ(parts[i], parts[i + 1]) << i;
}

/// Images of each class and people of each sex in each fold.
std::map<int, std::map<std::string, int>> contents(const Dataset& dataset, const std::vector<int>& folds) {
  std::map<int, std::map<std::string, int>> of;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < folds.size(); ++i) {
    const Sample& sample = dataset.samples[i];
    ++of[folds[i]][dataset.classes.name(sample.label)];
    if (!seen.insert(sample.subject).second) continue;
    ++of[folds[i]]["people"];
    const auto sex = sample.attributes.find("sex");
    if (sex != sample.attributes.end()) ++of[folds[i]][sex->second];
  }
  return of;
}

std::string fold_error(const Dataset& dataset, const SplitOptions& options) {
  return test::error_text(ErrorKind::usage, [&] { return assign_folds(dataset, options); });
}

TEST(FoldsTest, OfKdefAreAlikeInPeopleSexAndClasses) {
  const Dataset dataset = kdef_like();
  const auto folds = assign_folds(dataset, {.method = "kfold"});
  const auto of = contents(dataset, folds);
  ASSERT_THAT(of, SizeIs(10));
  for (const auto& [fold, content] : of) {
    EXPECT_EQ(content.at("people"), 7) << fold;
    EXPECT_GE(content.at("F"), 3) << fold;
    EXPECT_GE(content.at("M"), 3) << fold;
    for (const auto& name : dataset.classes.names()) EXPECT_EQ(content.at(name), 70) << fold << name;
  }
}

TEST(FoldsTest, NobodyIsInTwoAndEachSeedGivesItsOwn) {
  const Dataset dataset = kdef_like();
  std::set<std::vector<int>> choices;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const SplitOptions options = {.method = "kfold", .seed = seed, .folds = 7};
    const auto folds = assign_folds(dataset, options);
    std::map<std::string, std::set<int>> of_subject;
    for (std::size_t i = 0; i < folds.size(); ++i) of_subject[dataset.samples[i].subject].insert(folds[i]);
    for (const auto& [subject, in] : of_subject) EXPECT_THAT(in, SizeIs(1)) << subject;
    EXPECT_EQ(assign_folds(dataset, options), folds);
    choices.insert(folds);
  }
  EXPECT_THAT(choices, SizeIs(20));
}

TEST(FoldsTest, StayEvenWhereSomePeopleHaveManyImagesOfFewClasses) {
  Dataset dataset;
  Rng rng(3);
  for (int person = 0; person < 60; ++person) {
    const std::size_t images = 1 + rng.below(person % 10 == 0 ? 30 : 12);
    for (std::size_t i = 0; i < images; ++i) {
      Sample sample;
      sample.label = rng.chance(0.6) ? person % 3 : static_cast<int>(rng.below(3));
      sample.subject = fmt::format("p{}", person);
      sample.attributes = {{"sex", std::string(1, person % 4 == 0 ? 'F' : 'M')}};
      dataset.samples.push_back(sample);
    }
  }
  const auto of = contents(dataset, assign_folds(dataset, {.method = "kfold", .folds = 5}));
  ASSERT_THAT(of, SizeIs(5));
  std::map<std::string, int> total;
  for (const auto& [fold, content] : of) {
    for (const auto& [what, count] : content) total[what] += count;
  }
  for (const auto& [fold, content] : of) {
    for (const std::string what : {"angry", "disgust", "fear", "F", "M"})
      EXPECT_NEAR(content.at(what), total[what] / 5.0, std::max(1.0, total[what] * 0.04)) << fold << what;
  }
}

// Published results name their folds by their seed: the people in them may not change.
TEST(FoldsTest, PinnedFolds) {
  const Dataset dataset = kdef_like();
  std::set<std::string> first;
  const auto folds = assign_folds(dataset, {.method = "kfold"});
  for (std::size_t i = 0; i < folds.size(); ++i) {
    if (folds[i] == 1) first.insert(dataset.samples[i].subject);
  }
  EXPECT_THAT(first, ElementsAre("F14", "F28", "F34", "F35", "M10", "M13", "M21"));
}

TEST(FoldsTest, AtRandomDealEachClassOutEvenly) {
  const Dataset dataset = kdef_like();
  const auto of = contents(dataset, assign_folds(dataset, {.method = "random_kfold", .folds = 9}));
  ASSERT_THAT(of, SizeIs(9));
  for (const auto& [fold, content] : of) {
    for (const auto& name : dataset.classes.names()) EXPECT_NEAR(content.at(name), 700 / 9.0, 1) << fold;
  }
}

TEST(FoldsTest, FewerSubjectsOrSamplesThanFoldsAreAUsageErrorWithBothNumbers) {
  EXPECT_EQ(fold_error(strangers(9), {.method = "kfold"}),
            "data.split.folds: 10 folds need 10 subjects at least, and the data have 9");
  EXPECT_EQ(fold_error(strangers(3), {.method = "random_kfold", .folds = 4}),
            "data.split.folds: 4 folds need 4 samples at least, and the data have 3");
  EXPECT_THAT(contents(strangers(10), assign_folds(strangers(10), {.method = "kfold"})), SizeIs(10));
}

TEST(FoldsTest, NeedKnownSubjectsAndAMethodThatHasFolds) {
  Dataset dataset = strangers(12);
  dataset.samples[3].subject.clear();
  EXPECT_EQ(fold_error(dataset, {.method = "kfold"}),
            "data.split.method: 'kfold' needs to know who is in each image, and 003.jpg does not say; use "
            "'random_kfold'");
  EXPECT_EQ(fold_error(dataset, {.method = "subject"}),
            "data.split.method: 'subject' has no folds; kfold, random_kfold, group_out and file have");
}

TEST(FoldSplitTest, TestsEachSampleOnceAndSelectsOnOtherSubjects) {
  const Dataset dataset = kdef_like();
  std::vector<int> tested(dataset.samples.size());
  for (int fold = 1; fold <= 10; ++fold) {
    const Split split = split_samples(dataset, {.method = "kfold", .val = 0.15, .fold = fold});
    EXPECT_EQ(split.fold, fold);
    EXPECT_EQ(split.folds, assign_folds(dataset, {.method = "kfold"}));
    EXPECT_THAT(shared_subjects(dataset, split.parts), IsEmpty());
    const auto val = subjects_in(dataset, split.parts, Part::val);
    EXPECT_NEAR(static_cast<double>(val.size()), 0.15 * 63, 0.5);
    EXPECT_NEAR(std::ranges::count_if(val, [](const std::string& s) { return s[0] == 'F'; }), 4.7, 1);
    for (const std::size_t i : indices_of(split.parts, Part::test)) ++tested[i];
    EXPECT_THAT(indices_of(split.parts, Part::unused), IsEmpty());
  }
  EXPECT_THAT(tested, Each(1));
}

TEST(FoldSplitTest, AtRandomSharesPeopleAndDrawsValidationByClass) {
  const Dataset dataset = kdef_like();
  const Split split = split_samples(dataset, {.method = "random_kfold", .val = 0.1, .fold = 2});
  EXPECT_EQ(counts(split.parts), (std::map<std::string, int>{{"test", 490}, {"train", 3969}, {"val", 441}}));
  EXPECT_THAT(shared_subjects(dataset, split.parts), SizeIs(70));
  EXPECT_THAT(absent_classes(dataset, split.parts, Part::val), IsEmpty());
}

TEST(FoldSplitTest, WithoutAFoldOrWithOneThatIsNotThereItIsAUsageError) {
  EXPECT_EQ(usage_error_of(kdef_like(), {.method = "kfold", .fold = 0}),
            "data.split.fold: 0 stands for all folds, one after the other; name one from 1 to 10");
  EXPECT_EQ(usage_error_of(kdef_like(), {.method = "kfold", .folds = 5, .fold = 6}),
            "data.split.fold: there is no fold 6; they go from 1 to 5");
}

TEST(SplitTest, ClassesAPartLacksAreNamed) {
  const Dataset dataset = strangers(7);
  const std::vector<Part> parts = {Part::train, Part::train, Part::val,   Part::train,
                                   Part::test,  Part::train, Part::unused};
  EXPECT_THAT(absent_classes(dataset, parts, Part::train), ElementsAre("fear", "sad", "neutral"));
  EXPECT_THAT(absent_classes(dataset, parts, Part::unused), SizeIs(6));
}

TEST(SplitCsvTest, SaysFoldsWhereThereAreSomeAndNoPartsWhereThereAreNone) {
  const Dataset dataset = strangers(2);
  EXPECT_EQ(split_csv(dataset, {}, std::vector{3, 0}),
            "path,label,subject,split,fold\n000.jpg,angry,p000,,3\n001.jpg,disgust,p001,,\n");
}

/// KDEF's people, of whom every third is Asian, and 100 strangers whose names nobody knows and who have
/// parts.
Dataset two_sources() {
  Dataset dataset = kdef_like();
  for (Sample& sample : dataset.samples) {
    sample.source = "lab";
    sample.attributes["ethnicity"] = std::stoi(sample.subject.substr(1)) % 3 == 0 ? "asian" : "white";
  }
  for (Sample& sample : strangers(100).samples) {
    sample.subject.clear();
    sample.source = "wild";
    sample.split = sample.path < "070" ? "train" : sample.path < "080" ? "val" : "test";
    dataset.samples.push_back(sample);
  }
  return dataset;
}

std::vector<Part> parts_of_source(const Dataset& dataset, const std::vector<Part>& parts,
                                  const std::string& source) {
  std::vector<Part> of;
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (dataset.samples[i].source == source) of.push_back(parts[i]);
  return of;
}

TEST(GroupOutSplitTest, EachValueIsTheTestPartOnceAndNobodyIsOnTwoSides) {
  Dataset dataset = kdef_like();
  for (Sample& sample : dataset.samples)
    sample.attributes["ethnicity"] = sample.subject < "F20"   ? "asian"
                                     : sample.subject < "M20" ? "black"
                                                              : "white";
  const std::vector<std::string> values = {"asian", "black", "white"};
  for (int fold = 1; fold <= 3; ++fold) {
    const Split split =
        split_samples(dataset, {.method = "group_out", .val = 0.2, .fold = fold, .group = "ethnicity"});
    EXPECT_EQ(split.value, values[static_cast<std::size_t>(fold) - 1]);
    EXPECT_EQ(split.fold, fold);
    for (std::size_t i = 0; i < split.parts.size(); ++i)
      EXPECT_EQ(split.parts[i] == Part::test, dataset.samples[i].attributes.at("ethnicity") == split.value);
    EXPECT_THAT(shared_subjects(dataset, split.parts), IsEmpty());
    const double others = static_cast<double>(subjects_in(dataset, split.parts, Part::train).size() +
                                              subjects_in(dataset, split.parts, Part::val).size());
    EXPECT_NEAR(static_cast<double>(subjects_in(dataset, split.parts, Part::val).size()), 0.2 * others, 1);
  }
}

TEST(GroupOutSplitTest, WhoseValueIsNotKnownIsUnused) {
  Dataset dataset = two_sources();
  const Split split =
      split_samples(dataset, {.method = "group_out", .val = 0.2, .fold = 2, .group = "ethnicity"});
  EXPECT_THAT(parts_of_source(dataset, split.parts, "wild"), Each(Part::unused));
  EXPECT_EQ(split.value, "white");
}

TEST(GroupOutSplitTest, ASourceMayBeTheGroupAndPeopleWithoutNamesAreDrawnOneByOne) {
  const Dataset dataset = two_sources();
  const Split split =
      split_samples(dataset, {.method = "group_out", .val = 0.2, .fold = 1, .group = "source"});
  EXPECT_THAT(parts_of_source(dataset, split.parts, "lab"), Each(Part::test));
  const auto wild = parts_of_source(dataset, split.parts, "wild");
  EXPECT_EQ(std::ranges::count(wild, Part::val), 20);
}

TEST(GroupOutSplitTest, WhatCannotBeLeftOutIsAUsageError) {
  const Dataset dataset = two_sources();
  EXPECT_EQ(usage_error_of(dataset, {.method = "group_out", .group = "sources"}).substr(0, 73),
            "data.split.group: no sample has an attribute 'sources', did you mean 'sou");
  EXPECT_EQ(usage_error_of(dataset, {.method = "group_out", .fold = 3, .group = "source"}),
            "data.split.fold: there is no fold 3; they go from 1 to 2");
  Dataset one = kdef_like();
  for (Sample& sample : one.samples) sample.source = "lab";
  EXPECT_EQ(usage_error_of(one, {.method = "group_out", .group = "source"}),
            "data.split.group: source has one value only, 'lab': none is left to train on");
}

TEST(EachSourceSplitTest, AutoDividesEachAsIfThereWereNoOther) {
  const Dataset dataset = two_sources();
  const Split split = split_samples(dataset, {.method = "auto", .val = 0.2, .test = 0.1});
  EXPECT_EQ(split.method, "each_source");
  EXPECT_THAT(shared_subjects(dataset, split.parts), IsEmpty());
  EXPECT_EQ(parts_of_source(dataset, split.parts, "lab"),
            parts_of(kdef_like(), {.method = "subject", .val = 0.2, .test = 0.1}));
  const auto wild = parts_of_source(dataset, split.parts, "wild");
  EXPECT_EQ(std::ranges::count(wild, Part::test), 20);
  EXPECT_EQ(std::ranges::count(wild, Part::val), 10);
}

TEST(EachSourceSplitTest, AnyMethodMayBeAskedToDoSo) {
  Dataset dataset = kdef_like();
  for (Sample& sample : dataset.samples) sample.source = sample.attributes.at("sex") == "F" ? "one" : "two";
  const Split split = split_samples(dataset, {.method = "kfold", .folds = 5, .fold = 2, .each_source = true});
  EXPECT_EQ(split.method, "kfold");
  EXPECT_EQ(split.fold, 2);
  for (const std::string source : {"one", "two"}) {
    const auto parts = parts_of_source(dataset, split.parts, source);
    EXPECT_EQ(std::ranges::count(parts, Part::test), 7 * 70) << source;
  }
  EXPECT_EQ(std::ranges::max(split.folds), 5);
}

TEST(EachSourceSplitTest, AnErrorNamesTheSource) {
  const Dataset dataset = two_sources();
  EXPECT_THAT(usage_error_of(dataset, {.method = "subject", .each_source = true}),
              testing::EndsWith("(source wild)"));
}

TEST(SplitCsvTest, NamesTheSourceWhereThereAreSeveral) {
  Dataset dataset = strangers(2);
  dataset.samples[0].source = "lab";
  dataset.samples[1].source = "wild";
  EXPECT_EQ(split_csv(dataset, std::vector<Part>{Part::val, Part::train}, {}),
            "path,label,subject,split,fold,source\n000.jpg,angry,p000,val,,lab\n001.jpg,disgust,p001,train,,"
            "wild\n");
}

}  // namespace
}  // namespace fer
