#include "fer/train/training_data.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "fer/config/load.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/model/face_detectors.hpp"
#include "fer/vision/image.hpp"
#include "support/error_text.hpp"
#include "train/no_augmentation.hpp"
#include "train/temp_folder.hpp"

namespace fer::test {
namespace {

namespace fs = std::filesystem;

TEST(PreprocessingOf, TakesWhatTheExperimentSays) {
  Experiment experiment;
  EXPECT_EQ(preprocessing_of(experiment), Preprocessing{});
  experiment.face = {.detector = "mtcnn",
                     .min_size = 0.25,
                     .min_score = 0.875,
                     .target = "center",
                     .align = true,
                     .square = false,
                     .margin = 0.5,
                     .grey = true};
  experiment.input.size = 96;
  EXPECT_EQ(preprocessing_of(experiment), (Preprocessing{.detector = "mtcnn",
                                                         .min_face = 0.25F,
                                                         .min_score = 0.875F,
                                                         .target = FaceTarget::center,
                                                         .align = true,
                                                         .square = false,
                                                         .margin = 0.5F,
                                                         .size = 96,
                                                         .grey = true}));
  experiment = {};
  experiment.input.normalisation = "half";
  EXPECT_EQ(preprocessing_of(experiment),
            (Preprocessing{.mean = {0.5F, 0.5F, 0.5F}, .std = {0.5F, 0.5F, 0.5F}}));
}

TEST(AugmentOptionsOf, TakesWhatTheExperimentSays) {
  Experiment experiment;
  experiment.augment = {.flip = 0.01,
                        .shift = {0.02, 102},
                        .scale = {0.03, 103},
                        .rotate = {0.04, 104},
                        .crop_jitter = {0.05, 105},
                        .perspective = {0.06, 106},
                        .brightness = {0.07, 107},
                        .contrast = {0.08, 108},
                        .colour = {0.09, 109},
                        .light = {0.10, 110},
                        .grey = 0.11,
                        .blur = {0.12, 112},
                        .noise = {0.13, 113},
                        .low_resolution = {0.14, 114},
                        .jpeg = {0.15, 115},
                        .erase = {0.16, 116}};
  const AugmentOptions options = augment_options_of(experiment);
  EXPECT_EQ(options.flip, 0.01);
  EXPECT_EQ(options.grey, 0.11);
  std::vector<std::pair<double, double>> changes;
  for (const Change& change :
       {options.shift, options.scale, options.rotate, options.crop_jitter, options.perspective,
        options.brightness, options.contrast, options.colour, options.light, options.blur, options.noise,
        options.low_resolution, options.jpeg, options.erase}) {
    changes.emplace_back(change.p, change.max);
  }
  using testing::Pair;
  EXPECT_THAT(changes,
              testing::ElementsAre(Pair(0.02, 102), Pair(0.03, 103), Pair(0.04, 104), Pair(0.05, 105),
                                   Pair(0.06, 106), Pair(0.07, 107), Pair(0.08, 108), Pair(0.09, 109),
                                   Pair(0.10, 110), Pair(0.12, 112), Pair(0.13, 113), Pair(0.14, 114),
                                   Pair(0.15, 115), Pair(0.16, 116)));
}

/// The configuration cannot see the table of detectors, so its list is held against it here.
TEST(PreprocessingOf, KnowsEveryDetectorTheConfigurationOffers) {
  std::vector<std::string> names;
  for (const FaceDetectorKind& kind : face_detectors()) names.push_back(kind.facts.name);
  const auto fields = experiment_fields();
  EXPECT_EQ(std::ranges::find(fields, "face.detector", &Field::key)->choices, names);
  Experiment experiment;
  for (const std::string& target : std::ranges::find(fields, "face.target", &Field::key)->choices) {
    experiment.face.target = target;
    EXPECT_EQ(name_of(preprocessing_of(experiment).target), target);
  }
}

TEST(ShardsOf, AreAsManyCropsAsTheirMegabytesHold) {
  Experiment experiment;
  EXPECT_EQ(shards_of(experiment).samples, 0U);
  experiment.data.cache.shard_mb = 8;
  experiment.data.cache.mixed_shards = 64;
  EXPECT_EQ(shards_of(experiment).samples, 53U);  // of 150,528 bytes
  EXPECT_EQ(shards_of(experiment).mixed, 64U);
  experiment.data.cache.shard_mb = 0.01;
  EXPECT_EQ(shards_of(experiment).samples, 1U);
}

TEST(WorkerCount, IsOnePerCoreUnlessSaid) {
  Experiment experiment;
  EXPECT_GE(worker_count(experiment), 1);
  experiment.data.workers = 0;
  EXPECT_EQ(worker_count(experiment), 0);
  experiment.data.workers = 5;
  EXPECT_EQ(worker_count(experiment), 5);
}

/// An image folder of `per_class` plain 40-pixel images in each of two classes; the level grows with the
/// image.
class PreparedData : public TempFolderTest {
 protected:
  PreparedData() {
    SourceConfig source;
    source.kind = "folder";
    source.root = folder_.string();
    experiment_.data.sources = {source};
    experiment_.data.classes = {"happy", "sad"};
    experiment_.data.split.method = "random";
    experiment_.data.split.val = 0.25;
    experiment_.data.split.test = 0.25;
    experiment_.data.cache.folder = (folder_ / ".crops").string();
    experiment_.data.workers = 2;
    experiment_.face.detector = "none";
    experiment_.input.size = 32;
    experiment_.augment = no_augmentation();
    for (const char* name : {"happy", "sad"}) fs::create_directories(folder_ / name);
    for (int i = 0; i < 8; ++i) {
      for (const char* name : {"happy", "sad"}) write(name, i, 20 * i);
    }
  }

  void write(const std::string& label, int number, int level) const {
    const int blue = label == "happy" ? 0 : 255;
    write_image(folder_ / label / (std::to_string(number) + ".png"),
                cv::Mat(40, 40, CV_8UC3, cv::Scalar(200, level, blue)));
  }

  TrainingData prepare() const { return prepare_training_data(experiment_, {}, {}, {}); }

  Experiment experiment_;
};

TEST_F(PreparedData, IsReadCroppedAndSplit) {
  const TrainingData data = prepare();
  EXPECT_EQ(data.preprocessing, preprocessing_of(experiment_));
  ASSERT_EQ(data.faces.crops.size(), 16U);
  ASSERT_EQ(data.parts.size(), 16U);
  EXPECT_EQ(indices_of(data.parts, Part::val).size(), 4U);
  EXPECT_EQ(indices_of(data.parts, Part::test).size(), 4U);
  for (std::size_t i = 0; i < 16; ++i) {
    const cv::Mat& crop = data.faces.crops[i];
    EXPECT_EQ(crop.size(), cv::Size(32, 32));
    EXPECT_EQ(crop.at<cv::Vec3b>(16, 16)[2], data.faces.dataset.samples[i].label == 0 ? 0 : 255);
  }
}

TEST_F(PreparedData, HashFollowsImagesLabelsAndParts) {
  const TrainingData data = prepare();
  const std::string hash = data_hash(data);
  EXPECT_THAT(hash, testing::MatchesRegex("[0-9a-f]+"));
  EXPECT_EQ(hash.size(), 64U);
  experiment_.data.workers = 0;
  EXPECT_EQ(data_hash(prepare()), hash);

  const TrainingData warm = prepare();
  EXPECT_TRUE(warm.faces.from_cache);
  EXPECT_EQ(data_hash(warm), hash);

  TrainingData other = prepare();
  std::swap(other.parts[indices_of(data.parts, Part::val)[0]],
            other.parts[indices_of(data.parts, Part::train)[0]]);
  EXPECT_NE(data_hash(other), hash);
  other = prepare();
  other.faces.dataset.samples[3].label ^= 1;
  EXPECT_NE(data_hash(other), hash);
  write("sad", 5, 101);
  EXPECT_NE(data_hash(prepare()), hash);
}

TEST_F(PreparedData, SampleSheetShowsTrainingCropsAndWhiteWhereThereAreNoMore) {
  const TrainingData data = prepare();
  const cv::Mat sheet = sample_sheet(experiment_, data);
  ASSERT_EQ(sheet.size(), cv::Size(8 * 32, 4 * 32));
  std::multiset<int> shown;
  std::multiset<int> expected;
  for (int i = 0; i < 8; ++i) {
    const auto pixel = sheet.at<cv::Vec3b>(16, i * 32 + 16);
    EXPECT_EQ(pixel[0], 200);
    shown.insert(pixel[1] * 256 + pixel[2]);
  }
  for (const std::size_t i : indices_of(data.parts, Part::train)) {
    const auto pixel = data.faces.crops[i].at<cv::Vec3b>(16, 16);
    expected.insert(pixel[1] * 256 + pixel[2]);
  }
  EXPECT_EQ(shown, expected);
  EXPECT_EQ(sheet.at<cv::Vec3b>(32 + 16, 16), cv::Vec3b(255, 255, 255));
}

TEST_F(PreparedData, SoftLabelsOutliveCropsAndCacheUnlessTheExperimentTakesLabelsAlone) {
  std::string list = "file,happy,sad,unsure\n";
  for (int i = 0; i < 8; ++i) list += fmt::format("happy/{0}.png,3,1,0\nsad/{0}.png,{0},8,1\n", i);
  write_file(folder_ / "votes.csv", list);
  SourceConfig& source = experiment_.data.sources[0];
  source.kind = "layout";
  source.layout = LayoutConfig{.read = "table",
                               .lists = {"votes.csv"},
                               .columns = {{"_file", "file"}},
                               .image = "{_file}",
                               .votes = {.columns = {"happy", "sad"}, .others = {"unsure"}}};
  const auto shares_of = [](const TrainingData& data, std::size_t sample) {
    return data.faces.dataset.samples[sample].shares;
  };
  const TrainingData data = prepare();
  ASSERT_EQ(data.faces.crops.size(), 16U);
  EXPECT_THAT(shares_of(data, 0), testing::ElementsAre(0.75F, 0.25F));
  EXPECT_THAT(shares_of(data, 5), testing::ElementsAre(0.2F, 0.8F));
  const TrainingData warm = prepare();
  EXPECT_TRUE(warm.faces.from_cache);
  EXPECT_EQ(shares_of(warm, 5), shares_of(data, 5));

  experiment_.data.soft_labels = false;
  const TrainingData hard = prepare();
  EXPECT_TRUE(hard.faces.from_cache);
  EXPECT_THAT(shares_of(hard, 5), testing::IsEmpty());
  EXPECT_EQ(hard.faces.dataset.samples[5].label, 1);
  EXPECT_NE(data_hash(hard), data_hash(data));
}

TEST(SourcesOf, TakesEveryKeyOfALayout) {
  DataConfig data;
  data.sources = {{.kind = "layout", .root = "/data", .map = {{"a", "-"}}, .layout = LayoutConfig{}}};
  EXPECT_EQ(sources_of(data)[0].words, (std::map<std::string, std::string>{{"a", "-"}}));
  const Layout nothing = *sources_of(data)[0].layout;
  for (const std::string* text : {&nothing.pattern, &nothing.image, &nothing.pixels, &nothing.label_file})
    EXPECT_EQ(*text, "");
  data.sources[0].layout = LayoutConfig{.read = "table",
                                        .pattern = "p",
                                        .ignore_case = true,
                                        .lists = {"l"},
                                        .columns = {{"c", "d"}},
                                        .image = "i",
                                        .pixels = "x",
                                        .label_file = "f",
                                        .fields = {{"g", "h"}},
                                        .values = {{"v", {{"w", "y"}}}},
                                        .sequence = {.by = {"s"}, .last = 2, .first = 3, .first_label = "z"},
                                        .votes = {{"o"}, {"t"}, 4, 0.5}};
  const Layout layout = *sources_of(data)[0].layout;
  EXPECT_EQ(layout.read + layout.pattern + layout.image + layout.pixels + layout.label_file, "tablepixf");
  EXPECT_TRUE(layout.ignore_case);
  EXPECT_EQ(layout.lists, std::vector<std::string>{"l"});
  EXPECT_EQ(layout.columns.at("c") + layout.fields.at("g") + layout.values.at("v").at("w"), "dhy");
  EXPECT_EQ(layout.sequence.by[0] + layout.sequence.first_label, "sz");
  EXPECT_EQ(layout.sequence.last + layout.sequence.first, 5U);
  EXPECT_EQ(layout.votes.columns[0] + layout.votes.others[0], "ot");
  EXPECT_EQ(layout.votes.min_votes + layout.votes.majority, 4.5);
}

TEST_F(PreparedData, StopsOnRequest) {
  EXPECT_THROW(prepare_training_data(experiment_, {}, {}, [] { return true; }), Stopped);
}

TEST_F(PreparedData, AClassWithoutImagesIsADataError) {
  experiment_.data.classes = {"happy", "sad", "fear"};
  EXPECT_THAT([&] { prepare(); }, testing::ThrowsMessage<Error>(testing::HasSubstr("fear")));
}

/// Twelve of the images as a list of six people, two images each, of which a validation image has the pixels
/// of a training image.
class LeakingData : public PreparedData {
 protected:
  LeakingData() {
    write("happy", 4, 0);
    std::string list = "path,label,split,subject,angle\n";
    for (int i = 0; i < 6; ++i) {
      for (const char* name : {"happy", "sad"}) {
        list += fmt::format("{0}/{1}.png,{0},{2},p{1},{3}\n", name, i, i < 4 ? "train" : "val",
                            i % 2 == 0 ? "S" : "HL");
      }
    }
    write_file(folder_ / "list.csv", list);
    experiment_.data.sources = {SourceConfig{.kind = "csv", .root = (folder_ / "list.csv").string()}};
    experiment_.data.split = SplitConfig{};
    experiment_.data.split.method = "source";
  }

  std::string error(ErrorKind kind) const {
    return error_text(kind, [&] { return prepare().parts.size(); });
  }
};

TEST_F(LeakingData, IsRefusedUnlessTheExperimentAllowsIt) {
  EXPECT_THAT(error(ErrorKind::data),
              testing::AllOf(testing::HasSubstr("1 duplicate in train and val (the first: "),
                             testing::HasSubstr("happy/0.png and "), testing::HasSubstr("happy/4.png)")));
  experiment_.data.allow_leakage = true;
  const TrainingData data = prepare();
  EXPECT_EQ(data.leaks.size(), 1U);
  EXPECT_EQ(split_text(data.split),
            "the data set's own split, subject-disjoint; leakage allowed: 1 duplicate in train and val");
  ASSERT_EQ(data.warnings.size(), 1U);
}

TEST_F(LeakingData, CopiesAreLeftOutOfTheTrainingPartIfTheExperimentSaysSo) {
  experiment_.data.exclude_leaked = true;
  const TrainingData data = prepare();
  EXPECT_EQ(data.leaks.size(), 1U);
  EXPECT_EQ(indices_of(data.parts, Part::unused), std::vector{data.leaks[0].sample});
  EXPECT_EQ(indices_of(data.parts, Part::train).size(), 7U);
  EXPECT_EQ(data.split.excluded, 1U);
  EXPECT_EQ(split_text(data.split), "the data set's own split, subject-disjoint; 1 copies left out");
}

TEST_F(LeakingData, SuspectsLeaveTheTrainingPartBeforeLeaksAreLookedFor) {
  const auto row = [&](const std::string& path, int rank) {
    return fmt::format("{},happy,{}\n", (folder_ / path).string(), rank);
  };
  write_file(folder_ / "suspects.csv",
             "path,label,rank\n" + row("happy/0.png", 1) + row("happy/4.png", 2) + row("happy/1.png", 3));
  experiment_.data.drop_suspects = (folder_ / "suspects.csv").string();
  TrainingData data = prepare();
  EXPECT_EQ(data.split.suspects.dropped, 2U);
  EXPECT_EQ(data.split.suspects.other_parts, 1U) << "what is measured on stays";
  EXPECT_EQ(indices_of(data.parts, Part::train).size(), 6U);
  EXPECT_EQ(indices_of(data.parts, Part::val).size(), 4U);
  EXPECT_TRUE(data.leaks.empty()) << "the image that validation has, too, was one of them";
  EXPECT_EQ(split_text(data.split),
            "the data set's own split, subject-disjoint; 2 suspects left out of training");
  experiment_.data.drop_suspects_share = 0.34;
  data = prepare();
  EXPECT_EQ(data.split.suspects.dropped, 1U);
  EXPECT_EQ(indices_of(data.parts, Part::unused).size(), 1U);
}

TEST_F(LeakingData, ATrainingPartThatLosesAClassThatWayIsADataError) {
  experiment_.data.exclude_leaked = true;
  for (int i = 1; i < 4; ++i) write("happy", i, 0);
  EXPECT_THAT(error(ErrorKind::data), testing::StartsWith("the training part has no image of class happy"));
}

TEST_F(LeakingData, ARandomSplitOfKnownPeopleIsRefused) {
  experiment_.data.split.method = "random";
  experiment_.data.split.val = 0.5;
  EXPECT_THAT(error(ErrorKind::data), testing::HasSubstr("subjects in train and val (the first: "));
}

TEST_F(LeakingData, IsReadOnceAndDividedIntoEachFold) {
  experiment_.data.split.method = "kfold";
  experiment_.data.split.folds = 3;
  experiment_.data.split.val = 0.25;
  experiment_.data.allow_leakage = true;
  TrainingData data = load_training_data(experiment_, {}, {}, {});
  std::vector<int> tested(12);
  for (int fold = 1; fold <= 3; ++fold) {
    experiment_.data.split.fold = fold;
    split_training_data(data, experiment_, {}, {});
    EXPECT_EQ(data.split.fold, fold);
    EXPECT_EQ(data.split.folds, 3);
    for (const std::size_t i : indices_of(data.parts, Part::test)) {
      ++tested[i];
      EXPECT_EQ(data.folds[i], fold);
    }
  }
  EXPECT_EQ(tested, std::vector<int>(12, 1));
  experiment_.data.split.fold = 0;
  EXPECT_THAT(error(ErrorKind::usage), testing::StartsWith("data.split.fold: 0 stands for all folds"));
}

TEST_F(LeakingData, OnlyWhatTheExperimentNamesIsRead) {
  experiment_.data.only = {{"angle", {"HL"}}};
  const TrainingData data = prepare();
  EXPECT_EQ(data.parts.size(), 6U);
  EXPECT_EQ(data.faces.dataset.left_out.size(), 6U);
  experiment_.data.only = {{"angle", {"FR"}}};
  EXPECT_THAT(error(ErrorKind::usage), testing::StartsWith("data.only.angle: no sample has the value 'FR'"));
}

}  // namespace
}  // namespace fer::test
