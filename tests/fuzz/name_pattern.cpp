#include "fer/core/name_pattern.hpp"

#include "target.hpp"

/// A pattern on the first line, a text to fill on the second, then what is compared with it.
void fer::fuzz(std::string_view bytes) {
  const auto take_line = [&] {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    return std::string(line);
  };
  const NamePattern pattern(take_line());
  const std::string template_text = take_line();
  const auto found = pattern.match_path(bytes);
  if (!found) return;
  for (const auto& [name, text] : *found)
    require(bytes.find(text) != std::string_view::npos, "found what is not there");
  fill_names(template_text, *found);
}
