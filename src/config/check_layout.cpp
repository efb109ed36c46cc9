#include "check_layout.hpp"

#include <algorithm>

#include "fer/core/error.hpp"
#include "fer/core/name_pattern.hpp"
#include "fer/core/text.hpp"

namespace fer {
namespace {

/// One layout and where its keys stand.
class LayoutCheck {
 public:
  LayoutCheck(const LayoutConfig& layout, const std::string& key, const Tree& tree)
      : layout_(layout), key_(key), tree_(tree) {}

  void check() {
    check_what_is_read();
    know_fields();
    check_images();
    check_names();
    check_label();
  }

 private:
  Error wrong(const std::string& name, const std::string& what) const {
    const std::string key = dotted(key_, name);
    return usage_error("{}{}: {}", place_of(tree_, key), key, one_line(what));
  }

  bool reads(std::string_view what) const { return layout_.read == what; }
  static bool is_given(const std::string& text) { return text != "none"; }

  void check_what_is_read() const {
    const std::string with = " with read: " + layout_.read;
    if (reads("files") && !layout_.lists.empty())
      throw wrong("lists", "expected none" + with + "; lines and table read lists");
    if (!reads("files") && layout_.lists.empty())
      throw wrong("lists", "missing: the files below the root to read" + with);
    if (!reads("table") && !is_given(layout_.pattern)) throw wrong("pattern", "missing" + with);
    if (reads("table") && is_given(layout_.pattern))
      throw wrong("pattern", "expected none" + with + ", whose fields are columns");
    if (!reads("table") && !layout_.columns.empty()) throw wrong("columns", "expected none" + with);
    if (!reads("table") && !layout_.votes.columns.empty())
      throw wrong("votes.columns", "expected none" + with);
  }

  /// What may stand in braces.
  void know_fields() {
    if (is_given(layout_.pattern)) {
      try {
        known_ = NamePattern(layout_.pattern, layout_.ignore_case).names();
      } catch (const Error& error) {
        throw wrong("pattern", error.what());
      }
    }
    for (const auto& [field, column] : layout_.columns) known_.push_back(field);
    if (!reads("files")) known_.emplace_back("_list");
  }

  void check_images() const {
    const bool image = is_given(layout_.image);
    const bool pixels = is_given(layout_.pixels);
    if (pixels && !reads("table")) throw wrong("pixels", "expected none with read: " + layout_.read);
    if (pixels && layout_.lists.size() > 1) throw wrong("pixels", "expected a single list beside it");
    if (pixels && image) throw wrong("image", "expected none beside pixels");
    if (!reads("files") && !pixels && !image)
      throw wrong("image", "missing: where the image of a row lies, as in 'images/{_file}'");
  }

  std::vector<std::string> names_of(const std::string& key, const std::string& text) const {
    try {
      return names_in(text);
    } catch (const Error& error) {
      throw wrong(key, error.what());
    }
  }

  void require_known(const std::string& key, const std::string& text) const {
    if (!is_given(text)) return;
    for (const std::string& name : names_of(key, text)) require_field(key, name);
  }

  void require_field(const std::string& key, const std::string& name) const {
    if (std::ranges::count(known_, name) > 0) return;
    throw wrong(key, fmt::format("there is no field '{}'{} (known: {})", name, did_you_mean(name, known_),
                                 known_.empty() ? "none" : join(known_, ", ")));
  }

  void check_names() {
    require_known("image", layout_.image);
    require_known("label_file", layout_.label_file);
    if (std::ranges::count(layout_.label_file, '*') > 1) throw wrong("label_file", "expected one * at most");
    for (const std::string& name : layout_.sequence.by) require_field("sequence.by", name);
    for (const auto& [field, text] : layout_.fields) require_known("fields." + field, text);
    for (const auto& [field, text] : layout_.fields) known_.push_back(field);
    for (const auto& [field, texts] : layout_.values) {
      if (field != "label" || !is_given(layout_.label_file)) require_field("values." + field, field);
    }
  }

  void check_label() const {
    const bool field = std::ranges::count(known_, "label") > 0;
    const int ways = static_cast<int>(field) + static_cast<int>(is_given(layout_.label_file)) +
                     static_cast<int>(!layout_.votes.columns.empty());
    if (ways == 1) return;
    const std::string name = reads("table") ? "columns" : "pattern";
    throw wrong(name, ways == 0 ? "there is no field 'label', nor a label_file or votes"
                                : "expected one of a field 'label', label_file and votes, got several");
  }

  const LayoutConfig& layout_;
  const std::string& key_;
  const Tree& tree_;
  std::vector<std::string> known_;
};

}  // namespace

void check_layout(const LayoutConfig& layout, const std::string& key, const Tree& tree) {
  LayoutCheck(layout, key, tree).check();
}

}  // namespace fer
