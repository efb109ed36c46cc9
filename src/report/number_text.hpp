#pragma once

#include <fmt/format.h>

#include <string>

namespace fer {

/// A share as percent, without the sign.
inline std::string percent_number(double share) { return fmt::format("{:.1f}", 100 * share); }

/// Seconds to the microsecond.
inline std::string seconds_text(double seconds) { return fmt::format("{:.6f}", seconds); }

}  // namespace fer
