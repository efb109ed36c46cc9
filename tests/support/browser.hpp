#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "support/command_output.hpp"

namespace fer::test {

/// Chromium without a window, where it is installed (tools/setup.sh --browser).
inline std::string browser() {
  for (const char* name : {"chromium", "chromium-browser", "google-chrome"})
    if (std::system(("command -v " + std::string(name) + " >/dev/null").c_str()) == 0) return name;
  return "";
}

/// The value of an attribute of <html>; empty: it has none.
inline std::string page_attribute(std::string_view page, const std::string& name) {
  const std::string_view head = page.substr(0, page.find("<head"));
  const auto begin = head.find(name + "=\"");
  if (begin == std::string_view::npos) return "";
  const auto from = begin + name.size() + 2;
  return std::string(head.substr(from, head.find('"', from) - from));
}

/// The page as it is after its scripts ran: <html data-ready="…"> says how that went (templates/page.js).
/// `options` such as "--window-size=400,800".
inline std::string rendered_page(const std::filesystem::path& page, const std::string& options = "") {
  const std::string profile = page.string() + ".profile";
  const std::string command =
      browser() + " --headless=new --no-sandbox --disable-gpu --no-first-run --disable-extensions" +
      " --disable-background-networking --user-data-dir='" + profile +
      "' --virtual-time-budget=4000 --timeout=60000 " + options + " --dump-dom 'file://" +
      std::filesystem::absolute(page).string() + "' 2>/dev/null";
  std::string text;
  // On a busy machine Chromium at times ends before the page has run.
  for (int attempt = 0; attempt < 3 && page_attribute(text, "data-ready").empty(); ++attempt) {
    text = output_of(command).text;
    std::filesystem::remove_all(profile);
  }
  return text;
}

}  // namespace fer::test
