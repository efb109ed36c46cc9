#include "fer/model/predictor.hpp"

#include <ATen/ops/softmax.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <numeric>

#include "fer/core/error.hpp"
#include "fer/model/checkpoint.hpp"
#include "fer/model/classifier.hpp"
#include "fer/model/image_tensor.hpp"
#include "model/mobilenet_v2_golden.hpp"

namespace fer::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr int kSide = 48;

CheckpointInfo info() {
  return {.classes = ClassList({"sad", "happy", "fear", "angry", "disgust", "neutral", "surprise"}),
          .preprocessing = {.detector = "none", .size = kSide, .mean = {0.5F, 0.4F, 0.3F}},
          .temperature = 1.5,
          .class_prior = {0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1},
          .trained_on = "a formula",
          .epoch = 3};
}

TensorMap single_precision(const TensorMap& weights) {
  TensorMap copy;
  for (const auto& [name, tensor] : weights) copy.emplace(name, tensor.to(at::kFloat));
  return copy;
}

std::vector<cv::Mat> noise_crops(int count) {
  std::vector<cv::Mat> crops;
  for (int i = 0; i < count; ++i) {
    Rng rng(static_cast<std::uint64_t>(i));
    cv::Mat crop(kSide, kSide, CV_8UC3);
    const cv::Size cell(16, 16);
    for (int square = 0; square < 9; ++square) {
      const auto level = [&] { return rng.uniform(0, 255); };
      crop(cv::Rect(cv::Point(square % 3 * 16, square / 3 * 16), cell)) =
          cv::Scalar(level(), level(), level());
    }
    crops.push_back(crop);
  }
  return crops;
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
      load_predictor(path, "cpu");
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
  const PredictorFacts facts = load_predictor(good(), "cpu")->facts();
  EXPECT_EQ(facts.backbone, "mobilenet_v2");
  EXPECT_EQ(facts.classes, info().classes);
  EXPECT_EQ(facts.preprocessing, info().preprocessing);
  EXPECT_EQ(facts.class_prior, info().class_prior);
  EXPECT_EQ(facts.trained_on, "a formula");
}

TEST_F(PredictorTest, ProbabilitiesAreTheClassifiersTemperedSoftmax) {
  const auto classifier = make_classifier({});
  load_weights(*classifier, formula_weights(), "formula");
  classifier->eval();
  const auto crops = noise_crops(3);
  const auto rows = load_predictor(good(), "cpu")->predict(crops);
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

TEST_F(PredictorTest, ABatchIsItsCropsOneByOne) {
  const auto predictor = load_predictor(good(), "cpu");
  const auto crops = noise_crops(5);
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
  hot.temperature = 6;
  const auto path = save("hot.safetensors", {.info = hot, .weights = single_precision(formula_weights())});
  const auto crops = noise_crops(4);
  const auto sure = load_predictor(good(), "cpu")->predict(crops);
  const auto unsure = load_predictor(path, "cpu")->predict(crops);
  for (std::size_t i = 0; i < crops.size(); ++i) {
    const auto first = std::ranges::max_element(sure[i]);
    const auto second = std::ranges::max_element(unsure[i]);
    EXPECT_EQ(first - sure[i].begin(), second - unsure[i].begin());
    EXPECT_GT(*first, *second + 0.01);
  }
}

TEST_F(PredictorTest, RefusesCropsOfAnotherSizeOrKind) {
  const auto predictor = load_predictor(good(), "cpu");
  const auto predict = [&](const cv::Mat& crop) { return [&, crop] { predictor->predict({&crop, 1}); }; };
  EXPECT_THAT(predict(cv::Mat(32, kSide, CV_8UC3)),
              testing::ThrowsMessage<Error>(AllOf(HasSubstr("48x32"), HasSubstr("takes 48x48 RGB crops"))));
  EXPECT_THAT(predict(cv::Mat(kSide, kSide, CV_8UC1)), testing::Throws<Error>());
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

TEST_F(PredictorTest, RefusesADeviceThatIsNotThere) {
  std::vector<std::string> devices = {"cup", "cuda:100"};
  for (const std::string& device : devices) {
    try {
      load_predictor(good(), device);
      ADD_FAILURE() << device;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::usage);
      EXPECT_THAT(error.what(), HasSubstr("device '" + device + "'"));
    }
  }
}

}  // namespace
}  // namespace fer::test
