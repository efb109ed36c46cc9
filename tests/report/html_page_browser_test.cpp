#include <gmock/gmock.h>

#include "fer/core/files.hpp"
#include "html_page.hpp"
#include "support/browser.hpp"
#include "support/temp_folder.hpp"

namespace fer::test {
namespace {

using testing::HasSubstr;

class PageInABrowser : public testing::Test {
 protected:
  void SetUp() override {
    if (browser().empty()) GTEST_SKIP() << "no Chromium: tools/setup.sh --browser installs it";
  }

  /// `script` is run by the page, as its own scripts are.
  std::string rendered(std::string body, const std::string& script) const {
    std::string page = html_page(
        {.title = "<b>Page</b>", .body = std::move(body), .data = R"({"n":3})", .scripts = {"chart.js"}});
    page.insert(page.rfind("</body>"), "<script>" + script + "</script>");
    write_file(folder_ / "page.html", page);
    return rendered_page(folder_ / "page.html");
  }

  TempFolder folder_;
};

TEST_F(PageInABrowser, DrawsChartsWithoutErrorOrRequest) {
  const std::string page = rendered(
      "<div><canvas id=\"c\"></canvas></div>",
      "fer.chart('c', () => ({type: 'line', data: {labels: [1, 2], datasets: [{data: [1, fer.data.n]}]}}));");
  EXPECT_EQ(page_attribute(page, "data-ready"), "charts:1 blank:0 errors:0 requests:0");
}

TEST_F(PageInABrowser, CountsItsErrorsAndRefusesTheNetwork) {
  const std::string broken = rendered("", "nowhere();");
  EXPECT_EQ(page_attribute(broken, "data-ready"), "charts:0 blank:0 errors:1 requests:0");
  EXPECT_THAT(page_attribute(broken, "data-errors"), HasSubstr("nowhere"));
  const std::string early = rendered("<script>missing();</script>", "");
  EXPECT_THAT(page_attribute(early, "data-errors"), HasSubstr("missing"));
  const std::string outward = rendered("<img alt=\"\" src=\"http://localhost:9/x.png\">", "");
  EXPECT_THAT(page_attribute(outward, "data-errors"), HasSubstr("blocked http://localhost:9/x.png"));
}

TEST_F(PageInABrowser, SortsNumbersAsNumbersAndLeavesEmptyCellsLast) {
  const std::string page = rendered(
      "<table class=\"sortable\"><thead><tr><th>n</th></tr></thead><tbody>"
      "<tr><td>10</td></tr><tr><td></td></tr><tr><td data-sort=\"9\">nine</td></tr><tr><td>100</td></tr>"
      "</tbody></table>",
      "const button = document.querySelector('th button');"
      "const order = () => [...document.querySelectorAll('td')].map(cell => cell.textContent).join(',');"
      "button.click(); document.documentElement.dataset.up = order();"
      "button.click(); document.documentElement.dataset.down = order();");
  EXPECT_EQ(page_attribute(page, "data-up"), "nine,10,100,");
  EXPECT_EQ(page_attribute(page, "data-down"), "100,10,nine,");
  EXPECT_THAT(page, HasSubstr("aria-sort=\"descending\""));
}

TEST_F(PageInABrowser, ShowsMarkupInATitleAsText) {
  EXPECT_THAT(rendered("", "document.documentElement.dataset.title = document.title;"),
              HasSubstr("data-title=\"&lt;b&gt;Page&lt;/b&gt;\""));
}

}  // namespace
}  // namespace fer::test
