#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fer {

/// A piece of YAML as a plain value that knows where it was written. No yaml-cpp beyond tree.cpp.
struct Tree {
  enum class Kind { nothing, scalar, list, map };

  Kind kind = Kind::nothing;
  /// "FILE:LINE: " or "--set KEY=VALUE: ", ready to begin an error; empty for a default.
  std::string place = {};
  std::string name = {};         ///< its key in the map that holds it
  std::string text = {};         ///< of a scalar
  std::vector<Tree> items = {};  ///< of a list or a map; a map's names are distinct
};

/// With blanks for control characters.
std::string one_line(std::string text);

/// "parent.name", or the name alone at the top.
std::string dotted(std::string_view parent, std::string_view name);

/// What an error says was found: 'text', "a list", "a map" or "nothing". One line.
std::string found_text(const Tree& tree);

/// The place of a dotted key, or of the closest of its parents that is there.
std::string place_of(const Tree& tree, std::string_view key);

/// A whole document; an empty one is an empty map. `name` begins the places; empty: no places.
/// Throws a usage error for malformed YAML, duplicate keys, more than one document, control characters, and
/// for documents too deep or too large (aliases count as what they stand for).
Tree parse_document(const std::string& text, const std::string& name);

/// The entry of a map by name, or null.
Tree* entry_of(Tree& map, std::string_view name);
const Tree* entry_of(const Tree& map, std::string_view name);

/// Lays `later` over `base`: maps key by key, anything else replaces.
void merge(Tree& base, Tree later);

/// Lays a value, YAML, over the entry of a dotted key, which is made where it is missing. `place` begins its
/// errors: "sweep.yaml:7".
void apply_value(Tree& tree, const std::string& key, const std::string& value, const std::string& place);

/// Lays `a.b.0=VALUE` over the tree.
void apply_override(Tree& tree, const std::string& assignment);

/// YAML on one line that is parsed to the same values.
std::string flow_text(const Tree& tree);

}  // namespace fer
