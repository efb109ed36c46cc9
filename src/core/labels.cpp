#include "fer/core/labels.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "fer/core/error.hpp"
#include "fer/core/text.hpp"

namespace fer {
namespace {

const std::map<std::string, std::string, std::less<>>& aliases() {
  static const std::map<std::string, std::string, std::less<>> table = {
      {"angry", "angry"},       {"anger", "angry"},       {"disgust", "disgust"},
      {"disgusted", "disgust"}, {"fear", "fear"},         {"afraid", "fear"},
      {"fearful", "fear"},      {"scared", "fear"},       {"happy", "happy"},
      {"happiness", "happy"},   {"joy", "happy"},         {"sad", "sad"},
      {"sadness", "sad"},       {"surprise", "surprise"}, {"surprised", "surprise"},
      {"neutral", "neutral"},   {"contempt", "contempt"}, {"contemptuous", "contempt"},
  };
  return table;
}

/// Far above any set of emotions; what is counted by pairs of classes stays small.
constexpr std::size_t kMostClasses = 200;

/// What a word is compared by: its canonical label where it has one, else its lower case.
std::string key_of(std::string_view word) { return canonical_label(word).value_or(to_lower(trim(word))); }

}  // namespace

const std::vector<std::string>& canonical_classes() {
  static const std::vector<std::string> names = {"angry", "disgust",  "fear",   "happy",
                                                 "sad",   "surprise", "neutral"};
  return names;
}

std::optional<std::string> canonical_label(std::string_view word) {
  const auto found = aliases().find(to_lower(trim(word)));
  if (found == aliases().end()) return std::nullopt;
  return found->second;
}

ClassList::ClassList(std::vector<std::string> names) : names_(std::move(names)) {
  if (names_.size() < 2) throw usage_error("a class list needs at least two names, got {}", names_.size());
  if (names_.size() > kMostClasses)
    throw usage_error("a class list has {} names, at most {} make sense", names_.size(), kMostClasses);
  std::set<std::string> keys;
  for (const std::string& name : names_) {
    if (trim(name).empty()) throw usage_error("a class name is empty in [{}]", join(names_, ", "));
    if (!keys.insert(key_of(name)).second)
      throw usage_error("class '{}' stands twice, or under two spellings, in [{}]", name, join(names_, ", "));
  }
}

std::optional<int> ClassList::find(std::string_view word) const {
  const std::string key = key_of(word);
  const auto found =
      std::ranges::find_if(names_, [&](const std::string& name) { return key_of(name) == key; });
  if (found == names_.end()) return std::nullopt;
  return static_cast<int>(found - names_.begin());
}

LabelMap::LabelMap(ClassList classes, const std::map<std::string, std::string>& words)
    : classes_(std::move(classes)) {
  for (const auto& [word, name] : words) {
    const std::optional<int> label = classes_.find(name);
    if (!label && name != kLeftOut) {
      throw usage_error("'{}' is mapped to '{}', which is no class (classes: {}; {}: left out)", word, name,
                        join(classes_.names(), ", "), kLeftOut);
    }
    if (!words_.emplace(to_lower(trim(word)), label).second)
      throw usage_error("'{}' is mapped twice", to_lower(trim(word)));
  }
}

std::optional<int> LabelMap::find(std::string_view word) const {
  const auto own = words_.find(to_lower(trim(word)));
  return own == words_.end() ? classes_.find(word) : own->second;
}

bool LabelMap::leaves_out(std::string_view word) const {
  const auto own = words_.find(to_lower(trim(word)));
  return own != words_.end() && !own->second;
}

}  // namespace fer
