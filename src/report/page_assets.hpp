#pragma once

#include <string_view>

namespace fer {

/// The text of a file of src/report/templates/, or of "chart.js"; they are part of the program. Throws a
/// failure for any other name.
std::string_view page_asset(std::string_view name);

}  // namespace fer
