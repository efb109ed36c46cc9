#include "html_page.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "page_assets.hpp"
#include "support/error_text.hpp"

namespace fer::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string kEvil = R"(<script>alert("1")</script> & 'Zoë' 😀.mp4)";

TEST(HtmlEscape, LeavesNothingThatIsMarkup) {
  EXPECT_EQ(html_escape(kEvil),
            "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;Zoë&#39; 😀.mp4");
}

TEST(JsonForScript, IsTheSameValueThatCannotEndTheScript) {
  const nlohmann::json value = {{"name", kEvil}, {"other", "<!-- \u2028 \u2029 \\ \" ]]>"}};
  const std::string text = json_for_script(value.dump());
  EXPECT_THAT(text, Not(HasSubstr("<")));
  EXPECT_THAT(text, Not(HasSubstr("\u2028")));
  EXPECT_THAT(text, Not(HasSubstr("\u2029")));
  EXPECT_EQ(nlohmann::json::parse(text), value);
}

TEST(FillTemplate, LooksNotIntoValues) {
  EXPECT_EQ(fill_template("a {{x}} b {{y}}{{x}}", {{"x", "{{y}}"}, {"y", "2"}}), "a {{y}} b 2{{y}}");
}

TEST(FillTemplate, NamesWhatHasNoValue) {
  EXPECT_THAT(error_text(ErrorKind::failure, [] { (void)fill_template("{{nobody}}", {}); }),
              HasSubstr("{{nobody}}"));
}

TEST(JpegUri, IsASmallPicture) {
  const cv::Mat picture(400, 200, CV_8UC3, cv::Scalar(200, 10, 10));
  EXPECT_THAT(jpeg_uri(picture, 64), StartsWith("data:image/jpeg;base64,/9j/"));
  EXPECT_LT(jpeg_uri(picture, 64).size(), 2000U);
  EXPECT_THAT(jpeg_uri(cv::Mat(8, 8, CV_8UC1, cv::Scalar(7)), 64), StartsWith("data:image/jpeg;base64,/9j/"));
}

TEST(JpegUri, LeavesThePictureAsItIs) {
  const cv::Mat picture(8, 8, CV_8UC3, cv::Scalar(200, 10, 30));
  (void)jpeg_uri(picture, 8);
  (void)jpeg_uri(picture, 16);
  EXPECT_EQ(picture.at<cv::Vec3b>(3, 3), cv::Vec3b(200, 10, 30));
}

TEST(RelativeUrl, LeavesNothingThatABrowserTakesForAnythingElse) {
  EXPECT_EQ(relative_url("../run-1/report.html"), "../run-1/report.html");
  EXPECT_EQ(relative_url("a b\"<>:?#%é/x"), "a%20b%22%3C%3E%3A%3F%23%25%C3%A9/x");
}

TEST(CssColours, AreThoseOfThePictures) {
  EXPECT_EQ(css_colours(ClassList({"angry", "happy"})), (std::vector<std::string>{"#a71a03", "#d5d146"}));
}

TEST(PageAsset, NamesTheOneItDoesNotHave) {
  EXPECT_THAT(error_text(ErrorKind::failure, [] { (void)page_asset("nothing.js"); }),
              HasSubstr("nothing.js"));
}

TEST(HtmlPage, EscapesItsTitleAndItsData) {
  const std::string page = html_page({.title = kEvil, .body = "<p>text</p>", .data = R"({"a":"</script>"})"});
  EXPECT_THAT(page, StartsWith("<!DOCTYPE html>"));
  EXPECT_THAT(page, HasSubstr("<title>&lt;script&gt;alert"));
  EXPECT_THAT(page, HasSubstr(R"({"a":"\u003c/script>"})"));
  EXPECT_THAT(page, HasSubstr("<p>text</p>"));
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
}

TEST(HtmlPage, IsOneFileThatAsksTheNetworkForNothing) {
  const std::string page =
      html_page({.title = "t", .body = "", .scripts = {"chart.js"}, .reload_seconds = 10});
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  for (const char* outward : {"src=\"", "href=\"http", "@import", "url(", "sourceMappingURL", "<link"})
    EXPECT_THAT(page, Not(HasSubstr(outward))) << outward;
  EXPECT_LT(page.size(), 300'000U);
}

TEST(HtmlPage, SaysThatItReloadsOnlyWhileItDoes) {
  EXPECT_THAT(html_page({.title = "t", .body = "", .reload_seconds = 20}),
              HasSubstr("reloads itself every 20 seconds"));
  EXPECT_THAT(html_page({.title = "t", .body = ""}), Not(HasSubstr("reloads itself")));
}

}  // namespace
}  // namespace fer::test
