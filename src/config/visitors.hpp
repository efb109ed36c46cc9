#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fer/config/load.hpp"
#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "scalar.hpp"
#include "tree.hpp"

// What is done with a description. Each struct has one function
//     describe(visitor, struct)
// that calls visitor.field(name, member, rule, sentence) once per member, in order. A member is a scalar, a
// list of texts (the rule holds for each), a map from names to any of these, another described struct, one
// that may be missing, or a list of those. A described struct finds the rule it was itself given in
// visitor.rule().

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

/// Writes a struct as YAML.
class Writer {
 public:
  template <class Struct>
  static std::string write(Struct value, std::size_t indent = 0) {
    Writer writer(indent);
    describe(writer, value);
    return writer.text_;
  }

  template <class Member>
  void field(std::string_view name, const Member& member, const Rule&, std::string_view) {
    text_ += fmt::format("{}{}:{}\n", std::string(indent_, ' '), name, value_text(member));
  }

  template <class Struct>
  void field(std::string_view name, const std::optional<Struct>& member, const Rule& rule,
             std::string_view sentence) {
    if (member) field(name, *member, rule, sentence);
  }

  static Rule rule() { return {}; }

 private:
  explicit Writer(std::size_t indent) : indent_(indent) {}

  template <Scalar T>
  std::string value_text(const T& value) const {
    return " " + scalar_yaml(value);
  }

  template <class Struct>
  std::string value_text(const Struct& value) const {
    return "\n" + without_line_end(write(value, indent_ + 2));
  }

  template <class Item>
  std::string value_text(const std::vector<Item>& list) const {
    std::string text;
    for (const Item& item : list) {
      if constexpr (Scalar<Item>) {
        text += (text.empty() ? "" : ", ") + scalar_yaml(item);
      } else {
        std::string block = write(item, indent_ + 4);
        block[indent_ + 2] = '-';
        text += "\n" + without_line_end(block);
      }
    }
    return Scalar<Item> || list.empty() ? " [" + text + "]" : text;
  }

  template <class Value>
  std::string value_text(const std::map<std::string, Value>& map) const {
    if (map.empty()) return " {}";
    std::string text;
    const Writer inner(indent_ + 2);
    for (const auto& [name, value] : map) {
      text += fmt::format("\n{}{}:{}", std::string(inner.indent_, ' '), scalar_yaml(name),
                          inner.value_text(value));
    }
    return text;
  }

  static std::string without_line_end(std::string text) {
    text.pop_back();
    return text;
  }

  std::size_t indent_;
  std::string text_;
};

/// Lists the keys of a struct with what its description says of them.
class Lister {
 public:
  template <class Struct>
  static void list(std::string prefix, Struct value, std::vector<Field>& fields, const Rule& rule = {}) {
    Lister lister(std::move(prefix), fields, rule);
    describe(lister, value);
  }

  template <class Member>
  void field(std::string_view name, const Member& member, const Rule& rule, std::string_view sentence) {
    add(member,
        {.key = prefix_ + std::string(name),
         .allowed = rule.choices.empty() ? range_text(rule) : choices_text(rule),
         .choices = rule.choices,
         .sentence = std::string(sentence)},
        rule);
  }

  const Rule& rule() const { return rule_; }

 private:
  Lister(std::string prefix, std::vector<Field>& fields, const Rule& rule)
      : prefix_(std::move(prefix)), fields_(fields), rule_(rule) {}

  template <Scalar T>
  void add(const T& member, Field field, const Rule&) {
    field.type = type_text<T>();
    field.default_value = scalar_yaml(member);
    fields_.push_back(std::move(field));
  }

  template <class Struct>
  void add(const Struct& member, Field field, const Rule& rule) {
    field.type = "map";
    field.allowed.clear();
    fields_.push_back(field);
    list(field.key + ".", member, fields_, rule);
  }

  template <class Struct>
  void add(const std::optional<Struct>&, Field field, const Rule&) {
    field.type = "map or file";
    fields_.push_back(field);
    list(field.key + ".", Struct{}, fields_);
  }

  template <class Item>
  void add(const std::vector<Item>& member, Field field, const Rule&) {
    field.type = Scalar<Item> ? "list of texts" : "list of maps";
    // Entries of a list of maps are at their own defaults: {}.
    field.default_value = member.empty() ? "[]" : "[{}]";
    fields_.push_back(field);
    if constexpr (!Scalar<Item>) list(field.key + ".N.", Item{}, fields_);
  }

  template <class Value>
  void add(const std::map<std::string, Value>&, Field field, const Rule&) {
    field.type = "map of " + of_what(Value{});
    field.default_value = "{}";
    fields_.push_back(std::move(field));
  }

  static std::string of_what(const std::string&) { return "texts"; }
  static std::string of_what(const std::vector<std::string>&) { return "lists"; }
  static std::string of_what(const std::map<std::string, std::string>&) { return "maps"; }

  std::string prefix_;
  std::vector<Field>& fields_;
  const Rule& rule_;
};

}  // namespace fer
