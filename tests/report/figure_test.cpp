#include "fer/report/figure.hpp"

#include <gmock/gmock.h>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <pugixml.hpp>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

pugi::xml_document parsed(const Figure& figure) {
  pugi::xml_document document;
  const std::string svg = figure_svg(figure);
  const auto result =
      document.load_buffer(svg.data(), svg.size(), pugi::parse_default | pugi::parse_ws_pcdata);
  EXPECT_TRUE(result) << result.description();
  return document;
}

/// As RGB.
cv::Mat decoded(const Figure& figure) {
  const std::string png = figure_png(figure);
  const cv::Mat bgr = cv::imdecode(std::vector<unsigned char>(png.begin(), png.end()), cv::IMREAD_COLOR);
  cv::Mat rgb;
  cv::cvtColor(bgr, rgb, cv::COLOR_BGR2RGB);
  return rgb;
}

/// Where anything darker than mid-grey lies, in points.
cv::Rect2d inked(const Figure& figure) {
  cv::Mat grey;
  cv::cvtColor(decoded(figure), grey, cv::COLOR_RGB2GRAY);
  const cv::Rect box = cv::boundingRect(grey < 128);
  constexpr double kPoints = 72.0 / 300;
  return {kPoints * box.x, kPoints * box.y, kPoints * box.width, kPoints * box.height};
}

void expect_near(const cv::Rect2d& place, const cv::Rect2d& expected) {
  constexpr double kDot = 72.0 / 300 + 1e-9;
  EXPECT_NEAR(place.x, expected.x, kDot);
  EXPECT_NEAR(place.y, expected.y, kDot);
  EXPECT_NEAR(place.br().x, expected.br().x, kDot);
  EXPECT_NEAR(place.br().y, expected.br().y, kDot);
}

TEST(Figure, IsAsWideAsAColumnInBothFormats) {
  const Figure one("one", {kOneColumn, 100}), two("two", {kTwoColumns, 100});
  EXPECT_STREQ(parsed(one).child("svg").attribute("width").value(), "85mm");
  EXPECT_STREQ(parsed(two).child("svg").attribute("width").value(), "180mm");
  EXPECT_EQ(decoded(one).cols, 1004);  // 85 mm of 300 dots per inch
  EXPECT_EQ(decoded(two).cols, 2126);
  EXPECT_EQ(decoded(one).rows, 417);
  // 300 dots per inch are 11811 per metre, across and down.
  EXPECT_THAT(figure_png(one), HasSubstr(std::string("pHYs\0\0\x2e\x23\0\0\x2e\x23\x01", 13)));
}

TEST(Figure, LaysItsPartsAtTheSamePlacesInBothFormats) {
  Figure box("box", {kOneColumn, 100});
  box.box({20, 30, 50, 10}, kBlack);
  expect_near(inked(box), {20, 30, 50, 10});
  EXPECT_STREQ(parsed(box).select_node("//rect[@x='20'][@y='30'][@width='50'][@height='10']").node().name(),
               "rect");

  Figure line("line", {kOneColumn, 100});
  line.line({{20, 50}, {80, 50}}, {.width = 4});
  expect_near(inked(line), {20, 48, 60, 4});
  EXPECT_TRUE(parsed(line).select_node("//polyline[@points='20,50 80,50'][@stroke-width='4']"));

  Figure dot("dot", {kOneColumn, 100});
  dot.dot({40, 50}, 5, kBlack);
  expect_near(inked(dot), {35, 45, 10, 10});
  EXPECT_TRUE(parsed(dot).select_node("//circle[@cx='40'][@cy='50'][@r='5']"));
}

TEST(Figure, DrawsEachPartByItself) {
  Figure figure("parts", {kOneColumn, 100});
  figure.text("HHH", {60, 10});
  figure.line({{20, 30}, {80, 30}}, {.width = 2});
  figure.text("HHH", {60, 50});
  figure.dot({40, 70}, 5, kBlack);
  figure.text("HHH", {60, 80});
  figure.box({20, 90, 5, 5}, kBlack);
  const cv::Mat picture = decoded(figure);
  const auto dark = [&](double top, double height) {
    const cv::Mat rows =
        picture.rowRange(static_cast<int>(top * 300 / 72), static_cast<int>((top + height) * 300 / 72));
    return cv::countNonZero(rows.reshape(1) < 128);
  };
  EXPECT_EQ(dark(15, 13), 0);  // between the parts there is nothing
  EXPECT_EQ(dark(32, 12), 0);
  EXPECT_EQ(dark(56, 8), 0);
}

TEST(Figure, ScalesDashesByTheLinesWidthInBothFormats) {
  static constexpr double kDashes[] = {3, 2};
  Figure figure("dashes", {kOneColumn, 20});
  figure.line({{0, 10}, {40, 10}}, {.width = 2, .dashes = kDashes});
  EXPECT_TRUE(parsed(figure).select_node("//polyline[@stroke-dasharray='6 4']"));
  const cv::Mat picture = decoded(figure);
  const auto is_ink = [&](double x) {
    return picture.at<cv::Vec3b>(42, static_cast<int>(x * 300 / 72))[0] < 128;
  };
  EXPECT_TRUE(is_ink(3) && is_ink(13));
  EXPECT_FALSE(is_ink(8) || is_ink(18));
}

TEST(Figure, SetsTextBySizeAndAnchorAsLongAsItSays) {
  const Type type{.size = 20, .bold = true};
  const double length = printed_width("HHH", type);
  for (const Anchor anchor : {Anchor::start, Anchor::middle, Anchor::end}) {
    Figure figure("text", {kOneColumn, 100});
    figure.text("HHH", {120, 50}, {.size = 20, .anchor = anchor, .bold = true});
    const cv::Rect2d place = inked(figure);
    EXPECT_NEAR(place.height, 0.73 * 20, 0.5);
    EXPECT_NEAR(place.y + place.height / 2, 50, 0.4);
    EXPECT_NEAR(place.width, length, 4);  // but for the room beside the letters
    EXPECT_NEAR(place.x + place.width / 2, 120 + length * (1 - static_cast<int>(anchor)) / 2, 1);
  }
  Figure upwards("text", {kOneColumn, 200});
  upwards.text("HHH", {120, 150}, {.size = 20, .bold = true, .upwards = true});
  const cv::Rect2d place = inked(upwards);
  EXPECT_NEAR(place.width, 0.73 * 20, 0.5);
  EXPECT_NEAR(place.x + place.width / 2, 120, 0.4);
  EXPECT_NEAR(place.br().y, 150, 2.5);
  EXPECT_TRUE(parsed(upwards).select_node("//text[@transform='translate(120,150) rotate(-90)']"));
}

TEST(Figure, KeepsHostileAndForeignTextAsText) {
  const std::string hostile = "</text><script>alert(\"1\")</script>&amp; ]]>", foreign = "größer 高兴 гнев";
  Figure figure(hostile, {kTwoColumns, 100});
  figure.text(hostile, {10, 20});
  figure.text(foreign, {10, 40});
  figure.text("\xff\x01!", {10, 60});
  const pugi::xml_document document = parsed(figure);
  EXPECT_FALSE(document.select_node("//script"));
  std::vector<std::string> texts;
  for (const auto& node : document.select_nodes("//text")) texts.emplace_back(node.node().text().get());
  EXPECT_THAT(texts, ::testing::ElementsAre(hostile, foreign, "\uFFFD !"));
  EXPECT_EQ(document.child("svg").child("title").text().get(), hostile);
  EXPECT_GT(inked(figure).br().x, 150);
}

TEST(Figure, RefusesTypeThatCannotBeRead) {
  Figure figure("title", {kOneColumn, 100});
  EXPECT_THROW(figure.text("small", {10, 10}, {.size = 7.9}), Error);
  EXPECT_TRUE(figure.parts().empty());
}

TEST(Figure, IsTheSameEveryTimeAndLoadsNothing) {
  const auto drawn = [] {
    Figure figure("title", {kOneColumn, 100});
    figure.text("words", {10, 10});
    figure.line({{0, 0}, {30, 70}}, {});
    return figure;
  };
  EXPECT_EQ(figure_svg(drawn()), figure_svg(drawn()));
  EXPECT_EQ(figure_png(drawn()), figure_png(drawn()));
  EXPECT_THAT(figure_svg(drawn()), Not(HasSubstr("href")));
}

TEST(Figure, IsWrittenAsBothFiles) {
  const test::TempFolder folder;
  Figure figure("title", {kOneColumn, 100});
  figure.text("words", {10, 10});
  write_figure(folder / "a.b", figure);
  EXPECT_EQ(read_file(folder / "a.b.svg"), figure_svg(figure));
  EXPECT_EQ(read_file(folder / "a.b.png"), figure_png(figure));
}

TEST(Shortened, KeepsWholeLettersAndTheRoom) {
  EXPECT_EQ(shortened("short", 100), "short");
  const std::string words = "überraschend 高兴高兴高兴高兴";
  for (double room = 20; room < printed_width(words); room += 5) {
    const std::string cut = shortened(words, room);
    EXPECT_LE(printed_width(cut), room);
    EXPECT_THAT(cut, ::testing::EndsWith("…"));
    EXPECT_THAT(cut, Not(HasSubstr("\uFFFD")));
    EXPECT_EQ(words.compare(0, cut.size() - 3, cut, 0, cut.size() - 3), 0);
  }
}

}  // namespace
}  // namespace fer
