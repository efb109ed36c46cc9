#include "fer/data/inspection.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <thread>

#include "fer/data/look_alike.hpp"
#include "fer/data/read_sources.hpp"
#include "fer/data/synthetic_dataset.hpp"
#include "fer/data/synthetic_face.hpp"
#include "fer/vision/image.hpp"
#include "share_work.hpp"
#include "spread.hpp"
#include "support/error_text.hpp"
#include "support/images.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// Finds a face in every image that is lighter than dark ones are.
class LightFaceDetector final : public FaceDetector {
 public:
  std::string_view name() const override { return "light"; }
  std::vector<FaceDetection> detect(const cv::Mat& rgb) override {
    if (cv::mean(rgb)[0] < 60) return {};
    return {{.box = {1, 2, 30, 40}, .score = 1}, {.box = {3, 3, 10, 10}, .score = 1}};
  }
};

InspectionDetector light_detector() {
  return {.name = "light", .make = [] { return std::make_unique<LightFaceDetector>(); }};
}

/// One drawn person in one sitting; the classes are told apart by the face alone.
cv::Mat person(int number, const std::string& emotion = "neutral", cv::Size size = {160, 200}) {
  Rng rng(static_cast<std::uint64_t>(number));
  SyntheticFace face;
  face.identity = synthetic_identity(5, number % 2 == 0, number);
  face.scene = synthetic_scene(rng);
  face.expression = synthetic_expression(emotion, 1, rng);
  return render_face(face, size);
}

cv::Mat jpeg_copy(const cv::Mat& rgb, int quality) {
  std::vector<std::uint8_t> bytes;
  cv::imencode(".jpg", rgb, bytes, {cv::IMWRITE_JPEG_QUALITY, quality});
  return cv::imdecode(bytes, cv::IMREAD_COLOR);
}

cv::Mat resized(const cv::Mat& rgb, double factor) {
  cv::Mat copy;
  cv::resize(rgb, copy, {}, factor, factor, factor < 1 ? cv::INTER_AREA : cv::INTER_CUBIC);
  return copy;
}

class InspectionTest : public testing::Test {
 protected:
  InspectionTest() { dataset_.classes = ClassList({"happy", "sad"}); }

  /// A PNG file, so that what is written is what is read.
  Sample& add(const std::string& name, const cv::Mat& rgb, int label = 0) {
    write_image(folder_ / name, rgb);
    return add_file(name, label);
  }
  Sample& add_bytes(const std::string& name, const std::string& bytes) {
    folder_.write(name, bytes);
    return add_file(name, 0);
  }
  Sample& add_file(const std::string& name, int label) {
    Sample sample;
    sample.path = folder_.path() / name;
    sample.label = label;
    dataset_.samples.push_back(sample);
    return dataset_.samples.back();
  }
  /// An image of each class, so that none is empty.
  void add_both_classes() {
    add("one.png", person(1), 0);
    add("two.png", person(2), 1);
  }

  Inspection look(const InspectionOptions& options = {}) const { return inspect(dataset_, options, {}, {}); }

  /// "kind path: detail", followed by " = other" for duplicates; paths without the folder.
  std::vector<std::string> problems(const Inspection& inspection) const {
    std::vector<std::string> texts;
    for (const Problem& problem : inspection.problems) {
      std::string text = fmt::format("{} {}: {}", name_of(problem.kind), local(problem.path), problem.detail);
      if (!problem.other.empty()) text += " = " + local(problem.other);
      texts.push_back(text);
    }
    return texts;
  }
  std::string local(const std::string& path) const {
    return path.empty() ? path : std::filesystem::path(path).lexically_relative(folder_.path()).string();
  }

  const test::TempFolder folder_;
  Dataset dataset_;
};

TEST_F(InspectionTest, NothingIsWrongWithDifferentPeople) {
  for (int i = 0; i < 8; ++i) add(fmt::format("{}.png", i), person(i), i % 2);
  const Inspection inspection = look({.detectors = {light_detector()}});
  EXPECT_THAT(problems(inspection), IsEmpty());
  EXPECT_THAT(inspection.duplicates, IsEmpty());
  EXPECT_THAT(group_problems(inspection), IsEmpty());
}

TEST_F(InspectionTest, AClassWithoutImagesIsAProblem) {
  add("one.png", person(1), 1);
  EXPECT_THAT(problems(look()), ElementsAre("empty_class : class 'happy' has no image"));
}

TEST_F(InspectionTest, WhatTheReaderTurnedAwayIsListedAndAMissingFileIsUnreadable) {
  add_both_classes();
  folder_.write("notes.jpg", "x");
  folder_.write("list.csv", "x");
  dataset_.rejected = {{folder_.path() / "notes.jpg", "odd name"},
                       {folder_.path() / "gone.jpg", "not there"},
                       {(folder_.path() / "list.csv").string() + ":7", "no class"}};
  EXPECT_THAT(problems(look()), ElementsAre("rejected notes.jpg: odd name", "rejected list.csv:7: no class",
                                            "unreadable gone.jpg: not there"));
}

TEST_F(InspectionTest, FilesThatAreNoImagesAreUnreadable) {
  add_both_classes();
  add_bytes("empty.png", "");
  add_bytes("text.png", "no image");
  add_file("gone.png", 0);
  EXPECT_THAT(problems(look()), ElementsAre("unreadable empty.png: is empty (0 bytes), expected an image",
                                            "unreadable text.png: cannot be decoded as an image",
                                            "unreadable gone.png: cannot read: No such file or directory"));
}

TEST_F(InspectionTest, AFileThatIsCutOffIsFoundThoughItCanBeDecoded) {
  add_both_classes();
  write_image(folder_ / "whole.jpg", person(3));
  const std::string jpeg = read_file(folder_ / "whole.jpg");
  const std::string png = read_file(folder_ / "one.png");
  add_bytes("whole.jpg", jpeg);
  add_bytes("half.jpg", jpeg.substr(0, jpeg.size() / 2));
  add_bytes("head.jpg", jpeg.substr(0, 20));
  add_bytes("half.png", png.substr(0, png.size() / 2));
  EXPECT_THAT(problems(look()),
              ElementsAre("truncated half.jpg: ends too early", "truncated head.jpg: ends too early",
                          "truncated half.png: ends too early"));
}

TEST_F(InspectionTest, AJpegPreviewWithItsOwnEndDoesNotHideThatTheImageIsCutOff) {
  add_both_classes();
  write_image(folder_ / "whole.jpg", person(3));
  const std::string jpeg = read_file(folder_ / "whole.jpg");
  const std::string preview("\xff\xe1\x00\x06\xff\xd8\xff\xd9", 8);  // an APP1 block that holds an end mark
  const std::string with_preview = jpeg.substr(0, 2) + preview + jpeg.substr(2);
  add_bytes("whole.jpg", with_preview);
  add_bytes("half.jpg", with_preview.substr(0, with_preview.size() / 2));
  EXPECT_THAT(problems(look()), ElementsAre("truncated half.jpg: ends too early"));
}

TEST_F(InspectionTest, ABlankImageIsNotLookedAtFurther) {
  add_both_classes();
  const cv::Mat grey(20, 20, CV_8UC3, cv::Scalar(10, 10, 10));
  cv::Mat faint = grey.clone();
  faint.colRange(0, 10).setTo(cv::Scalar(20, 20, 20));  // a deviation of 5
  cv::Mat clear = cv::Mat(60, 60, CV_8UC3, cv::Scalar(70, 70, 70));
  clear.colRange(0, 30).setTo(cv::Scalar(84, 84, 84));  // of 7
  add("constant.png", grey);
  add("again.png", grey);
  add("faint.png", faint);
  add("clear.png", clear);
  const Inspection inspection = look({.detectors = {light_detector()}});
  EXPECT_THAT(problems(inspection),
              ElementsAre("blank constant.png: deviation 0.0", "blank again.png: deviation 0.0",
                          "blank faint.png: deviation 5.0"));
  EXPECT_EQ(inspection.all.searched, 3U);
  EXPECT_EQ(inspection.all.readable, 6U);
}

TEST_F(InspectionTest, SmallImagesAreThoseWithAShortSide) {
  add_both_classes();
  add("narrow.png", test::noise_image({47, 90}, 1));
  add("exact.png", test::noise_image({48, 48}, 2));
  EXPECT_THAT(problems(look()), ElementsAre("small narrow.png: 47 x 90 pixels"));
}

TEST_F(InspectionTest, CopiesAreDuplicatesOfTheFirst) {
  add_both_classes();
  add("copy.png", person(2), 1);
  add("third.png", person(2), 1);
  const Inspection inspection = look();
  EXPECT_THAT(problems(inspection), ElementsAre("duplicate copy.png: the same pixels = two.png",
                                                "duplicate third.png: the same pixels = two.png"));
  ASSERT_THAT(inspection.duplicates, SizeIs(1));
  EXPECT_THAT(inspection.duplicates[0].paths, SizeIs(3));
  EXPECT_FALSE(inspection.duplicates[0].differences.any());
}

TEST_F(InspectionTest, TheSamePixelsInAnotherShapeAreNoDuplicate) {
  add_both_classes();
  const cv::Mat noise = test::noise_image({60, 90}, 1);
  add("a.png", noise);
  add("b.png", noise.reshape(0, 60).clone());  // 90 columns of the same bytes
  EXPECT_THAT(problems(look()), IsEmpty());
}

TEST_F(InspectionTest, DuplicatesSayWhatIsSaidDifferentlyOfThem) {
  Sample& first = add("a.png", person(1), 0);
  first.split = "train";
  first.subject = "F01";
  Sample& second = add("b.png", person(1), 1);
  second.split = "val";
  second.subject = "F02";
  add("c.png", person(1), 0);  // says nothing of split and subject: no contradiction
  const Inspection inspection = look();
  EXPECT_THAT(problems(inspection),
              ElementsAre("duplicate b.png: label sad, there happy; split val, there train; subject F02, "
                          "there F01; the same pixels = a.png",
                          "duplicate c.png: the same pixels = a.png"));
  const Differences& differences = inspection.problems[0].differences;
  EXPECT_TRUE(differences.label && differences.split && differences.subject);
  EXPECT_FALSE(inspection.problems[1].differences.any());
  ASSERT_THAT(inspection.duplicates, SizeIs(1));
  EXPECT_TRUE(inspection.duplicates[0].differences.split);
}

TEST_F(InspectionTest, ExamplesBeginWithDuplicatesThatDiffer) {
  for (int i = 0; i < 6; ++i) add(fmt::format("{}.png", i), person(1), i == 5 ? 1 : 0);
  const Inspection inspection = look();
  const std::vector<ProblemGroup> groups = group_problems(inspection);
  ASSERT_THAT(groups, SizeIs(1));
  EXPECT_EQ(local(groups[0].problems.front()->path), "5.png");
  EXPECT_EQ(local(examples_of(groups[0], 2).front()->path), "5.png");
  EXPECT_THAT(examples_of(groups[0], 2), SizeIs(2));
  EXPECT_THAT(examples_of(groups[0], 100), SizeIs(5));
}

TEST_F(InspectionTest, CopiesCodedAnewResizedOrBrightenedAreNearDuplicates) {
  const cv::Mat original = person(1);
  const std::vector<cv::Mat> copies = {jpeg_copy(original, 30),
                                       jpeg_copy(original, 90),
                                       resized(original, 0.5),
                                       resized(original, 2),
                                       original + cv::Scalar::all(20),
                                       original - cv::Scalar::all(20),
                                       jpeg_copy(resized(original, 1.5), 60)};
  add("original.png", original, 0);
  for (std::size_t i = 0; i < copies.size(); ++i) add(fmt::format("copy{}.png", i), copies[i], 0);
  add("other.png", person(2), 1);
  const Inspection inspection = look();
  ASSERT_THAT(inspection.problems, SizeIs(copies.size()));
  for (const Problem& problem : inspection.problems) {
    EXPECT_EQ(problem.kind, ProblemKind::near_duplicate) << problem.path;
    EXPECT_EQ(local(problem.other), "original.png");
  }
  EXPECT_THAT(inspection.problems[0].detail, HasSubstr("differs by 0."));
  EXPECT_THAT(inspection.duplicates, SizeIs(1));
}

TEST(InspectionOfPeople, ExpressionsOfOnePersonAreNoNearDuplicates) {
  const test::TempFolder folder;
  const std::size_t images = write_synthetic_kdef({.folder = folder.path() / "faces",
                                                   .subjects = 4,
                                                   .sessions = 1,
                                                   .angles = {"S", "HL"},
                                                   .seed = 3,
                                                   .size = {188, 254},
                                                   .workers = 2});
  const DatasetSource source{.kind = "kdef", .root = folder.path() / "faces"};
  const Inspection inspection = inspect(read_sources(std::span(&source, 1), {}), {}, {}, {});
  EXPECT_EQ(inspection.all.readable, images);
  EXPECT_THAT(inspection.problems, IsEmpty());
}

TEST_F(InspectionTest, ImagesThatOnlyAThirdOneConnectsAreNotOneGroup) {
  // Each looks like its neighbour, the first and the last do not look alike.
  const cv::Mat first = person(1);
  const cv::Mat last = person(2);
  constexpr int kSteps = 40;
  for (int i = 0; i <= kSteps; ++i) {
    cv::Mat between;
    cv::addWeighted(first, 1 - static_cast<double>(i) / kSteps, last, static_cast<double>(i) / kSteps, 0,
                    between);
    add(fmt::format("{:02}.png", i), between, i % 2);
  }
  const Inspection inspection = look();
  EXPECT_GT(inspection.duplicates.size(), 2U);
  for (const DuplicateGroup& group : inspection.duplicates) {
    const Look leader = look_of(read_image(group.paths.front()));
    for (const std::string& path : group.paths)
      EXPECT_LE(difference(leader, look_of(read_image(path))), kLookAlikeDifference);
  }
}

TEST_F(InspectionTest, EachDetectorSaysWhereItFindsNoFace) {
  add_both_classes();
  add("dark.png", person(3) * 0.2, 1);
  const InspectionDetector blind{.name = "blind", .make = [] {
                                   class Blind final : public FaceDetector {
                                    public:
                                     std::string_view name() const override { return "blind"; }
                                     std::vector<FaceDetection> detect(const cv::Mat&) override { return {}; }
                                   };
                                   return std::make_unique<Blind>();
                                 }};
  const Inspection inspection = look({.detectors = {light_detector(), blind}});
  EXPECT_THAT(problems(inspection),
              ElementsAre("no_face dark.png: light finds no face", "no_face one.png: blind finds no face",
                          "no_face two.png: blind finds no face", "no_face dark.png: blind finds no face"));
  EXPECT_THAT(group_problems(inspection), SizeIs(2));
  EXPECT_THAT(inspection.all.with_face, ElementsAre(2, 0));
  EXPECT_THAT(inspection.all.several_faces, ElementsAre(2, 0));
  EXPECT_THAT(inspection.per_class[1].with_face, ElementsAre(1, 0));
  EXPECT_EQ(inspection.per_class[1].searched, 2U);
}

TEST_F(InspectionTest, CountsClassesSubjectsAttributesSizesAndColours) {
  const auto sample = [&](const std::string& name, const cv::Mat& rgb, int label, const std::string& subject,
                          const std::string& angle) {
    Sample& added = add(name, rgb, label);
    added.subject = subject;
    added.split = subject.empty() ? "" : "train";
    added.attributes["angle"] = angle;
  };
  cv::Mat grey = test::noise_image({50, 80}, 1);
  cv::cvtColor(grey, grey, cv::COLOR_RGB2GRAY);
  cv::cvtColor(grey, grey, cv::COLOR_GRAY2RGB);
  sample("a.png", grey, 0, "F01", "S");
  sample("b.png", test::noise_image({100, 60}, 2), 0, "F01", "S");
  sample("c.png", test::noise_image({70, 90}, 3), 1, "F01", "HL");
  sample("d.png", test::noise_image({70, 95}, 4), 0, "F02", "S");
  sample("e.png", test::noise_image({70, 99}, 5), 0, "", "S");
  add_bytes("broken.png", "x");
  const Inspection inspection = look();
  EXPECT_EQ(inspection.all.images, 6U);
  EXPECT_EQ(inspection.all.readable, 5U);
  EXPECT_EQ(inspection.all.grey, 1U);
  EXPECT_EQ(inspection.all.subjects, 2U);
  EXPECT_EQ(inspection.per_class[0].images, 5U);
  EXPECT_EQ(inspection.per_class[1].subjects, 1U);
  EXPECT_EQ(inspection.all.width.min, 50);
  EXPECT_EQ(inspection.all.width.median, 70);
  EXPECT_EQ(inspection.all.width.max, 100);
  EXPECT_EQ(inspection.all.height.max, 99);
  EXPECT_EQ(inspection.all.shorter_side.min, 50);
  EXPECT_EQ(inspection.images_per_subject.min, 1);
  EXPECT_EQ(inspection.images_per_subject.median, 1);
  EXPECT_EQ(inspection.images_per_subject.max, 3);
  ASSERT_THAT(inspection.incomplete_subjects, SizeIs(1));
  EXPECT_EQ(inspection.incomplete_subjects[0].subject, "F02");
  EXPECT_THAT(inspection.incomplete_subjects[0].classes, ElementsAre("sad"));
  EXPECT_THAT(inspection.attributes.at("angle"), ElementsAre(testing::Pair("HL", 1), testing::Pair("S", 4)));
  EXPECT_THAT(inspection.attributes.at("split"), ElementsAre(testing::Pair("train", 4)));
}

TEST_F(InspectionTest, ThumbnailsShowExamplesAndWhatDuplicatesRepeat) {
  for (int i = 0; i < 10; ++i) add(fmt::format("{}.png", i), person(i, "neutral", {160, 320}), 0);
  add("copy.png", person(4, "neutral", {160, 320}), 1);
  const Inspection none = look({.detectors = {light_detector()}});
  EXPECT_THAT(none.thumbnails, IsEmpty());
  const Inspection inspection = look({.detectors = {light_detector()}, .examples = 3});
  EXPECT_THAT(inspection.per_class[0].examples, SizeIs(3));
  for (const std::string& path : inspection.per_class[0].examples)
    EXPECT_TRUE(inspection.thumbnails.contains(path)) << path;
  EXPECT_TRUE(inspection.thumbnails.contains(folder_.path() / "copy.png"));
  const Thumbnail& original = inspection.thumbnails.at(folder_.path() / "4.png");
  EXPECT_EQ(original.rgb.size(), cv::Size(kThumbnailSide / 2, kThumbnailSide));
  ASSERT_THAT(original.faces, SizeIs(1));
  EXPECT_FLOAT_EQ(original.faces[0]->height, 40.0F * kThumbnailSide / 320);
}

/// A bit of everything, to be found whatever the number of threads.
std::vector<std::string> everything(const Inspection& inspection) {
  std::vector<std::string> texts;
  for (const Problem& problem : inspection.problems)
    texts.push_back(fmt::format("{} {} {} {} {}", name_of(problem.kind), problem.path, problem.detail,
                                problem.other, problem.detector));
  for (const DuplicateGroup& group : inspection.duplicates)
    for (const std::string& path : group.paths) texts.push_back(path);
  for (const auto& [path, thumbnail] : inspection.thumbnails) texts.push_back("thumbnail " + path);
  return texts;
}

TEST_F(InspectionTest, TheResultDoesNotDependOnTheWorkers) {
  for (int i = 0; i < 30; ++i) {
    const std::string name = fmt::format("{:02}.png", i);
    if (i % 7 == 3) {
      add_bytes(name, "no image");
    } else if (i % 7 == 4) {
      add(name, resized(person(i % 5), 1.5), i % 2);
    } else {
      add(name, i % 7 == 5 ? cv::Mat(person(i) * 0.2) : person(i % 5), i % 2);
    }
  }
  InspectionOptions options{.detectors = {light_detector()}, .examples = 2};
  const Inspection alone = look(options);
  EXPECT_GE(group_problems(alone).size(), 4U);
  for (const int workers : {4, 16}) {
    options.workers = workers;
    EXPECT_EQ(everything(look(options)), everything(alone));
  }
}

TEST_F(InspectionTest, StopEndsTheWorkAndProgressCountsStepByStep) {
  for (int i = 0; i < 8; ++i)
    add(fmt::format("{}.png", i), test::noise_image({60, 60}, static_cast<std::uint64_t>(i)));
  std::map<std::string, std::size_t, std::less<>> done;
  const StepsFn progress = [&](std::string_view step, std::size_t count, std::size_t total) {
    EXPECT_EQ(total, 8U);
    done[std::string(step)] = count;
  };
  EXPECT_THROW(inspect(dataset_, {}, progress, [&] { return done["looking at images"] >= 3; }), Stopped);
  EXPECT_EQ(done["looking at images"], 3U);
  inspect(dataset_, {}, progress, {});
  EXPECT_EQ(done["looking at images"], 8U);
  EXPECT_EQ(done["looking for copies"], 8U);
}

TEST_F(InspectionTest, ErrorsOfDetectorsArePassedOn) {
  add_both_classes();
  const InspectionDetector broken{
      .name = "broken", .make = []() -> std::unique_ptr<FaceDetector> { throw data_error("no model file"); }};
  EXPECT_EQ(test::error_text(ErrorKind::data, [&] { return look({.detectors = {broken}}); }),
            "no model file");
}

TEST(LookAlike, BrightnessContrastAndGammaDoNotCount) {
  const cv::Mat original = person(1);
  const Look look = look_of(original);
  EXPECT_EQ(difference(look, look), 0);
  cv::Mat changed;
  original.convertTo(changed, -1, 0.6, 30);
  EXPECT_LT(difference(look, look_of(changed)), 0.05);
  EXPECT_GT(difference(look, look_of(person(2))), 1);
}

TEST(LookAlike, ASmallChangeCountsWhereItIs) {
  const cv::Mat original = person(1);
  cv::Mat changed = original.clone();
  cv::ellipse(changed, {80, 128}, {14, 7}, 0, 0, 360, {40, 10, 10}, cv::FILLED);  // an open mouth
  const Look a = look_of(original);
  const Look b = look_of(changed);
  EXPECT_GT(difference(a, b), kLookAlikeDifference);
  EXPECT_EQ(difference(a, b), difference(b, a));
}

TEST(Spread, TakesOneOfEachPart) {
  std::vector<int> items(100);
  for (int i = 0; i < 100; ++i) items[static_cast<std::size_t>(i)] = i;
  const std::vector<int> taken = spread<int>(items, 10);
  ASSERT_THAT(taken, SizeIs(10));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(taken[static_cast<std::size_t>(i)] / 10, i);
  EXPECT_EQ(spread<int>(items, 200), items);
  EXPECT_THAT(spread<int>(items, 0), IsEmpty());
}

TEST(ShareWork, EveryItemIsDoneOnceAndWorkersAreTold) {
  std::vector<int> times(500);
  std::vector<std::size_t> workers(500);
  share_work(500, 4,
             [&](std::size_t item, std::size_t worker) {
               ++times[item];
               workers[item] = worker;
             },
             {}, {});
  EXPECT_THAT(times, testing::Each(1));
  EXPECT_THAT(workers, testing::Each(testing::Lt(4U)));
}

TEST(ShareWork, TheErrorOfTheLowestItemIsThrownWhateverTheTiming) {
  for (int round = 0; round < 20; ++round) {
    EXPECT_EQ(test::error_text(ErrorKind::data,
                               [] {
                                 share_work(64, 4,
                                            [](std::size_t item, std::size_t) {
                                              if (item == 9)
                                                std::this_thread::sleep_for(std::chrono::milliseconds(1));
                                              if (item >= 9) throw data_error("item {}", item);
                                            },
                                            {}, {});
                                 return 0;
                               }),
              "item 9");
  }
}

}  // namespace
}  // namespace fer
