#include "tree.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cctype>
#include <sstream>
#include <utility>

#include "fer/core/error.hpp"
#include "fer/core/text.hpp"

namespace fer {
namespace {

constexpr std::size_t kMostBytes = 1 << 20;
constexpr int kMostValues = 10000;
constexpr int kDeepest = 32;

/// Where a text came from: a file, whose lines count, or an override, which is its own place.
struct Origin {
  std::string name;
  bool has_lines;

  std::string place(int line) const {
    if (name.empty()) return "";
    return has_lines ? fmt::format("{}:{}: ", name, std::max(line, 0) + 1) : name + ": ";
  }
  std::string place(const YAML::Mark& mark) const { return place(mark.line); }  // -1 where there is none
};

/// From yaml-cpp's nodes, which are shared references, to values of our own.
class Converter {
 public:
  explicit Converter(const Origin& origin) : origin_(origin) {}

  Tree convert(const YAML::Node& node, const std::string& key, const std::string& place, int depth = 0) {
    if (depth > kDeepest) throw usage_error("{}nested deeper than {} levels", place, kDeepest);
    if (++values_ > kMostValues) throw usage_error("{}more than {} values", place, kMostValues);
    Tree tree{.place = place};
    if (node.IsScalar()) {
      tree.kind = Tree::Kind::scalar;
      tree.text = node.Scalar();
    } else if (node.IsSequence()) {
      tree.kind = Tree::Kind::list;
      for (const YAML::Node& item : node) {
        // yaml-cpp marks an empty entry where the next token stands.
        const std::string item_place = item.IsNull() ? place : origin_.place(item.Mark());
        tree.items.push_back(
            convert(item, dotted(key, std::to_string(tree.items.size())), item_place, depth + 1));
      }
    } else if (node.IsMap()) {
      tree.kind = Tree::Kind::map;
      for (const auto& entry : node) add_entry(tree, key, entry.first, entry.second, depth);
    }
    return tree;
  }

 private:
  void add_entry(Tree& map, const std::string& key, const YAML::Node& name, const YAML::Node& value,
                 int depth) {
    const std::string place = origin_.place(name.Mark());
    if (!name.IsScalar()) throw usage_error("{}expected a word as key, got a list, a map or nothing", place);
    const std::string full = one_line(dotted(key, name.Scalar()));
    if (entry_of(map, name.Scalar()) != nullptr) throw usage_error("{}duplicate key '{}'", place, full);
    map.items.push_back(convert(value, full, place, depth + 1));
    map.items.back().name = name.Scalar();
  }

  const Origin& origin_;
  int values_ = 0;
};

void refuse_what_is_no_text(const std::string& text, const Origin& origin) {
  if (text.size() > kMostBytes) {
    throw usage_error("{}larger than {} bytes, which no experiment is", origin.place(0), kMostBytes);
  }
  const auto odd = std::ranges::find_if(
      text, [](unsigned char c) { return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F; });
  if (odd == text.end()) return;
  const auto line = std::count(text.begin(), odd, '\n');
  throw usage_error("{}not a text file: byte 0x{:02X}", origin.place(static_cast<int>(line)),
                    static_cast<unsigned char>(*odd));
}

Error malformed(const YAML::Exception& error, const std::string& text, const Origin& origin) {
  const auto lines = split(text, '\n');
  const auto line = static_cast<std::size_t>(std::max(error.mark.line, 0));
  const bool variable = line < lines.size() && lines[line].find("${") != std::string::npos;
  return usage_error("{}not valid YAML: {}{}", origin.place(error.mark), error.msg,
                     variable ? " (inside [ ] and { } a ${NAME} has to stand in quotes)" : "");
}

/// Hears where a document starts and nothing else.
struct DocumentStart : YAML::EventHandler {
  YAML::Mark mark;

  void OnDocumentStart(const YAML::Mark& start) override { mark = start; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
  }
  void OnMapEnd() override {}
};

/// YAML::Load alone ignores whatever follows the first document, and YAML::LoadAll never ends on some of it
/// (",]").
void refuse_second_document(const std::string& text, const Origin& origin) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  DocumentStart start;
  if (parser.HandleNextDocument(start) && parser.HandleNextDocument(start)) {
    throw usage_error("{}not valid YAML: expected nothing after the first document",
                      origin.place(start.mark));
  }
}

/// The value of the whole text; nothing where it is empty.
Tree parse_text(const std::string& text, const std::string& key, const Origin& origin) {
  refuse_what_is_no_text(text, origin);
  try {
    refuse_second_document(text, origin);
    const YAML::Node root = YAML::Load(text);
    return Converter(origin).convert(root, key, origin.place(root.IsNull() ? 0 : root.Mark().line));
  } catch (const YAML::Exception& error) {
    throw malformed(error, text, origin);
  }
}

/// As it stands where it is made of letters, digits and `_./+-` alone, else in quotes.
std::string flow_scalar(const std::string& text) {
  const auto word = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '/'; };
  const auto plain = [&](unsigned char c) { return word(c) || c == '.' || c == '+' || c == '-'; };
  const bool starts_well = !text.empty() && word(text[text.size() > 1 && !word(text[0]) ? 1 : 0]);
  if (starts_well && to_lower(text) != "null" && std::ranges::all_of(text, plain)) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += byte < 0x20 || byte == 0x7F ? fmt::format("\\x{:02X}", byte) : std::string(1, c);
  }
  return quoted + '"';
}

/// The number of a list's entry, if `name` is one.
std::optional<std::size_t> entry_number(std::string_view name) {
  const auto number = parse_integer(name);
  if (!number || *number < 0) return std::nullopt;
  return static_cast<std::size_t>(*number);
}

/// The entry `name` of a list; the number after the last makes a new one.
Tree& list_entry(Tree& list, const std::string& name, const std::string& key, const std::string& place) {
  const auto number = entry_number(name);
  if (!number || *number > list.items.size()) {
    throw usage_error("{}{}: expected the number of an entry, 0 to {} ({} adds one), got '{}'", place, key,
                      list.items.size(), list.items.size(), name);
  }
  if (*number == list.items.size()) list.items.push_back({.place = place});
  return list.items[*number];
}

/// The child to write to, made where it is missing; what is neither list nor map becomes the one that fits.
Tree& child_for_writing(Tree& tree, const std::string& name, const std::string& key,
                        const std::string& place) {
  if (tree.kind == Tree::Kind::nothing && entry_number(name)) tree.kind = Tree::Kind::list;
  if (tree.kind == Tree::Kind::list) return list_entry(tree, name, key, place);
  if (tree.kind != Tree::Kind::map) {
    tree = {.kind = Tree::Kind::map, .place = place, .name = tree.name};
  }
  if (Tree* child = entry_of(tree, name)) return *child;
  tree.items.push_back({.place = place, .name = name});
  return tree.items.back();
}

}  // namespace

Tree* entry_of(Tree& map, std::string_view name) {
  const auto found = std::ranges::find(map.items, name, &Tree::name);
  return found == map.items.end() ? nullptr : &*found;
}

const Tree* entry_of(const Tree& map, std::string_view name) {
  const auto found = std::ranges::find(map.items, name, &Tree::name);
  return found == map.items.end() ? nullptr : &*found;
}

std::string one_line(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  return text;
}

std::string dotted(std::string_view parent, std::string_view name) {
  return parent.empty() ? std::string(name) : fmt::format("{}.{}", parent, name);
}

std::string found_text(const Tree& tree) {
  switch (tree.kind) {
    case Tree::Kind::scalar:
      return fmt::format("'{}'", one_line(tree.text));
    case Tree::Kind::list:
      return "a list";
    case Tree::Kind::map:
      return "a map";
    default:
      return "nothing";
  }
}

std::string place_of(const Tree& tree, std::string_view key) {
  const Tree* at = &tree;
  for (const std::string& name : split(key, '.')) {
    const auto number = entry_number(name);
    const Tree* child = at->kind != Tree::Kind::list           ? entry_of(*at, name)
                        : number && *number < at->items.size() ? &at->items[*number]
                                                               : nullptr;
    if (child == nullptr) break;
    at = child;
  }
  return at->place;
}

Tree parse_document(const std::string& text, const std::string& name) {
  Tree tree = parse_text(text, "", {.name = name, .has_lines = true});
  if (tree.kind == Tree::Kind::nothing) tree.kind = Tree::Kind::map;
  return tree;
}

void merge(Tree& base, Tree later) {
  if (base.kind != Tree::Kind::map || later.kind != Tree::Kind::map) {
    base = std::move(later);
    return;
  }
  base.place = later.place;
  for (Tree& item : later.items) {
    if (Tree* known = entry_of(base, item.name)) {
      merge(*known, std::move(item));
    } else {
      base.items.push_back(std::move(item));
    }
  }
}

void apply_value(Tree& tree, const std::string& key, const std::string& value, const std::string& place) {
  const Origin origin{.name = place, .has_lines = false};
  if (std::ranges::count(key, '.') >= kDeepest)
    throw usage_error("{}a key of more than {} parts", origin.place(0), kDeepest);
  Tree parsed = parse_text(value, key, origin);
  Tree* target = &tree;
  std::string path;
  for (const std::string& name : split(key, '.')) {
    target = &child_for_writing(*target, name, path, origin.place(0));
    path = dotted(path, name);
  }
  parsed.name = target->name;
  merge(*target, std::move(parsed));
}

void apply_override(Tree& tree, const std::string& assignment) {
  const std::string place = fmt::format("--set {}", one_line(assignment));
  const auto equals = assignment.find('=');
  if (equals == std::string::npos) throw usage_error("{}: expected KEY=VALUE, as in train.epochs=10", place);
  const std::string key(trim(std::string_view(assignment).substr(0, equals)));
  apply_value(tree, key, assignment.substr(equals + 1), place);
}

std::string flow_text(const Tree& tree) {
  if (tree.kind == Tree::Kind::nothing) return "null";
  if (tree.kind == Tree::Kind::scalar) return flow_scalar(tree.text);
  const bool map = tree.kind == Tree::Kind::map;
  std::string text;
  for (const Tree& item : tree.items) {
    text += fmt::format("{}{}{}", text.empty() ? "" : ", ", map ? flow_scalar(item.name) + ": " : "",
                        flow_text(item));
  }
  return map ? "{" + text + "}" : "[" + text + "]";
}

}  // namespace fer
