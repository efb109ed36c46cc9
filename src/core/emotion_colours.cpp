#include "fer/core/emotion_colours.hpp"

#include <array>
#include <map>
#include <string>

namespace fer {
namespace {

const std::map<std::string, Rgb, std::less<>>& fixed_colours() {
  static const std::map<std::string, Rgb, std::less<>> table = {
      {"angry", {213, 94, 0}},     {"disgust", {0, 158, 115}}, {"fear", {204, 121, 167}},
      {"happy", {240, 228, 66}},   {"sad", {0, 114, 178}},     {"surprise", {230, 159, 0}},
      {"neutral", {86, 180, 233}},
  };
  return table;
}

constexpr std::array<Rgb, 8> kFurther = {{{136, 34, 85},
                                          {221, 204, 119},
                                          {51, 34, 136},
                                          {153, 153, 51},
                                          {170, 68, 153},
                                          {68, 170, 153},
                                          {204, 102, 119},
                                          {17, 119, 51}}};

}  // namespace

std::vector<Rgb> emotion_colours(const ClassList& classes) {
  std::vector<Rgb> colours;
  std::size_t further = 0;
  for (const std::string& name : classes.names()) {
    const auto fixed = fixed_colours().find(canonical_label(name).value_or(""));
    const bool known = fixed != fixed_colours().end();
    colours.push_back(known ? fixed->second : kFurther.at(further++ % kFurther.size()));
  }
  return colours;
}

}  // namespace fer
