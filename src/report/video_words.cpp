#include "video_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <vector>

#include "fer/core/text.hpp"

namespace fer {

std::string heading(std::string name) {
  if (!name.empty() && name[0] >= 'a' && name[0] <= 'z') name[0] = static_cast<char>(name[0] - 'a' + 'A');
  return name;
}

std::string distribution_text(const EmotionCounts& counts, const ClassList& classes) {
  std::vector<int> order(counts.distribution.size());
  std::iota(order.begin(), order.end(), 0);
  const auto count_of = [&](int label) { return counts.distribution[static_cast<std::size_t>(label)]; };
  std::ranges::stable_sort(order, std::greater<>(), count_of);
  std::vector<std::string> parts;
  for (const int label : order) {
    if (count_of(label) > 0)
      parts.push_back(fmt::format("{} ({})", heading(classes.name(label)), count_of(label)));
  }
  if (counts.uncertain > 0) parts.push_back(fmt::format("Uncertain ({})", counts.uncertain));
  return parts.empty() ? "-" : join(parts, ", ");
}

std::string percent_text(const std::optional<double>& share) {
  return share ? fmt::format("{:.2f}", 100 * *share) : "-";
}

std::string frames_text(std::int64_t with_face, std::int64_t sampled) {
  return with_face == sampled ? fmt::format("{}", sampled) : fmt::format("{}/{}", with_face, sampled);
}

std::string dominant_text(const EmotionCounts& counts, const ClassList& classes) {
  return counts.dominant ? heading(classes.name(*counts.dominant)) : "-";
}

}  // namespace fer
