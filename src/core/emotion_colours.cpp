#include "fer/core/emotion_colours.hpp"

#include <array>
#include <map>
#include <string>
#include <utility>

namespace fer {
namespace {

using Dashes = std::span<const double>;

constexpr std::array kShort = {2.0, 1.5};
constexpr std::array kLong = {6.0, 2.0};
constexpr std::array kDots = {1.0, 1.0};
constexpr std::array kLongShort = {6.0, 1.5, 1.5, 1.5};
constexpr std::array kLongTwoShort = {6.0, 1.5, 1.5, 1.5, 1.5, 1.5};
constexpr std::array kWideDashes = {4.0, 4.0};

struct Look {
  Rgb colour;
  Dashes dashes;
};

// Found by a search for the largest least difference over full colour vision, the three kinds of colour
// blindness (Machado et al. 2009) and grey, each emotion within its hue; from dark to light: sad, angry,
// fear, disgust, surprise, neutral, happy. The tests measure them.
const std::map<std::string, Look, std::less<>>& fixed_looks() {
  static const std::map<std::string, Look, std::less<>> table = {
      {"angry", {{167, 26, 3}, kShort}},          {"disgust", {{49, 143, 97}, kLongTwoShort}},
      {"fear", {{164, 28, 225}, kDots}},          {"happy", {{213, 209, 70}, {}}},
      {"sad", {{38, 58, 136}, kLongShort}},       {"surprise", {{200, 136, 33}, kLong}},
      {"neutral", {{83, 189, 255}, kWideDashes}},
  };
  return table;
}

constexpr std::array<Rgb, 8> kFurther = {{{80, 51, 57},
                                          {101, 105, 119},
                                          {147, 189, 132},
                                          {162, 119, 182},
                                          {40, 105, 63},
                                          {213, 169, 197},
                                          {101, 29, 25},
                                          {66, 57, 85}}};
constexpr std::array<Dashes, 5> kFurtherDashes = {Dashes(), kLong, kShort, kLongShort, kDots};

std::vector<Look> looks_of(const ClassList& classes) {
  std::vector<Look> looks;
  std::size_t further = 0;
  for (const std::string& name : classes.names()) {
    const auto fixed = fixed_looks().find(canonical_label(name).value_or(""));
    if (fixed != fixed_looks().end()) {
      looks.push_back(fixed->second);
    } else {
      looks.push_back(
          {kFurther.at(further % kFurther.size()), kFurtherDashes.at(further % kFurtherDashes.size())});
      ++further;
    }
  }
  return looks;
}

}  // namespace

std::vector<Rgb> emotion_colours(const ClassList& classes) {
  std::vector<Rgb> colours;
  for (const Look& look : looks_of(classes)) colours.push_back(look.colour);
  return colours;
}

std::vector<std::span<const double>> emotion_dashes(const ClassList& classes) {
  std::vector<std::span<const double>> dashes;
  for (const Look& look : looks_of(classes)) dashes.push_back(look.dashes);
  return dashes;
}

}  // namespace fer
