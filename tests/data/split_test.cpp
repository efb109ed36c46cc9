#include "fer/data/split.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "fer/core/csv.hpp"
#include "fer/core/files.hpp"
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

std::string usage_error_of(const Dataset& dataset, const SplitOptions& options) {
  return test::error_text(ErrorKind::usage, [&] { return split_samples(dataset, options); });
}

TEST(RandomSplitTest, GivesThePapers4200And700With100PerClass) {
  const Dataset dataset = kdef_like();
  for (const double share : {1.0 / 7.0, 0.14286}) {  // exact, and as configs/kdef.yaml writes it
    const auto parts = split_samples(dataset, {.method = "random", .val = share});
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
  const auto parts = split_samples(dataset, {.method = "random", .val = 0.2, .test = 0.1});
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
  const auto parts = split_samples(dataset, {.method = "random", .val = 0.2});
  EXPECT_THAT(shared_subjects(dataset, parts), SizeIs(70));
  for (Sample& sample : dataset.samples) sample.subject.clear();
  EXPECT_EQ(split_samples(dataset, {.method = "random", .val = 0.2}), parts);
}

TEST(SubjectSplitTest, NobodyIsInTwoPartsAndTheSharesAndSexesHold) {
  const Dataset dataset = kdef_like();
  std::set<std::set<std::string>> choices;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto parts = split_samples(dataset, {.method = "subject", .val = 0.15, .test = 0.15, .seed = seed});
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
             dataset, split_samples(dataset, {.method = "subject", .val = 0.25, .seed = seed}), Part::val)) {
      ++chosen[subject];
    }
  }
  EXPECT_THAT(chosen, SizeIs(20));
  for (const auto& [subject, times] : chosen) EXPECT_NEAR(times, 100, 40) << subject;
}

TEST(SubjectSplitTest, WorksWithoutTheSex) {
  const Dataset dataset = strangers(100);
  const auto parts = split_samples(dataset, {.method = "subject", .val = 0.15, .test = 0.1});
  EXPECT_EQ(counts(parts), (std::map<std::string, int>{{"test", 10}, {"train", 75}, {"val", 15}}));
}

TEST(SubjectSplitTest, ManySmallGroupsStillGiveBothShares) {
  Dataset dataset = strangers(40);
  for (Sample& sample : dataset.samples) sample.attributes["sex"] = sample.subject;  // a group of one each
  for (const double share : {0.15, 0.25, 0.4}) {
    const auto parts = split_samples(dataset, {.method = "subject", .val = share, .test = share});
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
    EXPECT_EQ(split_samples(dataset, options), split_samples(dataset, options)) << method;
    EXPECT_NE(split_samples(dataset, options), split_samples(dataset, other)) << method;
  }
}

// Published results name their split by its seed: the samples it chooses may not change.
TEST(SplitTest, PinnedSplits) {
  const Dataset dataset = kdef_like();
  const auto digest = [&](const SplitOptions& options) {
    return sha256(split_csv(dataset, split_samples(dataset, options))).substr(0, 16);
  };
  EXPECT_EQ(digest({.method = "random", .val = 0.14286, .seed = 42}), "e8f7a030c030fe2e");
  EXPECT_EQ(digest({.method = "subject", .val = 0.15, .test = 0.15, .seed = 42}), "43ef4a7d8c3f9985");
  EXPECT_THAT(
      subjects_in(dataset, split_samples(dataset, {.method = "subject", .val = 0.1, .seed = 42}), Part::val),
      ElementsAre("F11", "F21", "F25", "F30", "M14", "M18", "M29"));
}

TEST(SourceSplitTest, IsWhatTheDataSetSays) {
  Dataset dataset = strangers(5);
  const std::vector<std::string> words = {"val", "train", "test", "", "val"};
  for (std::size_t i = 0; i < words.size(); ++i) dataset.samples[i].split = words[i];
  EXPECT_THAT(split_samples(dataset, {.method = "source"}),
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
  EXPECT_EQ(usage_error_of(strangers(3), {.method = "kfold"}),
            "data.split.method: 'kfold' is none of subject, random, source");
}

TEST(SplitTest, PartsHaveNames) {
  EXPECT_EQ(part_name(Part::train), "train");
  EXPECT_EQ(part_name(Part::val), "val");
  EXPECT_EQ(part_name(Part::test), "test");
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
}

TEST(SplitCsvTest, OneRowPerSampleInTheirOrder) {
  Dataset dataset = strangers(2);
  dataset.samples[1].path = "b, c.jpg";
  const std::string text = split_csv(dataset, std::vector<Part>{Part::val, Part::train});
  EXPECT_EQ(text,
            "path,label,subject,split,fold\n"
            "000.jpg,angry,p000,val,\n"
            "\"b, c.jpg\",disgust,p001,train,\n");
  std::vector<std::size_t> widths;
  for (const CsvRow& row : parse_csv(text, "split.csv")) widths.push_back(row.fields.size());
  EXPECT_THAT(widths, Each(5));
}

}  // namespace
}  // namespace fer
