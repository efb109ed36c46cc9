#pragma once

namespace fer {

/// What a byte 0..255 stands for: (byte - zero) * step.
struct ByteScale {
  float step = 1;
  int zero = 0;

  bool operator==(const ByteScale&) const = default;
};

}  // namespace fer
