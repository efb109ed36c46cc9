// The layouts in configs/datasets, on files named like those of the data sets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>

#include "fer/config/load.hpp"
#include "fer/data/synthetic_dataset.hpp"
#include "fer/train/training_data.hpp"
#include "support/images.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class ReadyLayoutTest : public testing::Test {
 protected:
  /// A small picture, in the format of its name.
  void draw(const std::string& name) const {
    ASSERT_TRUE(cv::imwrite(folder_ / name, test::noise_image({20, 24}, ++pictures_)));
  }

  Dataset read(const std::string& name, const LabelMap& labels = ClassList()) const {
    const Layout layout = layout_of(load_layout(FER_SOURCE_DIR "/configs/datasets/" + name + ".yaml"));
    return read_layout(folder_.path(), layout, labels);
  }

  static std::vector<std::string> labels_of(const Dataset& dataset) {
    std::vector<std::string> labels;
    for (const Sample& sample : dataset.samples) labels.push_back(dataset.classes.name(sample.label));
    return labels;
  }
  std::vector<std::string> paths_of(const Dataset& dataset) const {
    std::vector<std::string> paths;
    for (const Sample& sample : dataset.samples)
      paths.push_back(fs::path(sample.path).lexically_relative(folder_.path()).string());
    return paths;
  }
  static std::vector<std::string> reasons_of(const Dataset& dataset) {
    std::vector<std::string> reasons;
    for (const RejectedFile& file : dataset.rejected) reasons.push_back(file.reason);
    return reasons;
  }
  static void expect_readable(const Dataset& dataset) {
    for (const Sample& sample : dataset.samples) EXPECT_EQ(load_image(sample).size(), cv::Size(20, 24));
  }

  const test::TempFolder folder_;
  mutable std::uint64_t pictures_ = 0;
};

TEST_F(ReadyLayoutTest, KdefEqualsItsReader) {
  write_synthetic_kdef({.folder = folder_.path(), .subjects = 4, .size = {64, 87}, .workers = 1});
  fs::create_directories(folder_ / "flat");
  fs::rename(folder_ / "AF01/AF01ANS.JPG", folder_ / "flat/af01ans.jpg");
  fs::rename(folder_ / "BM01/BM01HAHL.JPG", folder_ / "flat/BM36HAHL.JPG");
  const Dataset dataset = read("kdef");
  const Dataset expected = dataset_reader("kdef").read(folder_.path(), ClassList());
  ASSERT_THAT(dataset.samples, SizeIs(4 * 7 * 5 * 2 - 1));
  ASSERT_THAT(expected.samples, SizeIs(dataset.samples.size()));
  for (std::size_t i = 0; i < expected.samples.size(); ++i) {
    EXPECT_EQ(dataset.samples[i].path, expected.samples[i].path);
    EXPECT_EQ(dataset.samples[i].label, expected.samples[i].label);
    EXPECT_EQ(dataset.samples[i].subject, expected.samples[i].subject);
    EXPECT_EQ(dataset.samples[i].split, expected.samples[i].split);
    EXPECT_EQ(dataset.samples[i].attributes, expected.samples[i].attributes);
  }
  ASSERT_THAT(dataset.rejected, SizeIs(1));
  EXPECT_EQ(dataset.rejected[0].path, expected.rejected[0].path);
}

TEST_F(ReadyLayoutTest, Jaffe) {
  for (const char* name : {"KA.AN1.39.tiff", "KA.DI3.44.tiff", "MK.FE1.130.tiff", "NM.HA2.96.tiff",
                           "YM.NE3.51.tiff", "TM.SA1.184.tiff", "UY.SU3.145.tiff"})
    draw(name);
  folder_.write("README_FIRST.txt", "x");
  const Dataset dataset = read("jaffe");
  EXPECT_THAT(labels_of(dataset),
              ElementsAre("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"));
  EXPECT_EQ(dataset.samples[0].subject, "KA");
  EXPECT_THAT(dataset.samples[0].attributes, ElementsAre(Pair("ethnicity", "Japanese"), Pair("sex", "F")));
  EXPECT_THAT(dataset.rejected, IsEmpty());
  expect_readable(dataset);
}

TEST_F(ReadyLayoutTest, Rafd) {
  for (const char* name :
       {"Rafd000_01_Caucasian_female_angry_left.jpg", "Rafd090_01_Caucasian_female_contemptuous_frontal.jpg",
        "Rafd090_41_Kid_female_neutral_frontal.jpg", "Rafd135_29_Moroccan_male_fearful_right.jpg",
        "Rafd180_73_Moroccan_male_surprised_frontal.jpg", "Rafd090_07_Caucasian_male_disgusted_frontal.jpg"})
    draw(name);
  const Dataset dataset = read("rafd");
  EXPECT_THAT(labels_of(dataset), ElementsAre("angry", "disgust", "neutral", "fear", "surprise"));
  EXPECT_EQ(dataset.samples[3].subject, "29");
  EXPECT_THAT(dataset.samples[3].attributes, ElementsAre(Pair("angle", "135"), Pair("gaze", "right"),
                                                         Pair("people", "Moroccan"), Pair("sex", "M")));
  EXPECT_THAT(reasons_of(dataset), ElementsAre("its emotion 'contemptuous' is no class"));
  expect_readable(dataset);
}

TEST_F(ReadyLayoutTest, CkPlusTakesTheEndOfLabelledSequencesAndTheirBeginning) {
  for (const std::string frame : {"01", "02", "03", "04", "05", "06"})
    draw("cohn-kanade-images/S005/001/S005_001_000000" + frame + ".png");
  for (const std::string frame : {"01", "02", "03", "04"}) {
    draw("cohn-kanade-images/S010/002/S010_002_000000" + frame + ".png");
    draw("cohn-kanade-images/S010/003/S010_003_000000" + frame + ".png");
  }
  folder_.write("Emotion/S005/001/S005_001_00000006_emotion.txt", "   3.0000000e+00\n");
  folder_.write("Emotion/S010/002/S010_002_00000004_emotion.txt", "   7.0000000e+00\n");
  fs::create_directories(folder_ / "Emotion/S010/003");
  const Dataset dataset = read("ckplus");
  EXPECT_THAT(paths_of(dataset), ElementsAre("cohn-kanade-images/S005/001/S005_001_00000001.png",
                                             "cohn-kanade-images/S005/001/S005_001_00000004.png",
                                             "cohn-kanade-images/S005/001/S005_001_00000005.png",
                                             "cohn-kanade-images/S005/001/S005_001_00000006.png",
                                             "cohn-kanade-images/S010/002/S010_002_00000001.png",
                                             "cohn-kanade-images/S010/002/S010_002_00000002.png",
                                             "cohn-kanade-images/S010/002/S010_002_00000003.png",
                                             "cohn-kanade-images/S010/002/S010_002_00000004.png"));
  EXPECT_THAT(labels_of(dataset), ElementsAre("neutral", "disgust", "disgust", "disgust", "neutral",
                                              "surprise", "surprise", "surprise"));
  EXPECT_EQ(dataset.samples[7].subject, "S010");
  EXPECT_THAT(dataset.samples[7].attributes, IsEmpty());
  EXPECT_THAT(reasons_of(dataset),
              AllOf(SizeIs(4), Each("there is no label file Emotion/S010/003/*_emotion.txt")));
  expect_readable(dataset);
}

TEST_F(ReadyLayoutTest, RafDb) {
  for (const char* name : {"train_00001", "train_00002", "test_0001", "test_0002"})
    draw("Image/aligned/" + std::string(name) + "_aligned.jpg");
  folder_.write(
      "EmoLabel/list_patition_label.txt",
      "train_00001.jpg 5\ntrain_00002.jpg 1\ntrain_00003.jpg 2\ntest_0001.jpg 7\ntest_0002.jpg 6\n");
  const Dataset dataset = read("rafdb");
  EXPECT_THAT(paths_of(dataset),
              ElementsAre("Image/aligned/train_00001_aligned.jpg", "Image/aligned/train_00002_aligned.jpg",
                          "Image/aligned/test_0001_aligned.jpg", "Image/aligned/test_0002_aligned.jpg"));
  EXPECT_THAT(labels_of(dataset), ElementsAre("sad", "surprise", "neutral", "angry"));
  EXPECT_EQ(dataset.samples[0].split, "train");
  EXPECT_EQ(dataset.samples[2].split, "test");
  EXPECT_THAT(reasons_of(dataset),
              ElementsAre(testing::EndsWith("list_patition_label.txt:3 names a file that "
                                            "is not there")));
  expect_readable(dataset);
}

TEST_F(ReadyLayoutTest, AffectNet) {
  const std::string columns =
      "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,"
      "arousal\n";
  const auto row = [](const std::string& file, int expression) {
    return file + ",134,134,899,899,181.64;530.91;188.32," + std::to_string(expression) +
           ",0.785714,-0.055556\n";
  };
  const std::string lists = "Manually_Annotated_file_lists/";
  folder_.write(lists + "training.csv", columns + row("689/a737.JPG", 1) + row("392/c4db.jpg", 0) +
                                            row("468/2162.jpg", 8) + row("944/06e9.png", 7));
  folder_.write(lists + "validation.csv", columns + row("10/29a3.jpg", 6));
  for (const char* name : {"689/a737.JPG", "392/c4db.jpg", "468/2162.jpg", "944/06e9.png", "10/29a3.jpg"})
    draw("Manually_Annotated_Images/" + std::string(name));
  const Dataset dataset = read("affectnet");
  EXPECT_THAT(labels_of(dataset), ElementsAre("happy", "neutral", "angry"));
  EXPECT_EQ(dataset.samples[0].split, "train");
  EXPECT_EQ(dataset.samples[2].split, "val");
  EXPECT_THAT(reasons_of(dataset),
              ElementsAre("its label is left out by the layout", "its emotion 'contempt' is no class"));
  EXPECT_THAT(labels_of(read("affectnet", ClassList({"happy", "neutral", "angry", "contempt"}))),
              ElementsAre("happy", "neutral", "contempt", "angry"));
  expect_readable(dataset);
}

TEST_F(ReadyLayoutTest, FerPlus) {
  std::string pixels;
  for (int i = 0; i < 48 * 48; ++i) pixels += std::to_string(i % 256) + " ";
  std::string images = "emotion,pixels,Usage\n";
  for (const char* usage : {"Training", "Training", "Training", "PublicTest", "PrivateTest", "Training"})
    images += "0," + pixels + "," + usage + "\n";
  folder_.write("fer2013.csv", images);
  folder_.write("fer2013new.csv",
                "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n"
                "Training,fer0000000.png,4,0,0,1,3,2,0,0,0,0\n"
                "Training,fer0000001.png,6,0,1,1,0,0,0,0,2,0\n"
                "Training,fer0000006.png,2,0,0,8,0,0,0,0,0,0\n"
                "PublicTest,fer0000009.png,0,0,6,0,0,0,4,0,0,0\n"
                "PrivateTest,fer0000007.png,0,10,0,0,0,0,0,0,0,0\n"
                "Training,,0,0,0,0,0,0,0,0,0,10\n");
  const Dataset dataset = read("ferplus");
  EXPECT_THAT(labels_of(dataset), ElementsAre("neutral", "sad", "surprise", "happy"));
  EXPECT_THAT(dataset.samples[0].shares, ElementsAre(0, 0, 0, 0, 0, 0, 1));
  EXPECT_THAT(dataset.samples[1].shares, ElementsAre(0, 0, 0, 0, 0.8F, 0, 0.2F));
  EXPECT_THAT(dataset.samples[2].shares, ElementsAre(0, 0, 0.4F, 0, 0, 0.6F, 0));
  EXPECT_EQ(dataset.samples[2].split, "val");
  EXPECT_EQ(dataset.samples[3].split, "test");
  EXPECT_EQ(load_image(dataset.samples[3]).size(), cv::Size(48, 48));
  EXPECT_THAT(reasons_of(dataset),
              ElementsAre("nothing has more than 50 % of the votes", "most votes are for 'NF'"));
}

TEST_F(ReadyLayoutTest, KdefDynAsFramesOfItsClips) {
  for (const std::string frame : {"001", "002", "003", "004", "005", "006", "007"}) {
    draw("frames/Happiness/AF01HA/" + frame + ".png");
    draw("frames/4. Sad/clip one/" + frame + ".png");
  }
  const Dataset dataset = read("kdef-dyn");
  EXPECT_THAT(labels_of(dataset), UnorderedElementsAre("happy", "happy", "happy", "happy", "happy", "sad",
                                                       "sad", "sad", "sad", "sad"));
  EXPECT_THAT(paths_of(dataset), testing::Not(Contains("frames/Happiness/AF01HA/002.png")));
  EXPECT_EQ(dataset.samples[9].subject, "F01");
  EXPECT_THAT(dataset.samples[9].attributes, ElementsAre(Pair("sex", "F")));
  EXPECT_EQ(dataset.samples[0].subject, "");
  expect_readable(dataset);
}

}  // namespace
}  // namespace fer
