#pragma once

#include <filesystem>
#include <map>
#include <opencv2/core.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "fer/core/labels.hpp"

namespace fer {

/// Text as it may stand in an element or between double or single quotes of an attribute.
std::string html_escape(std::string_view text);

/// JSON as it may stand in a <script>: the same value, without a `<` (so neither `</` nor `<!--`) and without
/// U+2028 and U+2029, which are escaped inside its strings, the only place where JSON has them.
std::string json_for_script(std::string_view json);

/// `{{name}}` in a template replaced by the value of that name, which is HTML already and is not looked into
/// again. Throws a failure for a name without value.
std::string fill_template(std::string_view text, const std::map<std::string, std::string>& values);

/// An RGB or grey picture as the data: URI of a JPEG, for src="…"; at most `side` pixels wide and high.
std::string jpeg_uri(const cv::Mat& picture, int side, int quality = 80);

/// A relative path for href="…", so that no name in it is taken for anything else.
std::string relative_url(const std::filesystem::path& path);

/// emotion_colours() as "#rrggbb".
std::vector<std::string> css_colours(const ClassList& classes);

/// A page that is one file and asks the network for nothing; its Content-Security-Policy forbids all but what
/// stands inside it, and videos beside it. templates/page.css and page.js say what body and scripts may use.
struct HtmlPage {
  std::string title;                      ///< plain text
  std::string body;                       ///< HTML of <main>; the page has the <h1>
  std::string data = "{}";                ///< JSON; scripts read it as `fer.data`
  std::vector<std::string> styles = {};   ///< further assets, "training.css"
  std::vector<std::string> scripts = {};  ///< run in this order: "chart.js", "training.js"
  int reload_seconds = 0;                 ///< the page reloads itself and says so; 0: it does not
};
std::string html_page(const HtmlPage& page);

}  // namespace fer
