#include "teachers.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <torch/nn/functional/loss.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/utils.h>

#include "fer/core/error.hpp"
#include "fer/model/backbones.hpp"
#include "fer/model/checkpoint.hpp"
#include "fer/model/classifier.hpp"
#include "fer/model/image_tensor.hpp"
#include "fer/model/predictor.hpp"
#include "support/golden.hpp"
#include "train/temp_folder.hpp"

namespace fer::test {
namespace {

namespace F = torch::nn::functional;

const Preprocessing kStudent = {
    .detector = "none", .size = 32, .mean = {0.4F, 0.5F, 0.6F}, .std = {0.2F, 0.3F, 0.4F}};

class TeachersTest : public TempFolderTest {
 protected:
  /// A network that never learned, but whose BatchNorm statistics are those of images of one colour, so that
  /// its answers depend on such an image.
  std::string make_teacher(const std::string& name, const Preprocessing& preprocessing,
                           ClassList classes = {}) {
    torch::manual_seed(name.size());
    const auto classifier = make_classifier({.classes = classes.size(), .input_size = preprocessing.size});
    for (const auto& module : classifier->modules()) {
      if (auto* norm = module->as<torch::nn::BatchNorm2d>()) norm->options.momentum(std::nullopt);
    }
    const int size = preprocessing.size;
    classifier->forward(at::randn({64, 3, 1, 1}).expand({64, 3, size, size}).contiguous());
    const std::string path = folder_ / name;
    CheckpointInfo info;
    info.classes = std::move(classes);
    info.preprocessing = preprocessing;
    save_checkpoint(path, {.info = std::move(info), .weights = weights_of(*classifier)});
    return path;
  }

  Teachers teachers(std::vector<std::string> paths, double temperature) const {
    return {{.teachers = std::move(paths), .temperature = temperature}, ClassList(), kStudent, at::kCPU};
  }
};

cv::Mat plain_crop(int size) { return {size, size, CV_8UC3, cv::Scalar(200, 100, 50)}; }

at::Tensor softened_logits(const std::string& checkpoint, const cv::Mat& crop, double temperature) {
  const auto row = load_predictor(checkpoint, {.device = "cpu"})->logits({&crop, 1}).front();
  return at::softmax(at::tensor(row) / temperature, 0);
}

TEST_F(TeachersTest, AnswersAreTheMeanOfWhatEachSaysOfTheImageInItsOwnSizeAndNormalisation) {
  const std::string one = make_teacher("one", {.detector = "none", .size = 32});
  const std::string other =
      make_teacher("other", {.detector = "none", .size = 48, .std = {0.5F, 0.5F, 0.5F}});
  // Of one colour, so that resizing changes nothing.
  const cv::Mat crop = plain_crop(32);
  const at::Tensor images = to_tensor({crop.data, crop.total() * 3}, kStudent);
  for (const double temperature : {1.0, 3.0}) {
    const at::Tensor expected =
        (softened_logits(one, crop, temperature) + softened_logits(other, plain_crop(48), temperature)) / 2;
    const at::Tensor answers = teachers({one, other}, temperature).answers(images, /*bf16=*/false);
    EXPECT_TRUE(at::allclose(answers[0], expected, 1e-3, 1e-3)) << answers << expected;
  }
}

TEST_F(TeachersTest, AGreyTeacherSeesNoColour) {
  const std::string teacher = make_teacher("grey", {.detector = "none", .size = 32, .grey = true});
  const cv::Mat crop(32, 32, CV_8UC3, cv::Scalar(150, 58, 36));
  const cv::Mat without_colour(32, 32, CV_8UC3, cv::Scalar::all(83));  // exactly its luminance
  const at::Tensor answer =
      teachers({teacher}, 1).answers(to_tensor({crop.data, crop.total() * 3}, kStudent), /*bf16=*/false)[0];
  const double to_grey = (answer - softened_logits(teacher, without_colour, 1)).norm().item<double>();
  const double to_colour = (answer - softened_logits(teacher, crop, 1)).norm().item<double>();
  EXPECT_LT(to_grey, 0.1 * to_colour);
}

TEST_F(TeachersTest, TheLossAndItsGradientAreThoseOfPyTorch) {
  for (const auto& golden : golden_json("distillation.json")) {
    const auto tensor = [&](const char* name) {
      const auto rows = golden.at(name).get<std::vector<std::vector<double>>>();
      std::vector<at::Tensor> tensors;
      for (const auto& row : rows) tensors.push_back(at::tensor(row).to(at::kFloat));
      return at::stack(tensors);
    };
    const at::Tensor logits = tensor("logits").requires_grad_();
    const at::Tensor loss = teachers({}, golden.at("temperature")).loss(logits, tensor("answers"));
    loss.backward();
    EXPECT_NEAR(loss.item<double>(), golden.at("loss").get<double>(), 1e-5);
    EXPECT_TRUE(at::allclose(logits.grad(), tensor("gradient"), 1e-4, 1e-6)) << logits.grad();
  }
}

TEST_F(TeachersTest, TheLossIsPyTorchsDivergenceButForTheAnswersEntropy) {
  torch::manual_seed(3);
  const at::Tensor logits = at::randn({8, 7}) * 3;
  const at::Tensor answers = at::softmax(at::randn({8, 7}), 1);
  const double temperature = 2.5;
  const at::Tensor log_p = at::log_softmax(logits / temperature, 1);
  const at::Tensor divergence = F::kl_div(log_p, answers, F::KLDivFuncOptions().reduction(torch::kBatchMean));
  const at::Tensor entropy = -(answers * answers.log()).sum(1).mean();
  EXPECT_NEAR(teachers({}, temperature).loss(logits, answers).item<double>(),
              ((divergence + entropy) * temperature * temperature).item<double>(), 1e-5);
}

TEST_F(TeachersTest, OthersClassesAreRefused) {
  const std::string teacher = make_teacher("two", kStudent, ClassList({"happy", "sad"}));
  try {
    teachers({teacher}, 2);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(),
                testing::HasSubstr("two: a teacher for happy, sad, where the classes are angry, "));
  }
  EXPECT_THROW(teachers({folder_ / "none"}, 2), Error);
}

}  // namespace
}  // namespace fer::test
