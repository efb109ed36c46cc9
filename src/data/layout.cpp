#include "fer/data/layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "fer/core/files.hpp"
#include "fer/core/text.hpp"
#include "layout_records.hpp"
#include "readers.hpp"
#include "votes.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

/// A whole number as such ("3.0000000e+00" is "3"), any other text without blanks around.
std::string plain(std::string_view text) {
  text = trim(text);
  const auto number = parse_number(text);
  if (!number || *number != std::floor(*number) || std::abs(*number) > 1e9) return std::string(text);
  return std::to_string(static_cast<long long>(*number));
}

/// Turns what was found of an image into a sample.
class SampleMaker {
 public:
  SampleMaker(const fs::path& root, const Layout& layout, const LabelMap& labels, Dataset& dataset)
      : root_(root), layout_(layout), labels_(labels), dataset_(dataset) {}

  void add(LayoutRecord record) {
    const NamedTexts fields = fields_of(record.found);
    Sample sample;
    sample.path = record.path;
    RejectedFile refused{.path = record.path, .reason = {}};
    if (!layout_.pixels.empty() && record.pixels.empty()) {
      refused.reason = "its pixels are not 48 x 48 numbers 0..255";
    } else if (record.path.empty()) {
      refused = {.path = record.place, .reason = "does not say where its image lies"};
    } else {
      set_label(record, fields, sample, refused);
    }
    if (refused.reason.empty()) set_fields(fields, sample, refused);
    if (!refused.reason.empty()) {
      dataset_.rejected.push_back(std::move(refused));
      return;
    }
    sample.pixels = std::move(record.pixels);
    dataset_.samples.push_back(std::move(sample));
  }

 private:
  /// What a field's text means.
  std::string meaning(const std::string& field, const std::string& text) const {
    const auto table = layout_.values.find(field);
    if (table == layout_.values.end()) return text;
    for (const auto& [word, meant] : table->second) {
      if (word == text || (layout_.ignore_case && to_lower(word) == to_lower(text))) return meant;
    }
    return text;
  }

  /// Found ones by their meaning, then those that are made of them.
  NamedTexts fields_of(const NamedTexts& found) const {
    NamedTexts fields;
    for (const auto& [name, text] : found) fields[name] = meaning(name, text);
    NamedTexts made;
    for (const auto& [name, text] : layout_.fields) {
      if (const auto filled = fill_names(text, fields)) made[name] = meaning(name, *filled);
    }
    made.merge(fields);
    return made;
  }

  void set_label(const LayoutRecord& record, const NamedTexts& fields, Sample& sample,
                 RejectedFile& refused) {
    if (!layout_.votes.columns.empty()) {
      VoteResult result = count_votes(layout_.votes, record.votes, record.other_votes, labels_);
      sample.label = result.label;
      sample.shares = std::move(result.shares);
      refused.reason = std::move(result.reason);
      refused.unknown_class = std::move(result.unknown_class);
      return;
    }
    std::optional<std::string> word;
    if (layout_.label_file.empty()) {
      if (const auto field = fields.find("label"); field != fields.end()) word = field->second;
    } else {
      word = text_of_label_file(record.found, refused);
    }
    if (!refused.reason.empty()) return;
    if (!word) {
      refused.reason = "does not say what its emotion is";
      return;
    }
    if (record.begins_sequence) word = layout_.sequence.first_label;
    set_label(*word, sample, refused);
  }

  void set_label(const std::string& word, Sample& sample, RejectedFile& refused) const {
    if (word == LabelMap::kLeftOut) {
      refused.reason = "its label is left out by the layout";
    } else if (const auto label = labels_.find(word)) {
      sample.label = *label;
    } else {
      refused.reason = "its emotion " + not_a_class(word, labels_);
      if (!labels_.leaves_out(word)) refused.unknown_class = word;
    }
  }

  std::string text_of_label_file(const NamedTexts& found, RejectedFile& refused) {
    const auto name = fill_names(layout_.label_file, found);
    if (name && leads_out(*name)) {
      refused.reason = fmt::format("its label file lies outside the root: {}", in_quotes(*name));
      return {};
    }
    const std::vector<fs::path> files = name ? files_like(root_ / *name) : std::vector<fs::path>();
    if (files.empty()) {
      refused.reason = fmt::format("there is no label file {}", name.value_or(layout_.label_file));
      return {};
    }
    if (files.size() > 1) {
      refused.reason = fmt::format("there are several label files {}", *name);
      return {};
    }
    return meaning("label", plain(read_file(files.front())));
  }

  /// The files of that name, whose last part may hold a *; looked for once.
  const std::vector<fs::path>& files_like(const fs::path& name) {
    const auto [place, added] = label_files_.try_emplace(name);
    if (!added) return place->second;
    const std::string last = name.filename().string();
    const auto star = last.find('*');
    const std::string begin = last.substr(0, star);
    const std::string end = star == std::string::npos ? "" : last.substr(star + 1);
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(name.parent_path(), ignored)) {
      const std::string file = entry.path().filename().string();
      const bool fits = star == std::string::npos
                            ? file == last
                            : file.size() >= begin.size() + end.size() && file.starts_with(begin) &&
                                  file.ends_with(end) && !file.starts_with('.');
      if (fits) place->second.push_back(entry.path());
    }
    return place->second;
  }

  static void set_fields(const NamedTexts& fields, Sample& sample, RejectedFile& refused) {
    for (const auto& [name, text] : fields) {
      if (name == "label" || name.starts_with('_') || text.empty()) continue;
      if (name == "subject") {
        sample.subject = text;
      } else if (name == "split") {
        sample.split = split_name(text);
        if (sample.split.empty()) refused.reason = fmt::format("'{}' is no split (train, val, test)", text);
      } else {
        sample.attributes[name] = text;
      }
    }
  }

  const fs::path& root_;
  const Layout& layout_;
  const LabelMap& labels_;
  Dataset& dataset_;
  std::map<fs::path, std::vector<fs::path>> label_files_;
};

}  // namespace

Dataset read_layout(const fs::path& root, const Layout& layout, const LabelMap& labels) {
  Dataset dataset{.classes = labels.classes(), .samples = {}, .rejected = {}};
  SampleMaker samples(root, layout, labels, dataset);
  for (LayoutRecord& record : layout_records(root, layout, dataset.rejected)) samples.add(std::move(record));
  return dataset;
}

}  // namespace fer
