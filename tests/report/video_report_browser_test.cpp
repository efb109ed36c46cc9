#include <fmt/format.h>
#include <gmock/gmock.h>

#include "fer/core/emotion_colours.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"
#include "fer/video/video_writer.hpp"
#include "made_report.hpp"
#include "support/browser.hpp"
#include "support/temp_folder.hpp"

namespace fer::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class VideoReportInABrowser : public testing::Test {
 protected:
  void SetUp() override {
    if (browser().empty()) GTEST_SKIP() << "no Chromium: tools/setup.sh --browser installs it";
  }

  /// A video of 6 s, called so.
  void write_video(const std::string& name) const {
    VideoWriter writer(folder_ / name, {.size = {64, 48}, .fps = 10, .threads = 1});
    for (int i = 0; i < 60; ++i) writer.write(cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(4 * i)), 0.1 * i);
    writer.finish(6);
  }

  /// The page after `script`, which its own scripts came before.
  std::string rendered(const MadeReport& report, const std::string& script = "") const {
    std::string page = report.page();
    page.insert(page.rfind("</body>"), "<script>" + script + "</script>");
    write_file(folder_ / "report.html", page);
    return rendered_page(folder_ / "report.html");
  }

  TempFolder folder_;
};

const std::string kTools = R"(
  const place = document.getElementById('timeline'), player = document.querySelector('video');
  const told = document.documentElement.dataset;
  const click = second => {
    const box = place.getBoundingClientRect();
    const x = box.left + 44 + second / 6 * (box.width - 52);
    place.dispatchEvent(new MouseEvent('click', {clientX: x, clientY: box.top + 60, bubbles: true}));
  };
  const press = key => place.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
)";

TEST_F(VideoReportInABrowser, DrawsWithoutErrorOrRequest) {
  const MadeReport report{.analysis = made_recording(6, 4)};
  std::vector<std::string> pixels;
  for (const Rgb& c : emotion_colours(report.analysis.classes))
    pixels.push_back(fmt::format("'{},{},{}'", c.red, c.green, c.blue));
  const std::string page = rendered(report, fmt::format("const wanted = [{}];", join(pixels, ", ")) + R"(
    const canvas = document.querySelector('#timeline canvas');
    const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    const colours = new Set();
    for (let i = 0; i < pixels.length; i += 4) colours.add([...pixels.slice(i, i + 3)].join(','));
    document.documentElement.dataset.seen = wanted.filter(one => colours.has(one)).length;
    document.documentElement.dataset.rows = document.querySelectorAll('#events tbody tr').length;)");
  EXPECT_THAT(page_attribute(page, "data-ready"), HasSubstr("errors:0 requests:0"));
  EXPECT_EQ(page_attribute(page, "data-seen"), "3");
  EXPECT_EQ(page_attribute(page, "data-rows"), "3") << "happy from 1 to 2 s and from 5 s, angry from 1 s";
}

TEST_F(VideoReportInABrowser, AClickOnTheTimelineMovesTheVideo) {
  MadeReport report{.analysis = made_recording(6, 4)};
  report.player = {.file = "<script>alert(1)<script> #?%.mp4"};
  write_video(report.player.file);
  const std::string page = rendered(report, kTools + R"(
    player.addEventListener('loadeddata', () => click(4.5), {once: true});
    player.addEventListener('seeked', () => {
      told.player = player.currentTime.toFixed(1);
      told.cursor = place.getAttribute('aria-valuenow');
      told.words = place.getAttribute('aria-valuetext');
    });)");
  EXPECT_THAT(page_attribute(page, "data-ready"), HasSubstr("errors:0"));
  EXPECT_EQ(page_attribute(page, "data-player"), "4.5");
  EXPECT_EQ(page_attribute(page, "data-cursor"), "4.5");
  EXPECT_EQ(page_attribute(page, "data-words"), "0:04.5: face 0 neutral 80 %");
}

TEST_F(VideoReportInABrowser, TheCursorFollowsThePlayer) {
  MadeReport report{.analysis = made_recording(6, 4)};
  report.player = {.file = "talk.mp4", .starts_at = 0};
  write_video("talk.mp4");
  const std::string page = rendered(report, kTools + R"(
    player.addEventListener('loadeddata', () => { player.currentTime = 2.5; }, {once: true});
    player.addEventListener('seeked', () => { told.cursor = place.getAttribute('aria-valuenow'); });)");
  EXPECT_EQ(page_attribute(page, "data-cursor"), "2.5");
}

TEST_F(VideoReportInABrowser, KeysAndEventsSeekWithoutAPlayer) {
  const std::string page = rendered(MadeReport{.analysis = made_recording(6, 4)}, kTools + R"(
    const at = () => place.getAttribute('aria-valuenow');
    const seen = [];
    press('ArrowRight'); seen.push(at());
    press('.'); seen.push(at());
    press('End'); seen.push(at());
    press('ArrowLeft'); seen.push(at());
    document.querySelector('#events tbody tr:nth-child(2)').click(); seen.push(at());
    seen.push(document.getElementById('face').selectedOptions[0].textContent);
    told.seen = seen.join(' ');)");
  EXPECT_EQ(page_attribute(page, "data-seen"), "1.0 1.3 6.0 5.0 1.0 #1, 00:01 to 00:06");
}

TEST_F(VideoReportInABrowser, SwitchesToRawProbabilities) {
  const std::string page = rendered(MadeReport{.analysis = made_recording(6, 4)}, kTools + R"(
    document.querySelector('[data-kind="0"]').click();
    click(1.5);
    told.words = place.getAttribute('aria-valuetext');)");
  EXPECT_THAT(page_attribute(page, "data-words"), StartsWith("0:01.5: face"));
  EXPECT_THAT(page_attribute(page, "data-words"), HasSubstr(" 70 %"));
}

TEST_F(VideoReportInABrowser, SaysThatAVideoCannotBePlayed) {
  MadeReport report{.analysis = made_recording(6, 4)};
  report.player = {.file = "talk.mp4"};
  write_file(folder_ / "talk.mp4", "no video");
  const std::string page = rendered(report);
  EXPECT_THAT(page, HasSubstr("id=\"unplayable\">"));
}

}  // namespace
}  // namespace fer::test
