#pragma once

namespace fer {

/// What text is measured and drawn in, then families of the same width or narrower.
inline constexpr char kFamilies[] = "DejaVu Sans, Verdana, Arial, sans-serif";

/// The height of a capital letter, in sizes of the type.
inline constexpr double kCapital = 0.73;

}  // namespace fer
