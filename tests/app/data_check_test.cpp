#include <gmock/gmock.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "app/tool_runs.hpp"
#include "fer/core/csv.hpp"
#include "fer/core/files.hpp"
#include "fer/data/synthetic_dataset.hpp"
#include "fer/vision/image.hpp"
#include "support/scoped_variable.hpp"
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

/// Two drawn people from the front, 14 images, and no model files anywhere.
class DataCheck : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    drawn() = std::make_unique<test::TempFolder>();
    write_synthetic_kdef({.folder = drawn()->path() / "faces",
                          .subjects = 2,
                          .sessions = 1,
                          .angles = {"S"},
                          .seed = 4,
                          .size = {150, 203},
                          .workers = 1});
  }
  static void TearDownTestSuite() { drawn().reset(); }
  static std::unique_ptr<test::TempFolder>& drawn() {
    static std::unique_ptr<test::TempFolder> folder;
    return folder;
  }

  DataCheck() { fs::copy(drawn()->path() / "faces", faces_, fs::copy_options::recursive); }

  Outcome check(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "check");
    return run(data_tool, arguments);
  }

  const test::TempFolder folder_;
  const fs::path faces_ = folder_.path() / "faces";
  const fs::path out_ = folder_.path() / "out";
  const test::ScopedVariable models_{"FER_MODELS", (folder_.path() / "none").string()};
  const test::ScopedVariable cache_{"XDG_CACHE_HOME", (folder_.path() / "none").string()};
};

TEST_F(DataCheck, ASoundSetHasNoFindings) {
  const Outcome outcome = check({faces_.string(), "-j", "2"});
  EXPECT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_THAT(outcome.out, StartsWith(faces_.string() + " (kdef)\n"));
  EXPECT_THAT(outcome.out, HasSubstr("Face by haar (%)"));
  EXPECT_THAT(outcome.out, HasSubstr("Subjects: 2, images of each 7\n"));
  EXPECT_THAT(outcome.out, HasSubstr("Findings: none\n"));
  EXPECT_THAT(outcome.err, HasSubstr("yunet is left out: 'fer-data fetch yunet' fetches its file"));
}

TEST_F(DataCheck, WritesWhatItFound) {
  fs::copy_file(faces_ / "AF01/AF01HAS.JPG", faces_ / "AF01/AF01SAS.JPG",
                fs::copy_options::overwrite_existing);
  const Outcome outcome = check({faces_.string(), "--detectors", "none", "-o", out_.string()});
  EXPECT_EQ(outcome.code, kOk) << outcome.err;
  const Json json = Json::parse(read_file(out_ / "check.json"));
  EXPECT_EQ(json["sources"][0]["kind"], "kdef");
  EXPECT_EQ(json["all"]["images"], 14);
  EXPECT_EQ(json["problem_counts"]["duplicate"], 1);
  EXPECT_EQ(json["duplicates"][0]["differ"], Json::parse(R"(["label"])"));
  const std::vector<CsvRow> rows = parse_csv(read_file(out_ / "problems.csv"), "problems.csv");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1].fields[1], "duplicate");
  EXPECT_EQ(rows[1].fields[3], (faces_ / "AF01/AF01HAS.JPG").string());
  EXPECT_GT(read_image(out_ / "contact_sheet.jpg").rows, 8 * 144);  // seven classes and a kind of problem
}

TEST_F(DataCheck, WritesOverNothingUnlessAsked) {
  folder_.write("out/problems.csv", "precious");
  const std::vector<std::string> arguments = {faces_.string(), "--detectors", "none", "-o", out_.string()};
  const Outcome refused = check(arguments);
  EXPECT_EQ(refused.code, kUsage);
  EXPECT_THAT(refused.err, HasSubstr("problems.csv: is there already"));
  EXPECT_EQ(read_file(out_ / "problems.csv"), "precious");
  EXPECT_FALSE(fs::exists(out_ / "check.json"));
  std::vector<std::string> again = arguments;
  again.emplace_back("--exist-ok");
  EXPECT_EQ(check(again).code, kOk);
  EXPECT_NE(read_file(out_ / "problems.csv"), "precious");
}

TEST_F(DataCheck, FilesThatCannotBeReadChangeTheExitCode) {
  const fs::path bad = faces_ / "AM01/AM01NES.JPG";
  const std::string whole = read_file(bad);
  for (const std::string& bytes : {std::string("no image"), whole.substr(0, whole.size() / 2)}) {
    std::ofstream(bad) << bytes;
    const Outcome outcome = check({faces_.string(), "--detectors", "none"});
    EXPECT_EQ(outcome.code, kSomeInputsFailed);
    EXPECT_THAT(outcome.out, HasSubstr(bad.string() + ": "));
  }
}

TEST_F(DataCheck, AClassWithoutImagesIsAFinding) {
  const Outcome outcome = check({faces_.string(), "--detectors", "none", "--classes",
                                 "angry,disgust,fear,happy,sad,surprise,neutral,contempt"});
  EXPECT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("class 'contempt' has no image"));
}

TEST_F(DataCheck, NothingToLookAtIsADataError) {
  const Outcome missing = check({(folder_.path() / "no").string()});
  EXPECT_EQ(missing.code, kData);
  EXPECT_THAT(missing.err, HasSubstr("no: there is no such file or folder"));
  fs::create_directories(folder_.path() / "empty");
  EXPECT_EQ(check({(folder_.path() / "empty").string()}).code, kData);
  EXPECT_EQ(check({}).code, kUsage);
}

TEST_F(DataCheck, TakesSourcesAndClassesFromAnExperiment) {
  folder_.write("mine.yaml",
                "data:\n  sources: [{kind: kdef, root: " + faces_.string() + "}]\n  classes: [happy, sad]\n");
  const Outcome outcome = check({"-c", (folder_.path() / "mine.yaml").string(), "--detectors", "none"});
  EXPECT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("happy  "), Not(HasSubstr("angry  ")), HasSubstr("      10  rejected")));
  const Outcome replaced =
      check({(folder_.path() / "no").string(), "-c", (folder_.path() / "mine.yaml").string()});
  EXPECT_EQ(replaced.code, kData);
}

TEST_F(DataCheck, OptionsWithCommasLeaveTheDataAlone) {
  EXPECT_EQ(check({"--detectors", "none", "--classes", "happy,sad", faces_.string()}).code, kOk);
}

TEST_F(DataCheck, AMissingModelFileOfANamedDetectorIsAnErrorBeforeAnyWork) {
  const Outcome outcome = check(
      {(folder_.path() / "no").string(), "--detectors", "haar,yunet", "-o", out_.string(), "--kind", "kdef"});
  EXPECT_EQ(outcome.code, kData);
  EXPECT_THAT(outcome.err, HasSubstr("fer-data fetch yunet"));
  EXPECT_FALSE(fs::exists(out_));
}

TEST_F(DataCheck, AnUnknownDetectorOrKindIsAUsageError) {
  const Outcome detector = check({faces_.string(), "--detectors", "harr"});
  EXPECT_EQ(detector.code, kUsage);
  EXPECT_THAT(detector.err, HasSubstr("did you mean 'haar'?"));
  EXPECT_EQ(check({faces_.string(), "--kind", "kdff"}).code, kUsage);
}

TEST_F(DataCheck, TakesALayoutFileForTheKind) {
  const Outcome outcome = check({faces_.string(), "--kind", "datasets/kdef.yaml", "--detectors", "none"});
  EXPECT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("(layout)"), HasSubstr("angry  ")));
  const Outcome missing = check({faces_.string(), "--kind", "datasets/kdff.yaml"});
  EXPECT_EQ(missing.code, kUsage);
  EXPECT_THAT(missing.err, HasSubstr("there is no layout file 'datasets/kdff.yaml'"));
}

TEST_F(DataCheck, FindsFacesWithTheNetworkWhereItsFileIsAtHand) {
  const fs::path models = fs::path(FER_SOURCE_DIR) / "../shared/models";
  if (!fs::exists(models / "yunet")) GTEST_SKIP() << "the file of yunet is not at hand";
  const Outcome outcome = check({faces_.string(), "--models-dir", models.string()});
  EXPECT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("Face by yunet (%)"));
}

/// Whether a signal would now be caught.
bool catches_interrupts() {
  struct sigaction action {};
  ::sigaction(SIGINT, nullptr, &action);
  return action.sa_handler != SIG_IGN && action.sa_handler != SIG_DFL;
}

TEST_F(DataCheck, ASignalEndsIt) {
  std::signal(SIGINT, SIG_IGN);
  std::atomic<bool> done = false;
  std::jthread sender([&done] {
    while (!done && !catches_interrupts()) std::this_thread::yield();
    if (!done) ::kill(::getpid(), SIGINT);
  });
  const Outcome outcome = check(std::vector<std::string>(100, faces_.string()));
  done = true;
  EXPECT_EQ(outcome.code, 128 + SIGINT);
  EXPECT_THAT(outcome.err, HasSubstr("stopped"));
  EXPECT_EQ(outcome.out, "");
}

}  // namespace
}  // namespace fer
