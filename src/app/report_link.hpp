#pragma once

#include <filesystem>
#include <string>

namespace fer {

/// The report.html of a folder where it has one, else the folder: where to look first.
std::filesystem::path report_of(const std::filesystem::path& folder);

/// "report runs/kdef/report.html" and a line's end where there is one, else "".
std::string report_line(const std::filesystem::path& folder);

}  // namespace fer
