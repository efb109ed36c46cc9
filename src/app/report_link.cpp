#include "report_link.hpp"

#include <fmt/format.h>

namespace fer {

std::filesystem::path report_of(const std::filesystem::path& folder) {
  const std::filesystem::path page = folder / "report.html";
  return std::filesystem::exists(page) ? page : folder;
}

std::string report_line(const std::filesystem::path& folder) {
  const std::filesystem::path report = report_of(folder);
  return report == folder ? "" : fmt::format("report {}\n", report.string());
}

}  // namespace fer
