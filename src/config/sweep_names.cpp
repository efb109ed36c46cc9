#include "sweep_names.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <set>
#include <string_view>

#include "fer/core/text.hpp"

namespace fer {
namespace {

constexpr std::size_t kLongestLabel = 40;
constexpr std::size_t kLongestName = 150;
constexpr std::array<std::string_view, 4> kTaken = {"comparison", "configs", "logs", "variants"};

std::string sane(std::string_view text) {
  std::string made;
  for (const char c : text.substr(0, kLongestLabel)) {
    const bool stays = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '+';
    if (stays || made.empty() || made.back() != '_') made += stays ? c : '_';
  }
  return made;
}

/// The last words of a dotted key, as many as it takes to tell it from the other keys, and not a number
/// first.
std::string short_key(const SweepKey& key, std::span<const SweepKey> keys) {
  std::size_t begin = key.key.size();
  for (;;) {
    const auto dot = begin == 0 ? std::string::npos : key.key.rfind('.', begin - 1);
    if (dot == std::string::npos) return sane(key.key);
    begin = dot;
    const std::string end = key.key.substr(dot);
    const auto alike = [&](const SweepKey& other) { return ("." + other.key).ends_with(end); };
    if (std::ranges::count_if(keys, alike) == 1 && !parse_integer(end.substr(1, end.find('.', 1) - 1)))
      return sane(end.substr(1));
  }
}

/// Empty for a list, a map or a text without letters and digits.
std::string label_of(const std::string& value, const std::string& key) {
  static constexpr std::array<std::string_view, 4> kSayNothing = {"true", "false", "none", "auto"};
  if (value.starts_with('[') || value.starts_with('{')) return "";
  if (parse_number(value)) return key + value;
  const std::string_view text = trim(std::string_view(value).substr(value.starts_with('"') ? 1 : 0));
  std::string label = sane(std::filesystem::path(text).filename().string());
  while (label.ends_with('_')) label.pop_back();
  const bool speaks = std::ranges::find(kSayNothing, label) == kSayNothing.end();
  return speaks ? label : key + "_" + label;
}

bool all_different(std::span<const std::string> texts) {
  return std::set<std::string>(texts.begin(), texts.end()).size() == texts.size();
}

}  // namespace

std::vector<std::vector<std::string>> value_labels(std::span<const SweepKey> keys) {
  std::vector<std::vector<std::string>> labels;
  for (const SweepKey& key : keys) {
    const std::string name = short_key(key, keys);
    std::vector<std::string>& own = labels.emplace_back();
    for (const std::string& value : key.values) own.push_back(label_of(value, name));
    if (all_different(own) && std::ranges::count(own, "") == 0) continue;
    for (std::size_t i = 0; i < own.size(); ++i) own[i] = name + std::to_string(i + 1);
  }
  return labels;
}

void settle_names(std::span<SweepRun> runs) {
  std::vector<std::string> names;
  for (const SweepRun& run : runs) names.push_back(run.name);
  const bool usable = all_different(names) && std::ranges::none_of(names, [](const std::string& name) {
                        return name.size() > kLongestName || std::ranges::count(kTaken, name) > 0;
                      });
  if (usable) return;
  for (SweepRun& run : runs) {
    run.name = "run";
    const std::string digits = std::to_string(run.number);
    if (digits.size() < 3) run.name.append(3 - digits.size(), '0');
    run.name += digits;
  }
}

}  // namespace fer
