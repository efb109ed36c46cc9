#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "scalar.hpp"
#include "tree.hpp"

namespace fer {

/// Lays a tree over a struct: keys that are there are checked and set, others keep their value.
class Reader {
 public:
  template <class Struct>
  static void read(const Tree& tree, const std::string& key, Struct& value, const Rule& rule = {}) {
    if (tree.kind != Tree::Kind::map) throw unexpected(where(tree, key), "a map", tree);
    Reader reader(tree, key, rule);
    describe(reader, value);
    reader.refuse_unknown_keys();
  }

  template <class Member>
  void field(std::string_view name, Member& member, const Rule& rule, std::string_view) {
    names_.emplace_back(name);
    const auto entry = std::ranges::find(map_.items, name, &Tree::name);
    if (entry != map_.items.end()) read_member(*entry, dotted(key_, name), rule, member);
  }

  const Rule& rule() const { return rule_; }

 private:
  Reader(const Tree& map, const std::string& key, const Rule& rule) : map_(map), key_(key), rule_(rule) {}

  static std::string where(const Tree& tree, const std::string& key) {
    return tree.place + (key.empty() ? "the experiment" : key);
  }

  template <Scalar T>
  static void read_member(const Tree& tree, const std::string& key, const Rule& rule, T& member) {
    Tree expanded = tree;
    expanded.text = expand_variables(tree.text, where(tree, key));
    read_scalar(expanded, rule, where(tree, key), member);
  }

  /// What someone else reads.
  static void read_member(const Tree& tree, const std::string&, const Rule&, Tree& member) { member = tree; }

  template <class Struct>
  static void read_member(const Tree& tree, const std::string& key, const Rule& rule, Struct& member) {
    read(tree, key, member, rule);
  }

  template <class Struct>
  static void read_member(const Tree& tree, const std::string& key, const Rule& rule,
                          std::optional<Struct>& member) {
    read(tree, key, member.emplace(), rule);
  }

  template <class Item>
  static void read_member(const Tree& tree, const std::string& key, const Rule& rule,
                          std::vector<Item>& list) {
    if (tree.kind != Tree::Kind::list) throw unexpected(where(tree, key), "a list", tree);
    list.assign(tree.items.size(), Item{});
    for (std::size_t i = 0; i < list.size(); ++i) {
      read_member(tree.items[i], dotted(key, std::to_string(i)), rule, list[i]);
    }
  }

  template <class Value>
  static void read_member(const Tree& tree, const std::string& key, const Rule& rule,
                          std::map<std::string, Value>& map) {
    if (tree.kind != Tree::Kind::map) throw unexpected(where(tree, key), "a map", tree);
    map.clear();
    for (const Tree& entry : tree.items) {
      const std::string entry_key = dotted(key, one_line(entry.name));
      read_member(entry, entry_key, rule, map[expand_variables(entry.name, where(entry, entry_key))]);
    }
  }

  void refuse_unknown_keys() const {
    for (const Tree& entry : map_.items) {
      if (std::ranges::count(names_, entry.name) > 0) continue;
      if (const std::string now = successor_of(dotted(key_, entry.name)); !now.empty())
        throw usage_error("{}unknown key '{}', now {}", entry.place, dotted(key_, entry.name), now);
      const auto close = nearest(entry.name, names_);
      throw usage_error("{}unknown key '{}', {}", entry.place, dotted(key_, one_line(entry.name)),
                        close ? fmt::format("did you mean '{}'?", dotted(key_, *close))
                              : fmt::format("expected one of {}", join(names_, ", ")));
    }
  }

  const Tree& map_;
  const std::string& key_;
  const Rule& rule_;
  std::vector<std::string> names_;
};

}  // namespace fer
