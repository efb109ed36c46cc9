#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scalar.hpp"

namespace fer {

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

}  // namespace fer
