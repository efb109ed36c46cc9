#include "fer/data/problem.hpp"

#include <array>

namespace fer {

std::string_view name_of(ProblemKind kind) {
  static constexpr std::array<std::string_view, 9> kNames = {"empty_class", "rejected",       "unreadable",
                                                             "truncated",   "blank",          "small",
                                                             "duplicate",   "near_duplicate", "no_face"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace fer
