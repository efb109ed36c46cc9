#include "fer/onnx/answers.hpp"

#include <gmock/gmock.h>

#include <array>
#include <cstdint>

#include "fer/onnx/graph.hpp"
#include "support/error_text.hpp"

namespace fer::test {
namespace {

using testing::ElementsAre;
using testing::FloatEq;
using testing::HasSubstr;

using Sizes = std::vector<std::int64_t>;

constexpr std::array<float, 4> kMaps = {-3, 0.26F, 5, 9};  // 1 x 2 pixels of two channels

std::vector<cv::Mat> maps() {
  cv::Mat blob(std::vector<int>{1, 2, 1, 2}, CV_32F);
  std::ranges::copy(kMaps, blob.begin<float>());
  return {blob};
}

void add_maps(OnnxGraph& graph, const std::string& result) {
  graph.add_input("maps", OnnxType::float32, Sizes{2, 1, 2});
  graph.add_output(result, OnnxType::float32, Sizes{2, 1, 2});
}

std::string byte(OnnxGraph& graph, const std::string& name, std::uint8_t value) {
  return graph.constant(name, OnnxType::uint8, {}, std::as_bytes(std::span(&value, 1)));
}

TEST(OpencvAnswers, AreThoseOfAClipWithItsLimitsAsInputs) {
  OnnxGraph graph;
  add_maps(graph, "clipped");
  graph.node("Clip", {"maps", graph.scalar("least", 0), graph.scalar("most", 6)}, "clipped");
  EXPECT_THAT(opencv_answers(graph.file(), maps()), ElementsAre(ElementsAre(0, 0.26F, 5, 6)));
}

TEST(OpencvAnswers, RoundAsBytesDo) {
  OnnxGraph graph;
  add_maps(graph, "rounded");
  const std::string step = graph.scalar("step", 0.5F);
  const std::string zero = byte(graph, "zero", 240);
  graph.node("DequantizeLinear", {graph.node("QuantizeLinear", {"maps", step, zero}, "bytes"), step, zero},
             "rounded");
  // 255 is the most: (255 - 240) * 0.5.
  EXPECT_THAT(opencv_answers(graph.file(), maps()), ElementsAre(ElementsAre(-3, 0.5, 5, 7.5)));
}

TEST(OpencvAnswers, TakeWeightsWithAStepForEachChannel) {
  OnnxGraph graph;
  add_maps(graph, "mixed");
  constexpr std::array<std::int8_t, 4> kWeights = {2, 0, -4, 100};
  constexpr std::array<std::int8_t, 2> kZeros = {0, 0};
  const std::string bytes =
      graph.constant("weights.bytes", OnnxType::int8, Sizes{2, 2, 1, 1}, std::as_bytes(std::span(kWeights)));
  const std::string zeros =
      graph.constant("weights.zeros", OnnxType::int8, Sizes{2}, std::as_bytes(std::span(kZeros)));
  const std::string steps = graph.floats("weights.steps", std::array{0.5F, 0.25F});
  const std::string weights =
      graph.node("DequantizeLinear", {bytes, steps, zeros}, "weights", {{"axis", std::int64_t{0}}});
  graph.node("Conv", {"maps", weights}, "mixed", {{"kernel_shape", Sizes{1, 1}}});
  EXPECT_THAT(opencv_answers(graph.file(), maps()),
              ElementsAre(ElementsAre(-3, 0.26F, FloatEq(3 + 25 * 5), FloatEq(-0.26F + 25 * 9))));
}

TEST(OpencvAnswers, AreAnErrorOfOneLineWhereThereAreNone) {
  EXPECT_THAT(error_text(ErrorKind::data, [] { return opencv_answers("no model", {}); }),
              HasSubstr("is no ONNX model"));
  OnnxGraph graph;
  add_maps(graph, "unknown");
  graph.node("NoSuchOperator", {"maps"}, "unknown");
  EXPECT_THAT(error_text(ErrorKind::data, [&] { return opencv_answers(graph.file(), maps()); }),
              HasSubstr("is no network that OpenCV can load"));
}

TEST(OnnxGraph, GivesTheSameFileForTheSameCalls) {
  const auto file = [] {
    OnnxGraph graph;
    add_maps(graph, "same");
    graph.node("Identity", {"maps"}, "same");
    graph.add_metadata("classes", "[]");
    return graph.file();
  };
  EXPECT_EQ(file(), file());
  EXPECT_THAT(file(), HasSubstr("classes"));
}

}  // namespace
}  // namespace fer::test
