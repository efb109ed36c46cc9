#pragma once

#include <cmath>

#include "fer/video/coding.hpp"
#include "target.hpp"

namespace fer {

inline void read_and_check(const std::filesystem::path& file) {
  const CodingWords words(Categories{.classes = ClassList(canonical_classes())});
  const Coding coding = read_coding(file, words);
  for (const CodedEvent& event : coding.events) {
    require(event.onset >= 0 && event.offset > event.onset && std::isfinite(event.offset),
            "an impossible time");
  }
}

}  // namespace fer
