#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <sstream>

#include "app/tool_runs.hpp"
#include "coding_run.hpp"
#include "fer/core/csv.hpp"
#include "fer/report/video_files.hpp"
#include "fer/vision/image.hpp"
#include "support/error_text.hpp"
#include "support/images.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::run;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Json = nlohmann::json;

/// Results of `frames` sampled frames a second apart, the first quarter of which is sad and the rest neutral.
void write_results(const fs::path& folder, int frames) {
  VideoAnalysis analysis;
  analysis.video = folder.filename().string() + ".mp4";
  analysis.classes = ClassList({"happy", "sad", "neutral"});
  analysis.duration_seconds = frames;
  for (int i = 0; i < frames; ++i) {
    FaceResult face;
    face.box = {40, 30, 40, 40};
    face.smoothed_label = i < frames / 4 ? 1 : 2;
    face.probabilities = i < frames / 4 ? std::vector{0.1F, 0.8F, 0.1F} : std::vector{0.1F, 0.1F, 0.8F};
    face.smoothed = face.probabilities;
    analysis.frames.push_back(
        {.frame = i, .timestamp = static_cast<double>(i), .seconds = 1, .faces = {face}});
  }
  make_folder(folder);
  write_frames_csv(folder / "frames.csv", analysis);
  write_file(folder / "summary.json", summary_json(summarise(analysis)));
  write_file(folder / "events.csv", events_csv(find_events(analysis, 0), analysis.classes));
}

class EvalAgreement : public testing::Test {
 protected:
  EvalAgreement() { write_results(results_ / "talk", 40); }

  Outcome agreement(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "agreement");
    return run(eval_tool, arguments);
  }

  Outcome with_coding(const std::string& text, std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {(results_ / "talk").string(), folder_.write("c.csv", text).string()});
    return agreement(more);
  }

  Json json() const { return Json::parse(read_file(out_ / "agreement.json")); }

  const test::TempFolder folder_;
  const fs::path results_ = folder_.path() / "results";
  const fs::path out_ = folder_.path() / "out";
};

TEST_F(EvalAgreement, OfFramesGivesKappaAndItsTables) {
  std::string coding = "timestamp,emotion\n";
  for (int i = 0; i < 40; ++i) coding += std::to_string(i) + (i < 12 ? ",Sadness\n" : ",neutral\n");
  const Outcome outcome = with_coding(coding, {"-o", out_.string()});
  EXPECT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_THAT(outcome.out, StartsWith("40 coded rows, 40 frames compared\n"));
  // 10 + 28 of 40 agree; chance is (12 * 10 + 28 * 30) / 1600 = 0.6
  EXPECT_NEAR(json()["frames"]["all"]["agreement"], 0.95, 1e-9);
  EXPECT_NEAR(json()["frames"]["all"]["kappa"], 0.35 / 0.4, 1e-9);
  EXPECT_TRUE(json()["events"].is_null());
  EXPECT_TRUE(fs::exists(out_ / "confusion.csv"));
  EXPECT_TRUE(fs::exists(out_ / "frames_compared.csv"));
  EXPECT_FALSE(fs::exists(out_ / "events_matched.csv"));
  EXPECT_EQ(with_coding(coding, {"-o", out_.string()}).code, kUsage) << "is there already";
  EXPECT_EQ(with_coding(coding, {"-o", out_.string(), "--exist-ok", "--raw"}).code, kOk);
  EXPECT_EQ(json()["labels"], "raw");
}

TEST_F(EvalAgreement, OfEventsGivesF1AtTheTolerance) {
  const std::string coding = "emotion,onset,offset\nsad,0.25,10.75\nhappy,20,22\n";
  EXPECT_EQ(with_coding(coding, {"-o", out_.string(), "--tolerance", "1"}).code, kOk);
  EXPECT_EQ(json()["events"]["within_tolerance"]["matched"], 1);
  EXPECT_NEAR(json()["events"]["within_tolerance"]["f1"], 2.0 / 3, 1e-9);
  EXPECT_NEAR(json()["events"]["within_tolerance"]["offset_error"], -0.75, 1e-9);
  EXPECT_THAT(read_file(out_ / "events_matched.csv"),
              HasSubstr("talk,,happy,missed,20.000000,22.000000,,\n"));
  EXPECT_EQ(with_coding(coding, {"-o", out_.string(), "--exist-ok"}).code, kOk);
  EXPECT_EQ(json()["events"]["within_tolerance"]["matched"], 0) << "0.75 s off";
  EXPECT_EQ(json()["events"]["by_overlap"]["matched"], 1);
}

TEST_F(EvalAgreement, ReadsWhatItWouldBeCorrectedIn) {
  const Outcome outcome = agreement({results_.string(), (results_ / "talk/events.csv").string()});
  EXPECT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("all, within 0.5 s      1      1        1"));
}

TEST_F(EvalAgreement, BadInputEndsWithOneLineThatSaysWhat) {
  const auto ends_with = [](const Outcome& outcome, int code, const std::string& text) {
    EXPECT_EQ(outcome.code, code);
    EXPECT_THAT(outcome.err, AllOf(StartsWith("error: "), HasSubstr(text)));
    EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  };
  const std::string frames = "timestamp,emotion\n";
  ends_with(with_coding(frames + "1,contempt\n"), kUsage, "c.csv:2: 'contempt' is none of the classes");
  ends_with(with_coding(frames + "1,sad\n", {"--map", "x"}), kUsage, "--map x: expected WORD=CLASS");
  ends_with(with_coding(frames + "1,sad\n", {"--block", "0"}), kUsage, "blocks of 0 s");
  ends_with(with_coding("emotion,onset,offset\nsad,1,2\n", {"--tolerance", "-1"}), kUsage,
            "a tolerance of -1 s");
  ends_with(with_coding(frames + "-1,sad\n"), kData, "c.csv:2: '-1' is no number of seconds");
  ends_with(with_coding(frames + "500,sad\n"), kData, "nothing can be compared");
  ends_with(with_coding("emotion\nsad\n"), kData, "codes neither frames");
  ends_with(with_coding("emotion,onset,offset\nsad,5,4\n"), kData, "expected an end after the beginning");
  ends_with(with_coding("emotion,onset,offset\nsad,90,91\n"), kData, "but talk ends at 40.000 s");
  ends_with(agreement({folder_.path().string(), "c.csv"}), kData, "holds no results of fer-infer");
  ends_with(agreement({results_.string(), "nowhere.csv"}), kData, "nowhere.csv");
  ends_with(agreement({}), kUsage, "--help");
  ends_with(run(eval_tool, {}), kUsage, "--help");
}

TEST_F(EvalAgreement, MapsWordsThatAreNoClassesBeforeTheFilesAreNamed) {
  const std::string coding =
      folder_.write("c.csv", "timestamp,emotion\n1,contempt\n2,sad\n3,bored\n").string();
  const Outcome outcome =
      agreement({"--map", "contempt=sad", "--map", "bored=-", (results_ / "talk").string(), coding});
  EXPECT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_THAT(outcome.out, StartsWith("3 coded rows, 2 frames compared; 1 rows unsure, empty or left out\n"));
}

/// A sample for coding of drawn pictures whose results are those above.
class SampleForCoding : public EvalAgreement {
 protected:
  SampleForCoding() {
    recording_.path = folder_.path() / "talk";
    make_folder(recording_.path);
    for (int i = 0; i < 40; ++i) {
      const fs::path picture = recording_.path / (std::to_string(i) + ".png");
      cv::imwrite(picture.string(), cv::Mat(100, 120, CV_8UC3, cv::Scalar(0, 90, 5 * i)));  // BGR
      recording_.pictures.push_back(picture);
    }
    options_.output = results_;
    options_.sample_for_coding = 12;
    options_.workers = 1;
  }

  std::string write_sample() const {
    std::ostringstream text;
    const Console console{.out = text, .err = text};
    Log log(console, {});
    write_coding_sample(std::vector<AnalysedRecording>{{&recording_, results_ / "talk"}}, options_, log);
    return text.str();
  }

  /// Fills in the sample: what the model says, but that of two neutral faces in three one is happy.
  void code_it() const {
    CsvTable table = read_csv_table(list_);
    std::string text = csv_line(table.columns);
    int neutral = 0;
    for (CsvRow& row : table.rows) {
      const bool sad = std::stoi(row.fields[table.require("frame")]) < 10;
      row.fields.back() = sad ? "sad" : neutral++ % 3 == 0 ? "happy" : "neutral";
      text += csv_line(row.fields);
    }
    write_file(list_, text);
  }

  Recording recording_;
  InferOptions options_;
  const fs::path list_ = results_ / "coding/sample.csv";
};

TEST_F(SampleForCoding, ShowsTheFramesItNamesWithoutSayingWhatTheModelSays) {
  EXPECT_THAT(write_sample(), HasSubstr("12 faces to code in "));
  const CsvTable table = read_csv_table(list_);
  ASSERT_EQ(table.rows.size(), 12U);
  int sad = 0;
  for (const CsvRow& row : table.rows) {
    const int frame = std::stoi(row.fields[table.require("frame")]);
    sad += frame < 10;
    const cv::Mat picture = read_image(results_ / "coding" / row.fields[table.require("image")]);
    EXPECT_NEAR(picture.at<cv::Vec3b>(256, 256)[0], 5 * frame, 4);
    EXPECT_EQ(row.fields[table.require("emotion")], "");
  }
  EXPECT_EQ(sad, 6) << "equal shares";
  EXPECT_THAT(read_file(list_), AllOf(Not(HasSubstr("sad")), Not(HasSubstr("neutral"))));
  EXPECT_TRUE(fs::exists(results_ / "coding/README.txt"));
}

TEST_F(SampleForCoding, IsWeightedBackToTheFramesOfEachStratum) {
  write_sample();
  code_it();
  const Outcome outcome = agreement({results_.string(), list_.string(), "-o", out_.string()});
  EXPECT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("all, unweighted"));
  // six of 10 sad frames, all right, and six of 30 neutral ones, of which four are
  EXPECT_NEAR(json()["frames_unweighted"]["all"]["agreement"], 10.0 / 12, 1e-9);
  EXPECT_NEAR(json()["frames"]["all"]["agreement"], (10 + 30 * 4.0 / 6) / 40, 1e-9);
  EXPECT_NEAR(json()["frames"]["all"]["confusion"][0][2], 10, 1e-9);
}

TEST_F(SampleForCoding, ToldOfByOtherStrataIsRefused) {
  write_sample();
  code_it();
  const std::string strata = folder_.write("s.csv", "id,stratum,weight\n0001,sad,2\n").string();
  const Outcome outcome = agreement({results_.string(), list_.string(), "--strata", strata});
  EXPECT_EQ(outcome.code, kData);
  EXPECT_THAT(outcome.err, HasSubstr("is not among the strata"));
  folder_.write("s.csv", "id,stratum,weight\n0001,sad,0\n");
  EXPECT_THAT(agreement({results_.string(), list_.string(), "--strata", strata}).err,
              HasSubstr("s.csv:2: '0' is no weight above 0"));
}

TEST_F(SampleForCoding, SaysWhatNobodyCoded) {
  write_sample();
  std::string text = read_file(list_);
  text.replace(text.find(",\n"), 2, ",sad\n");
  write_file(list_, text);
  const Outcome outcome = agreement({results_.string(), list_.string()});
  EXPECT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("11 rows unsure, empty or left out"),
                                 HasSubstr("note: no frame that the model calls")));
}

TEST_F(SampleForCoding, TakesAllThereAreWhereMoreAreAskedFor) {
  options_.sample_for_coding = 100;
  EXPECT_THAT(write_sample(),
              HasSubstr("only 40 faces were seen, and all are drawn for coding; 100 were asked for"));
}

TEST_F(SampleForCoding, IsNeverWrittenOverNorOfFacesThatAreHidden) {
  require_sample_can_be_drawn(options_);
  write_sample();
  const auto refused = [&](const InferOptions& options) {
    return test::error_text(ErrorKind::usage, [&] {
      require_sample_can_be_drawn(options);
      return 0;
    });
  };
  EXPECT_THAT(refused(options_), HasSubstr("sample.csv: is there already and may hold a coder's work"));
  options_.output = folder_.path() / "other";
  options_.blur_faces = true;
  EXPECT_THAT(refused(options_), HasSubstr("leave --blur-faces out"));
  options_.sample_for_coding.reset();
  require_sample_can_be_drawn(options_);
}

TEST_F(SampleForCoding, AppearsWholeOrNotAtAll) {
  fs::remove(recording_.pictures.back());
  recording_.pictures.resize(20);
  EXPECT_THROW(write_sample(), Error);
  EXPECT_FALSE(fs::exists(results_ / "coding"));
}

}  // namespace
}  // namespace fer
