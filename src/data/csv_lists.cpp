#include <algorithm>
#include <charconv>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"
#include "readers.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFer2013Pixels = 48 * 48;

/// Nothing for a word that is left out.
std::optional<int> require_label(const CsvTable& table, const CsvRow& row, const std::string& word,
                                 const LabelMap& labels) {
  if (labels.leaves_out(word)) return std::nullopt;
  if (const auto label = labels.find(word)) return label;
  throw data_error("{}:{}: {} (classes: {}; a source's `map` gives its words a class)", table.source,
                   row.line, not_a_class(word, labels), join(labels.classes().names(), ", "));
}

/// "train", "val", "test", or empty for an empty word.
std::string require_split(const CsvTable& table, const CsvRow& row, const std::string& word) {
  std::string split = split_name(word);
  if (split.empty() && !trim(word).empty()) {
    throw data_error("{}:{}: '{}' is no split (train, val, test)", table.source, row.line, word);
  }
  return split;
}

}  // namespace

std::vector<std::uint8_t> parse_fer2013_pixels(std::string_view text) {
  std::vector<std::uint8_t> pixels;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    if (*at == ' ') {
      ++at;
      continue;
    }
    std::uint8_t value = 0;
    const auto [next, error] = std::from_chars(at, end, value);
    if (error != std::errc{} || pixels.size() == kFer2013Pixels) return {};
    pixels.push_back(value);
    at = next;
  }
  if (pixels.size() != kFer2013Pixels) pixels.clear();
  return pixels;
}

Dataset read_csv(const fs::path& list, const LabelMap& labels) {
  const CsvTable table = read_csv_table(list);
  const std::size_t path_column = table.require("path");
  const std::size_t label_column = table.require("label");
  Dataset dataset{.classes = labels.classes(), .samples = {}, .rejected = {}};
  for (const CsvRow& row : table.rows) {
    const fs::path path = list.parent_path() / row.fields[path_column];
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) {
      dataset.rejected.push_back(
          {path.string(), fmt::format("line {} of the list names a file that is not there", row.line)});
      continue;
    }
    const std::string& word = row.fields[label_column];
    const auto label = require_label(table, row, word, labels);
    if (!label) {
      dataset.rejected.push_back({path.string(), "its emotion " + not_a_class(word, labels)});
      continue;
    }
    Sample sample;
    sample.path = path.string();
    sample.label = *label;
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
      const std::string& name = table.columns[column];
      const std::string& value = row.fields[column];
      if (column == path_column || column == label_column) continue;
      if (name == "subject") {
        sample.subject = value;
      } else if (name == "split") {
        sample.split = require_split(table, row, value);
      } else {
        sample.attributes[name] = value;
      }
    }
    dataset.samples.push_back(std::move(sample));
  }
  return dataset;
}

Dataset read_fer2013_csv(const fs::path& list, const LabelMap& labels) {
  const CsvTable table = read_csv_table(list);
  const std::size_t emotion_column = table.require("emotion");
  const std::size_t pixels_column = table.require("pixels");
  const std::size_t usage_column = table.require("usage");
  Dataset dataset{.classes = labels.classes(), .samples = {}, .rejected = {}};
  for (const CsvRow& row : table.rows) {
    const std::string path = fmt::format("{}:{}", table.source, row.line);
    const auto emotion = parse_integer(trim(row.fields[emotion_column]));
    if (!emotion || *emotion < 0 || *emotion >= std::ssize(canonical_classes())) {
      throw data_error("{}: '{}' is no emotion number (0..6)", path, row.fields[emotion_column]);
    }
    const std::string& name = canonical_classes()[static_cast<std::size_t>(*emotion)];
    const auto label = labels.find(name);
    Sample sample;
    sample.path = path;
    sample.label = label.value_or(-1);
    sample.split = require_split(table, row, row.fields[usage_column]);
    sample.pixels = parse_fer2013_pixels(row.fields[pixels_column]);
    if (!label) {
      dataset.rejected.push_back({path, "its emotion " + not_a_class(name, labels)});
    } else if (sample.pixels.empty()) {
      dataset.rejected.push_back({path, "its pixels are not 48 x 48 numbers 0..255"});
    } else {
      dataset.samples.push_back(std::move(sample));
    }
  }
  return dataset;
}

}  // namespace fer
