#include "fer/model/predictor.hpp"

#include <ATen/Parallel.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/softmax.h>
#include <gmock/gmock.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/utils.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <thread>

#include "fer/core/error.hpp"
#include "fer/model/backbones.hpp"
#include "fer/model/checkpoint.hpp"
#include "fer/model/classifier.hpp"
#include "fer/model/device.hpp"
#include "fer/model/image_tensor.hpp"
#include "model/mobilenet_v2_golden.hpp"
#include "predictor_ways.hpp"
#include "tile_kernels.hpp"

namespace fer::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr int kCropSide = 48;

CheckpointInfo info() {
  return {.classes = ClassList({"sad", "happy", "fear", "angry", "disgust", "neutral", "surprise"}),
          .preprocessing = {.detector = "none", .size = kCropSide, .mean = {0.5F, 0.4F, 0.3F}},
          .calibration = {.method = CalibrationMethod::temperature, .temperature = 1.5},
          .class_prior = {0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1},
          .trained_on = "a formula",
          .epoch = 3};
}

TensorMap single_precision(const TensorMap& weights) {
  TensorMap copy;
  for (const auto& [name, tensor] : weights) copy.emplace(name, tensor.to(at::kFloat));
  return copy;
}

/// Squares of 16 pixels.
std::vector<cv::Mat> predictor_crops(int count, int side = kCropSide) {
  std::vector<cv::Mat> crops;
  for (int i = 0; i < count; ++i) {
    Rng rng(static_cast<std::uint64_t>(i));
    cv::Mat crop(side, side, CV_8UC3);
    const cv::Size cell(16, 16);
    for (int y = 0; y < side; y += cell.height) {
      for (int x = 0; x < side; x += cell.width) {
        const auto level = [&] { return rng.uniform(0, 255); };
        crop(cv::Rect({x, y}, cell)) = cv::Scalar(level(), level(), level());
      }
    }
    crops.push_back(crop);
  }
  return crops;
}

/// A network with every kind of BatchNorm there can be: negative and tiny factors, tiny and great variances.
std::shared_ptr<Classifier> wild_classifier(int classes) {
  torch::manual_seed(5);
  auto classifier = make_classifier({.classes = classes});
  const torch::NoGradGuard no_grad;
  for (const auto& module : classifier->modules()) {
    auto* norm = module->as<torch::nn::BatchNorm2d>();
    if (norm == nullptr) continue;
    const at::Tensor spread = at::exp(at::randn_like(norm->weight));
    norm->running_mean.copy_(at::randn_like(norm->weight));
    norm->running_var.copy_(spread.square());
    norm->weight.copy_(spread * at::randn_like(norm->weight));
    norm->bias.copy_(at::randn_like(norm->weight));
    norm->running_var[0] = 1e-9;
    norm->weight[0] = 1e-3;
    norm->weight[1] = 0;
  }
  classifier->eval();
  return classifier;
}

/// Both as the network says it, and as its own rows say which class is the likeliest.
void expect_rows(const std::vector<std::vector<float>>& rows, const at::Tensor& expected) {
  ASSERT_EQ(std::ssize(rows), expected.size(0));
  for (std::int64_t i = 0; i < expected.size(0); ++i) {
    const auto& row = rows[static_cast<std::size_t>(i)];
    ASSERT_EQ(std::ssize(row), expected.size(1));
    const at::Tensor own = at::tensor(row);
    EXPECT_LT((own - expected[i]).abs().max().item<float>(), 1e-4) << "crop " << i;
    EXPECT_EQ(own.argmax().item<std::int64_t>(), expected[i].argmax().item<std::int64_t>()) << "crop " << i;
  }
}

class PredictorTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::filesystem::temp_directory_path() / fmt::format("fer-predictor-{}", ::getpid());
    make_folder(folder_);
    save("good.safetensors", {.info = info(), .weights = single_precision(formula_weights())});
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder_); }

  static std::filesystem::path save(const std::string& name, const Checkpoint& checkpoint) {
    save_checkpoint(folder_ / name, checkpoint);
    return folder_ / name;
  }
  static std::filesystem::path good() { return folder_ / "good.safetensors"; }

  /// What load_predictor says of a checkpoint that cannot be used, without the path it begins with.
  static std::string refusal(const std::filesystem::path& path) {
    try {
      load_predictor(path, {.device = "cpu"});
    } catch (const Error& error) {
      const std::string text = error.what();
      EXPECT_EQ(error.kind(), ErrorKind::data) << text;
      EXPECT_TRUE(text.starts_with(path.string() + ": ")) << text;
      return text;
    }
    return "no error";
  }

  inline static std::filesystem::path folder_;
};

TEST_F(PredictorTest, TellsWhatTheCheckpointSays) {
  const PredictorFacts facts = load_predictor(good(), {.device = "cpu"})->facts();
  EXPECT_EQ(facts.backbone, "mobilenet_v2");
  EXPECT_EQ(facts.classes, info().classes);
  EXPECT_EQ(facts.preprocessing, info().preprocessing);
  EXPECT_EQ(facts.class_prior, info().class_prior);
  EXPECT_EQ(facts.calibration, info().calibration);
  EXPECT_EQ(facts.trained_on, "a formula");
}

TEST_F(PredictorTest, ProbabilitiesAreTheClassifiersTemperedSoftmax) {
  const auto classifier = make_classifier({});
  load_weights(*classifier, formula_weights(), "formula");
  classifier->eval();
  const auto crops = predictor_crops(3);
  const auto rows = load_predictor(good(), {.device = "cpu"})->predict(crops);
  ASSERT_EQ(rows.size(), crops.size());
  for (std::size_t i = 0; i < crops.size(); ++i) {
    const at::Tensor image = to_tensor({crops[i].data, crops[i].total() * 3}, info().preprocessing);
    const at::Tensor expected = at::softmax(classifier->forward(image) / 1.5, 1);
    ASSERT_EQ(rows[i].size(), 7U);
    EXPECT_NEAR(std::accumulate(rows[i].begin(), rows[i].end(), 0.0), 1, 1e-5);
    for (std::size_t k = 0; k < 7; ++k) {
      EXPECT_NEAR(rows[i][k], expected[0][static_cast<std::int64_t>(k)].item<float>(), 1e-5);
    }
  }
}

TEST_F(PredictorTest, FoldingBatchNormChangesNoAnswer) {
  const auto classifier = wild_classifier(7);
  const torch::NoGradGuard no_grad;
  for (const int side : {32, 96, 224}) {
    CheckpointInfo sized = info();
    sized.preprocessing.size = side;
    const auto path = save("wild.safetensors", {.info = sized, .weights = weights_of(*classifier)});
    const auto predictor = load_predictor(path, {.device = "cpu"});
    for (const int count : {1, 5, 16}) {
      const auto crops = predictor_crops(count, side);
      const at::Tensor images = crops_to_tensor(crops, sized.preprocessing);
      const at::Tensor expected = at::softmax(classifier->forward(images) / sized.calibration.temperature, 1);
      SCOPED_TRACE(fmt::format("{} crops of {} pixels", count, side));
      EXPECT_GT((expected.amax() - expected.amin()).item<float>(), 0.05) << "nothing to tell apart";
      expect_rows(predictor->predict(crops), expected);
    }
  }
}

TEST_F(PredictorTest, AnswersOnAGpuAsOnTheCpu) {
  if (!select_device("auto").is_cuda()) GTEST_SKIP() << "this machine has no CUDA device";
  CheckpointInfo sized = info();
  sized.preprocessing.size = 96;
  const auto path = save("gpu.safetensors", {.info = sized, .weights = weights_of(*wild_classifier(7))});
  const auto crops = predictor_crops(37, 96);
  const auto expected = load_predictor(path, {.device = "cpu"})->predict(crops);
  for (const auto& [precision, tolerance] : {std::pair{"fp32", 1e-4F}, {"auto", 0.02F}, {"bf16", 0.1F}}) {
    const auto rows = load_predictor(path, {.device = "cuda", .precision = precision})->predict(crops);
    ASSERT_EQ(rows.size(), crops.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
      EXPECT_THAT(rows[i], testing::Pointwise(testing::FloatNear(tolerance), expected[i]))
          << precision << ", crop " << i;
  }
}

TEST_F(PredictorTest, CropsArePaddedToAPowerOfTwoFrom16On) {
  EXPECT_EQ(padded_rows(1), 16U);
  EXPECT_EQ(padded_rows(16), 16U);
  EXPECT_EQ(padded_rows(17), 32U);
  EXPECT_EQ(padded_rows(64), 64U);
  EXPECT_EQ(padded_rows(65), 128U);
}

TEST_F(PredictorTest, AGpuIsAskedByOneThreadInHalfPrecisionAndFewShapes) {
  EXPECT_EQ(ways_for(c10::Device(c10::kCUDA, 0), "auto").type, at::kHalf);
  EXPECT_EQ(ways_for(c10::Device(c10::kCUDA, 0), "fp32").type, at::kFloat);
  EXPECT_TRUE(ways_for(c10::Device(c10::kCUDA, 0), "auto").serial_and_padded);
  EXPECT_FALSE(ways_for(c10::Device(c10::kCPU), "auto").serial_and_padded);
}

TEST_F(PredictorTest, PaddingAndOneThreadForAllChangeNoAnswer) {
  const auto usual = load_predictor(good(), {.device = "cpu"});
  const auto padded = load_predictor(good(), c10::Device(c10::kCPU), {.serial_and_padded = true});
  std::array<std::vector<std::vector<float>>, 4> rows;
  const auto crops = predictor_crops(37);
  const std::array<std::size_t, 4> counts = {1, 16, 17, 37};
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < counts.size(); ++i)
      threads.emplace_back([&, i] { rows[i] = padded->predict(std::span(crops).first(counts[i])); });
  }
  const auto expected = usual->predict(crops);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    ASSERT_EQ(rows[i].size(), counts[i]);
    for (std::size_t k = 0; k < counts[i]; ++k)
      EXPECT_THAT(rows[i][k], testing::Pointwise(testing::FloatNear(1e-4F), expected[k])) << "crop " << k;
  }
  EXPECT_TRUE(padded->predict({}).empty());
  EXPECT_THROW(padded->predict(predictor_crops(2, 32)), Error) << "from the thread that asked";
}

TEST_F(PredictorTest, FoldingChangesNoneOfImagenetsAnswers) {
  const std::filesystem::path weights = FER_SOURCE_DIR "/../shared/models/mobilenet_v2-imagenet.safetensors";
  if (!std::filesystem::exists(weights)) GTEST_SKIP() << "the ImageNet weights are not on this machine";
  const auto classifier = make_classifier({.classes = 1000});
  load_weights(*classifier, read_weights(weights), weights.string());
  classifier->eval();
  const torch::NoGradGuard no_grad;
  const at::Tensor images = crops_to_tensor(predictor_crops(5, 224), {.size = 224});
  const at::Tensor expected = classifier->forward(images);
  const at::Tensor folded = run_layers(classifier->layers(), images);
  EXPECT_LT((at::softmax(folded, 1) - at::softmax(expected, 1)).abs().max().item<float>(), 1e-5);
  EXPECT_LT((folded - expected).abs().max().item<float>(), 1e-3);
  EXPECT_GT((folded - expected).abs().max().item<float>(), 0) << "nothing was folded";
}

TEST_F(PredictorTest, ThreadsThatPredictAtTheSameTimeGetTheBitsOfOne) {
  const auto predictor = load_predictor(good(), {.device = "cpu"});
  const std::vector<std::vector<cv::Mat>> batches = {predictor_crops(16), predictor_crops(7)};
  std::vector<std::vector<std::vector<float>>> alone;
  for (const auto& batch : batches) alone.push_back(predictor->predict(batch));
  std::vector<std::jthread> threads;
  std::array<int, 4> wrong = {};
  for (std::size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      at::set_num_threads(1);
      for (int repeat = 0; repeat < 5; ++repeat) {
        if (predictor->predict(batches[t % 2]) != alone[t % 2]) ++wrong[t];
      }
    });
  }
  threads.clear();
  EXPECT_THAT(wrong, testing::Each(0));
}

TEST_F(PredictorTest, MoreCropsThanGoThroughTheNetworkAtOnceKeepTheirOrder) {
  CheckpointInfo sized = info();
  sized.preprocessing.size = 224;
  const auto path =
      save("large.safetensors", {.info = sized, .weights = single_precision(formula_weights())});
  const auto predictor = load_predictor(path, {.device = "cpu"});
  const auto crops = predictor_crops(11, 224);
  const auto together = predictor->predict(crops);
  ASSERT_EQ(together.size(), crops.size());
  for (std::size_t i = 0; i < crops.size(); ++i) {
    const auto alone = predictor->predict({&crops[i], 1});
    for (std::size_t k = 0; k < 7; ++k) EXPECT_NEAR(together[i][k], alone[0][k], 1e-5) << "crop " << i;
  }
}

TEST_F(PredictorTest, ABatchIsItsCropsOneByOne) {
  const auto predictor = load_predictor(good(), {.device = "cpu"});
  const auto crops = predictor_crops(5);
  const auto together = predictor->predict(crops);
  double spread = 0;
  for (std::size_t i = 0; i < crops.size(); ++i) {
    const auto alone = predictor->predict({&crops[i], 1});
    ASSERT_EQ(alone.size(), 1U);
    for (std::size_t k = 0; k < 7; ++k) {
      EXPECT_NEAR(together[i][k], alone[0][k], 1e-5) << "crop " << i;
      spread = std::max<double>(spread, std::abs(together[i][k] - together[0][k]));
    }
  }
  EXPECT_GT(spread, 0.01) << "the crops look alike to the network, so their order was not tested";
  EXPECT_TRUE(predictor->predict({}).empty());
}

TEST_F(PredictorTest, TemperatureChangesHowSureItIsNotOfWhat) {
  CheckpointInfo hot = info();
  hot.calibration.temperature = 6;
  const auto path = save("hot.safetensors", {.info = hot, .weights = single_precision(formula_weights())});
  const auto crops = predictor_crops(4);
  const auto sure = load_predictor(good(), {.device = "cpu"})->predict(crops);
  const auto unsure = load_predictor(path, {.device = "cpu"})->predict(crops);
  for (std::size_t i = 0; i < crops.size(); ++i) {
    const auto first = std::ranges::max_element(sure[i]);
    const auto second = std::ranges::max_element(unsure[i]);
    EXPECT_EQ(first - sure[i].begin(), second - unsure[i].begin());
    EXPECT_GT(*first, *second + 0.01);
  }
}

TEST_F(PredictorTest, AppliesTheScalesAndBiasesOfItsCheckpoint) {
  CheckpointInfo vector = info();
  vector.calibration = {.method = CalibrationMethod::vector,
                        .scale = {0.5, 1, 0.7, 0.9, 1.2, 0.4, 1.1},
                        .bias = {0, -1, 2, 0.5, -0.5, 1, 3}};
  const auto path =
      save("vector.safetensors", {.info = vector, .weights = single_precision(formula_weights())});
  const auto crops = predictor_crops(4);
  const auto predictor = load_predictor(path, {.device = "cpu"});
  const auto rows = predictor->predict(crops);
  const auto logits = predictor->logits(crops);
  ASSERT_EQ(logits.size(), crops.size());
  const at::Tensor scale = at::tensor(vector.calibration.scale, at::kDouble);
  const at::Tensor bias = at::tensor(vector.calibration.bias, at::kDouble);
  for (std::size_t i = 0; i < crops.size(); ++i) {
    const at::Tensor expected = at::softmax(at::tensor(logits[i]).to(at::kDouble) * scale + bias, 0);
    for (std::size_t k = 0; k < 7; ++k) {
      EXPECT_NEAR(rows[i][k], expected[static_cast<std::int64_t>(k)].item<double>(), 1e-6);
    }
  }
  EXPECT_EQ(logits, load_predictor(good(), {.device = "cpu"})->logits(crops))
      << "calibration is no part of logits";
}

TEST_F(PredictorTest, RefusesCropsOfAnotherSizeOrKind) {
  const auto predictor = load_predictor(good(), {.device = "cpu"});
  const auto predict = [&](const cv::Mat& crop) { return [&, crop] { predictor->predict({&crop, 1}); }; };
  EXPECT_THAT(predict(cv::Mat(32, kCropSide, CV_8UC3)),
              testing::ThrowsMessage<Error>(AllOf(HasSubstr("48x32"), HasSubstr("takes 48x48 RGB crops"))));
  EXPECT_THAT(predict(cv::Mat(kCropSide, kCropSide, CV_8UC1)), testing::Throws<Error>());
  EXPECT_THAT(predict(cv::Mat()), testing::Throws<Error>());
}

TEST_F(PredictorTest, RefusesACheckpointThatDoesNotFitItself) {
  const TensorMap weights = single_precision(formula_weights());
  CheckpointInfo six = info();
  six.classes = ClassList({"sad", "happy", "fear", "angry", "disgust", "neutral"});
  six.class_prior.clear();
  EXPECT_THAT(refusal(save("six.safetensors", {.info = six, .weights = weights})),
              HasSubstr("classifier.1.bias is [7] instead of [6]"));

  TensorMap part = weights;
  part.erase("features.7.conv.2.weight");
  EXPECT_THAT(refusal(save("part.safetensors", {.info = info(), .weights = part})),
              HasSubstr("features.7.conv.2.weight is missing"));

  CheckpointInfo other = info();
  other.backbone = "mobilenet_v9";
  EXPECT_THAT(refusal(save("other.safetensors", {.info = other, .weights = weights})),
              HasSubstr("no backbone is called 'mobilenet_v9'"));

  EXPECT_THAT(refusal(folder_ / "none.safetensors"), HasSubstr("No such file"));
}

TEST_F(PredictorTest, RefusesAPrecisionThatIsNoneOrThatTheCheckpointLacks) {
  const auto load = [&](const std::string& precision) {
    return [&, precision] { load_predictor(good(), {.device = "cpu", .precision = precision}); };
  };
  EXPECT_THAT(load("bf61"),
              testing::ThrowsMessage<Error>(
                  AllOf(HasSubstr("precision 'bf61'"), HasSubstr("did you mean"), HasSubstr("int8"))));
  EXPECT_THAT(load("int8"), testing::ThrowsMessage<Error>(HasSubstr("holds no quantised weights")));
}

TEST_F(PredictorTest, OnACpuItComputesInFloatUnlessAsked) {
  EXPECT_EQ(load_predictor(good(), {.device = "cpu"})->facts().precision, "fp32");
  const std::string asked = load_predictor(good(), {.device = "cpu", .precision = "bf16"})->facts().precision;
  EXPECT_EQ(asked, has_tiles() ? "bf16" : "fp32");
}

TEST_F(PredictorTest, RefusesADeviceThatIsNotThere) {
  std::vector<std::string> devices = {"cup", "cuda:100"};
  for (const std::string& device : devices) {
    try {
      load_predictor(good(), {.device = device});
      ADD_FAILURE() << device;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::usage);
      EXPECT_THAT(error.what(), HasSubstr("device '" + device + "'"));
    }
  }
}

}  // namespace
}  // namespace fer::test
