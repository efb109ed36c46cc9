#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <new>
#include <opencv2/core.hpp>
#include <stdexcept>
#include <system_error>

#include "app/tool_runs.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/model_files.hpp"
#include "support/scoped_variable.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using test::Outcome;
using test::run;
using test::ScopedVariable;
using test::TempFolder;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(Tools, HelpAndVersionGoToStandardOutput) {
  for (const Tool tool : {train_tool, infer_tool, eval_tool, data_tool, bench_tool}) {
    const Outcome help = run(tool, {"--help"});
    EXPECT_EQ(help.code, kOk);
    EXPECT_THAT(help.out, HasSubstr("--quiet"));
    EXPECT_EQ(help.err, "");
    EXPECT_THAT(run(tool, {"--version"}).out, HasSubstr("0.1"));
  }
}

TEST(Tools, AnUnknownOptionIsNamedWithTheNearestOne) {
  const Outcome outcome = run(train_tool, {"--confg", "x.yaml"});
  EXPECT_EQ(outcome.code, kUsage);
  EXPECT_EQ(outcome.err, "error: unknown argument '--confg', did you mean '--config'? (--help lists them)\n");
}

TEST(Tools, TheNearestOptionIsOneOfTheCommandThatWasNamed) {
  const Outcome outcome =
      run(data_tool, {"check", "faces", "--layout", "x.yaml"});  // an option of synth alone
  EXPECT_EQ(outcome.code, kUsage);
  EXPECT_EQ(outcome.err, "error: unknown argument '--layout' (--help lists them)\n");
}

TEST(Tools, OutOfMemoryIsOneLineWhoeverSaysIt) {
  constexpr std::array<Tool, 4> kShort = {
      [](auto, auto&) -> int { throw std::bad_alloc(); },
      [](auto, auto&) -> int { throw cv::Exception(cv::Error::StsNoMem, "Failed to allocate", "f", "a", 1); },
      [](auto, auto&) -> int {
        throw failure("LibTorch: DefaultCPUAllocator: can't allocate memory: 9 bytes");
      },
      [](auto, auto&) -> int { throw std::runtime_error("CUDA out of memory.\nTried to allocate 2 GiB"); }};
  for (const Tool tool : kShort) {
    const Outcome outcome = run(tool, {});
    EXPECT_EQ(outcome.code, kFailed);
    EXPECT_THAT(outcome.err, StartsWith("error: out of memory: "));
    EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1);
  }
}

TEST(Tools, NoThreadLeftIsNamed) {
  const Outcome outcome = run(
      [](auto, auto&) -> int {
        throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
      },
      {});
  EXPECT_EQ(outcome.code, kFailed);
  EXPECT_THAT(outcome.err, StartsWith("error: no further thread can be started"));
}

TEST(Tools, AMissingCommandIsAUsageError) {
  const Outcome outcome = run(data_tool, {});
  EXPECT_EQ(outcome.code, kUsage);
  EXPECT_THAT(outcome.err, StartsWith("error: "));
}

TEST(TrainTool, DumpsTheResolvedExperiment) {
  const Outcome outcome = run(
      train_tool, {"--dump-config", "--set", "data.sources=[{kind: folder, root: faces}]", "--epochs", "3"});
  EXPECT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("epochs: 3"));
}

TEST(TrainTool, ATypingSlipInTheExperimentNamesFileAndLine) {
  const TempFolder folder;
  write_file(folder / "mine.yaml", "data:\n  sources: [{kind: kdef, root: x}]\ntrain:\n  epoch: 3\n");
  const Outcome outcome = run(train_tool, {"-c", (folder / "mine.yaml").string()});
  EXPECT_EQ(outcome.code, kUsage);
  EXPECT_EQ(outcome.err, "error: " + (folder / "mine.yaml").string() +
                             ":4: unknown key 'train.epoch', did you mean 'train.epochs'?\n");
}

TEST(TrainTool, AMissingDataFolderLeavesNoRunFolder) {
  const TempFolder folder;
  const Outcome outcome =
      run(train_tool, {"--set", "data.sources=[{kind: kdef, root: " + (folder / "no").string() + "}]",
                       "--set", "model.weights=none", "-o", (folder.path() / "runs").string()});
  EXPECT_EQ(outcome.code, kData);
  EXPECT_THAT(outcome.err, HasSubstr((folder / "no").string() + ": there is no such file or folder"));
  EXPECT_FALSE(std::filesystem::exists(folder / "runs"));
}

TEST(TrainTool, DebugNamesWhatTheExperimentComesOf) {
  const TempFolder folder;
  const std::string config = folder.write("mine.yaml", "train:\n  epochs: 3\n");
  const std::vector<std::string> arguments = {"-c",    config,
                                              "--set", "data.sources=[{kind: kdef, root: /nowhere}]",
                                              "--set", "model.weights=none",
                                              "-o",    (folder / "runs").string()};
  std::vector<std::string> debug = arguments;
  debug.insert(debug.end(), {"--log-level", "debug"});
  EXPECT_THAT(run(train_tool, debug).err,
              HasSubstr("debug: configuration: " + config + ", --set data.sources="));
  EXPECT_THAT(run(train_tool, arguments).err, Not(HasSubstr("debug: ")));
}

TEST(TrainTool, MissingWeightsNameTheCommandThatFetchesThem) {
  const TempFolder folder;
  const ScopedVariable models("FER_MODELS", (folder / "models").string());
  const ScopedVariable cache("XDG_CACHE_HOME", folder.path().string());
  const Outcome outcome = run(train_tool, {"--set", "data.sources=[{kind: kdef, root: x}]"});
  EXPECT_EQ(outcome.code, kData);
  EXPECT_THAT(outcome.err, HasSubstr("fer-data fetch mobilenet_v2"));
}

TEST(TrainTool, AnUnknownDeviceIsAUsageError) {
  const Outcome outcome =
      run(train_tool, {"--set", "data.sources=[{kind: kdef, root: x}]", "--device", "cuda:77"});
  EXPECT_EQ(outcome.code, kUsage);
  EXPECT_THAT(outcome.err, HasSubstr("cuda:77"));
}

TEST(InferTool, ACheckpointThatIsNoneIsADataError) {
  const TempFolder folder;
  write_file(folder / "model.safetensors", "not a checkpoint");
  write_file(folder / "clip.mp4", "");
  const Outcome outcome =
      run(infer_tool, {(folder / "clip.mp4").string(), "-m", (folder / "model.safetensors").string(), "-o",
                       (folder / "results").string()});
  EXPECT_EQ(outcome.code, kData);
  EXPECT_THAT(outcome.err, HasSubstr("model.safetensors"));
  EXPECT_FALSE(std::filesystem::exists(folder / "results"));
}

TEST(InferTool, OfARunFolderTheBestCheckpointIsTaken) {
  const TempFolder folder;
  const std::filesystem::path model = folder / "run";
  std::filesystem::create_directory(model);
  const Outcome without = run(infer_tool, {"x.mp4", "-m", model.string()});
  EXPECT_EQ(without.code, kData);
  EXPECT_EQ(without.err, "error: " + model.string() + ": holds no best.safetensors\n");
  write_file(model / "best.safetensors", "not a checkpoint");
  write_file(folder / "clip.mp4", "");
  const Outcome with = run(infer_tool, {(folder / "clip.mp4").string(), "-m", model.string(), "-o",
                                        (folder / "results").string()});
  EXPECT_EQ(with.code, kData);
  EXPECT_THAT(with.err, HasSubstr((model / "best.safetensors").string()));
}

TEST(InferTool, WithoutAModelTheOneInTheBoxIsTaken) {
  const TempFolder folder;
  const ScopedVariable models("FER_MODELS", folder.path().string());
  write_file(folder / "fer-mobilenet_v2.safetensors", "not a checkpoint");
  write_file(folder / "clip.mp4", "");
  const Outcome outcome =
      run(infer_tool, {(folder / "clip.mp4").string(), "-o", (folder / "results").string()});
  EXPECT_EQ(outcome.code, kData);
  EXPECT_THAT(outcome.err, HasSubstr((folder / "fer-mobilenet_v2.safetensors").string()));
}

TEST(InferTool, AnUnknownModelNameListsThoseInTheBox) {
  const Outcome outcome = run(infer_tool, {"x.mp4", "-m", "tinny"});
  EXPECT_EQ(outcome.code, kUsage);
  EXPECT_THAT(outcome.err, HasSubstr("did you mean 'tiny'? (models in the box: fer, tiny)"));
}

TEST(InferTool, ANumberOutOfRangeIsAUsageError) {
  EXPECT_EQ(run(infer_tool, {"x.mp4", "-m", "y", "--sample-fps", "many"}).code, kUsage);
  EXPECT_EQ(run(infer_tool, {"x.mp4", "-m", "y", "--smoothing", "medium"}).err,
            "error: unknown smoothing 'medium', expected one of none, ema, median, majority, hmm, did you "
            "mean 'median'?\n");
}

TEST(DataTool, SynthNeedsSomewhereToWrite) {
  const Outcome outcome = run(data_tool, {"synth"});
  EXPECT_EQ(outcome.code, kUsage);
  EXPECT_THAT(outcome.err, HasSubstr("-o"));
}

TEST(DataTool, SynthRefusesAFolderThatHoldsSomething) {
  const TempFolder folder;
  write_file(folder / "precious.txt", "x");
  EXPECT_EQ(run(data_tool, {"synth", "-o", folder.path().string(), "--subjects", "2"}).code, kUsage);
}

TEST(DataTool, SynthFilmsWhatTheOptionsSay) {
  const TempFolder folder;
  const Outcome outcome =
      run(data_tool, {"synth", "--video", (folder / "a.mp4").string(), "--video-segments", "happy, none,SAD",
                      "--segment-seconds", "1", "--video-fps", "5", "--video-size", "96x64", "--video-people",
                      "2", "--video-noise", "0.5", "--video-subject", "80"});
  EXPECT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_EQ(read_file(folder / "a.labels.csv"), "second,label,label_2\n0,happy,\n1,,sad\n2,sad,happy\n");
}

TEST(DataTool, SynthRefusesASizeThatIsNone) {
  for (const char* size : {"640", "640x", "ax480", "640x480x3", "99999x64"}) {
    const Outcome outcome = run(data_tool, {"synth", "--video", "a.mp4", "--video-size", size});
    EXPECT_EQ(outcome.code, kUsage);
    EXPECT_THAT(outcome.err, HasSubstr(size));
  }
}

TEST(DataTool, FetchKeepsNothingWithAWrongChecksum) {
  const TempFolder folder;
  write_file(folder / "fake.pth", "not the weights");
  const Outcome outcome =
      run(data_tool, {"fetch", "mobilenet_v2", "--models-dir", (folder / "models").string(), "--from",
                      "file://" + (folder / "fake.pth").string()});
  EXPECT_EQ(outcome.code, kData);
  EXPECT_THAT(outcome.err, HasSubstr("SHA-256"));
  EXPECT_FALSE(std::filesystem::exists(folder / "models"));
}

TEST(DataTool, FetchSaysWhatTheNetworkRefused) {
  const TempFolder folder;
  const Outcome outcome = run(data_tool, {"fetch", "mobilenet_v2", "--models-dir", folder.path().string(),
                                          "--from", "file://" + (folder / "absent.pth").string()});
  EXPECT_EQ(outcome.code, kFailed);
  EXPECT_THAT(outcome.err, HasSubstr("cannot be fetched"));
}

TEST(DataTool, FetchRefusesWhatIsNotEncrypted) {
  const TempFolder folder;
  for (const char* from : {"http://example.com/a.pth", "ftp://example.com/a.pth"}) {
    const Outcome outcome =
        run(data_tool, {"fetch", "mobilenet_v2", "--models-dir", folder.path().string(), "--from", from});
    EXPECT_EQ(outcome.code, kFailed);
    EXPECT_THAT(outcome.err, AllOf(HasSubstr(from), HasSubstr("Unsupported protocol")));
  }
  EXPECT_TRUE(folder.files().empty());
}

/// Files that are there already are neither fetched nor touched, so this needs no network.
TEST(DataTool, FetchTakesAllFilesOfSeveralModelsIntoTheirFolders) {
  const TempFolder folder;
  for (const char* part : {"pnet", "rnet", "onet"}) folder.write(fmt::format("mtcnn/{}.pt", part), "there");
  folder.write("yunet/yunet_n_640_640.onnx", "there");
  const Outcome outcome = run(data_tool, {"fetch", "mtcnn", "yunet", "--models-dir", folder.path().string()});
  EXPECT_EQ(outcome.code, kOk) << outcome.err;
  for (const char* name : {"mtcnn/pnet.pt", "mtcnn/rnet.pt", "mtcnn/onet.pt", "yunet/yunet_n_640_640.onnx"})
    EXPECT_THAT(outcome.out, HasSubstr((folder / name).string() + " (licence: "));
  EXPECT_EQ(run(data_tool, {"fetch", "mtcnn", "--from", "file:///x"}).code, kUsage);
}

TEST(DataTool, FetchOfAnUnknownNameListsTheKnownOnes) {
  const Outcome outcome = run(data_tool, {"fetch", "mobilnet_v2"});
  EXPECT_EQ(outcome.code, kUsage);
  EXPECT_THAT(outcome.err, HasSubstr("did you mean 'mobilenet_v2'?"));
}

}  // namespace
}  // namespace fer
