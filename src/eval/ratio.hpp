#pragma once

namespace fer {

/// 0 of nothing.
inline double ratio(double part, double whole) { return whole == 0 ? 0 : part / whole; }

}  // namespace fer
