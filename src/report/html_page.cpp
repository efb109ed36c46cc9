#include "html_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "fer/core/base64.hpp"
#include "fer/core/emotion_colours.hpp"
#include "fer/core/error.hpp"
#include "page_assets.hpp"

namespace fer {
namespace {

/// `text` with every occurrence of a key replaced by its value.
std::string replaced(std::string_view text,
                     std::span<const std::pair<std::string_view, std::string_view>> by) {
  std::string result;
  result.reserve(text.size() + text.size() / 8);
  while (!text.empty()) {
    const auto found =
        std::ranges::find_if(by, [&](const auto& pair) { return text.starts_with(pair.first); });
    result += found == by.end() ? text.substr(0, 1) : found->second;
    text.remove_prefix(found == by.end() ? 1 : found->first.size());
  }
  return result;
}

std::string elements(std::string_view name, std::span<const std::string> assets) {
  std::string html;
  for (const std::string& asset : assets) html += fmt::format("<{0}>\n{1}</{0}>\n", name, page_asset(asset));
  return html;
}

std::string reload_notice(int seconds) {
  if (seconds == 0) return "";
  return fmt::format(
      "<p class=\"notice\" role=\"status\" id=\"reload\" data-seconds=\"{0}\">Still running: this page "
      "reloads "
      "itself every {0} seconds. <button type=\"button\" aria-pressed=\"false\">Pause</button></p>",
      seconds);
}

}  // namespace

std::string html_escape(std::string_view text) {
  static constexpr std::pair<std::string_view, std::string_view> kEntities[] = {
      {"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}};
  return replaced(text, kEntities);
}

std::string json_for_script(std::string_view json) {
  static constexpr std::pair<std::string_view, std::string_view> kEscapes[] = {
      {"<", "\\u003c"}, {"\u2028", "\\u2028"}, {"\u2029", "\\u2029"}};
  return replaced(json, kEscapes);
}

std::string fill_template(std::string_view text, const std::map<std::string, std::string>& values) {
  std::string result;
  for (;;) {
    const auto begin = text.find("{{"), end = text.find("}}", begin);
    if (begin == std::string_view::npos || end == std::string_view::npos) return result.append(text);
    const std::string name(text.substr(begin + 2, end - begin - 2));
    const auto value = values.find(name);
    if (value == values.end()) throw failure("the template's {{{{{}}}}} has no value", name);
    result.append(text.substr(0, begin)).append(value->second);
    text.remove_prefix(end + 2);
  }
}

std::string jpeg_uri(const cv::Mat& picture, int side, int quality) {
  const double scale = std::min(1.0, static_cast<double>(side) / std::max(picture.cols, picture.rows));
  cv::Mat small;  // never the picture itself, which may be read-only
  cv::resize(picture, small, {}, scale, scale, cv::INTER_AREA);
  if (small.channels() == 3) cv::cvtColor(small, small, cv::COLOR_RGB2BGR);
  std::vector<unsigned char> bytes;
  cv::imencode(".jpg", small, bytes, {cv::IMWRITE_JPEG_QUALITY, quality});
  return "data:image/jpeg;base64," + base64({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::string relative_url(const std::filesystem::path& path) {
  std::string url;
  for (const char letter : path.generic_string()) {
    const bool plain = std::isalnum(static_cast<unsigned char>(letter)) ||
                       std::string_view("/-_.~").find(letter) != std::string_view::npos;
    url += plain ? std::string(1, letter) : fmt::format("%{:02X}", static_cast<unsigned char>(letter));
  }
  return url;
}

std::vector<std::string> css_colours(const ClassList& classes) {
  std::vector<std::string> colours;
  for (const Rgb& rgb : emotion_colours(classes))
    colours.push_back(fmt::format("#{:02x}{:02x}{:02x}", rgb.red, rgb.green, rgb.blue));
  return colours;
}

std::string html_page(const HtmlPage& page) {
  std::vector<std::string> styles = {"page.css"}, scripts = {"page.js"};
  styles.insert(styles.end(), page.styles.begin(), page.styles.end());
  scripts.insert(scripts.end(), page.scripts.begin(), page.scripts.end());
  return fill_template(page_asset("page.html"), {{"title", html_escape(page.title)},
                                                 {"errors", elements("script", {{"page_errors.js"}})},
                                                 {"styles", elements("style", styles)},
                                                 {"notice", reload_notice(page.reload_seconds)},
                                                 {"body", page.body},
                                                 {"data", json_for_script(page.data)},
                                                 {"scripts", elements("script", scripts)}});
}

}  // namespace fer
