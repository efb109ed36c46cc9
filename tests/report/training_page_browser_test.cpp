#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "fer/core/files.hpp"
#include "html_page.hpp"
#include "report/shown_evaluation.hpp"
#include "support/browser.hpp"
#include "support/temp_folder.hpp"

namespace fer::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class TrainingPageInABrowser : public testing::Test {
 protected:
  void SetUp() override {
    if (browser().empty()) GTEST_SKIP() << "no Chromium: tools/setup.sh --browser installs it";
  }

  /// After `script`, which runs last.
  std::string rendered(std::string page, const std::string& script = "") const {
    page.insert(page.rfind("</body>"), "<script>" + script + "</script>");
    write_file(folder_ / "report.html", page);
    return rendered_page(folder_ / "report.html");
  }

  TempFolder folder_;
  ShownEvaluation evaluation_;
};

TEST_F(TrainingPageInABrowser, DrawsItsChartsWithoutErrorOrRequest) {
  const std::string page = rendered(training_page(page_of(evaluation_)));
  EXPECT_EQ(page_attribute(page, "data-ready"), "charts:3 blank:0 errors:0 requests:0")
      << page_attribute(page, "data-errors");
}

TEST_F(TrainingPageInABrowser, WorksBeforeTheFirstEpoch) {
  TrainingPage page;
  page.title = "run";
  page.course.running = true;
  EXPECT_EQ(page_attribute(rendered(training_page(page)), "data-ready"),
            "charts:0 blank:0 errors:0 requests:0");
}

TEST_F(TrainingPageInABrowser, ShowsThePicturesBehindACellAndKeepsThem) {
  const std::string page = rendered(
      training_page(page_of(evaluation_)),
      "const cell = name => document.querySelector(`[data-cell='${name}']`), out = "
      "document.documentElement.dataset;"
      "const shown = () => [...document.querySelectorAll('#cell-images img')].filter(i => i.naturalWidth > 0 "
      "|| "
      "i.src.startsWith('data:image/jpeg')).length;"
      "cell('0,0').dispatchEvent(new Event('mouseenter')); out.hovered = shown();"
      "cell('0,1').focus(); out.focused = shown();"
      "cell('0,1').click(); cell('0,0').dispatchEvent(new Event('mouseenter')); out.kept = shown();"
      "cell('0,1').dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowDown', cancelable: true}));"
      "out.moved = document.activeElement.dataset.cell;"
      "document.querySelector('[data-shows=shares]').click(); out.shows = "
      "document.getElementById('confusion').className;");
  EXPECT_EQ(page_attribute(page, "data-hovered"), "5");
  EXPECT_EQ(page_attribute(page, "data-focused"), "3");
  EXPECT_EQ(page_attribute(page, "data-kept"), "3");
  EXPECT_EQ(page_attribute(page, "data-moved"), "1,1");
  EXPECT_EQ(page_attribute(page, "data-shows"), "shares");
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt; taken for angry"));
  EXPECT_THAT(page, Not(HasSubstr("<img src=\"x\"")));
}

TEST_F(TrainingPageInABrowser, FitsAScreenOf400Pixels) {
  const nlohmann::json text = training_page(page_of(evaluation_));
  write_file(folder_ / "narrow.html",
             "<html><head></head><body><iframe id=\"page\" width=\"400\" height=\"900\"></iframe><script>"
             "page.onload = () => document.documentElement.dataset.width = "
             "page.contentDocument.documentElement.scrollWidth + ' of ' + "
             "page.contentDocument.documentElement.clientWidth;"
             "page.srcdoc = " +
                 json_for_script(text.dump()) + ";</script></body></html>");
  const std::string width = page_attribute(rendered_page(folder_ / "narrow.html"), "data-width");
  const auto of = width.find(" of ");
  ASSERT_NE(of, std::string::npos) << width;
  EXPECT_EQ(width.substr(0, of), width.substr(of + 4)) << "it scrolls sideways";
}

}  // namespace
}  // namespace fer::test
