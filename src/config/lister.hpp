#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fer/config/load.hpp"
#include "scalar.hpp"

namespace fer {

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
