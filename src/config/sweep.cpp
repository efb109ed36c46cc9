#include "fer/config/sweep.hpp"

#include <algorithm>
#include <set>

#include "documents.hpp"
#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "visitors.hpp"

namespace fer {
namespace {

constexpr int kMostSeeds = 1000;
constexpr std::size_t kMostKeys = 100;

struct SweepFile {
  std::string name;
  int folds = 0;
  Tree seeds;
  Tree vary;
};

template <class Visitor>
void describe(Visitor& visitor, SweepFile& file) {
  visitor.field("name", file.name, anything(), "");
  visitor.field("folds", file.folds, from_to(2, 1000), "");
  visitor.field("seeds", file.seeds, anything(), "");
  visitor.field("vary", file.vary, anything(), "");
}

/// Without the ": " at the end.
std::string bare(const std::string& place) { return place.substr(0, place.size() - 2); }

void refuse_twice(const std::string& where, const std::string& value, std::set<std::string>& values) {
  if (!values.insert(value).second) throw usage_error("{}: {} stands there twice", where, value);
}

void read_seeds(const Tree& tree, Sweep& sweep) {
  if (tree.place.empty()) return;
  const std::string where = tree.place + "seeds";
  if (tree.kind == Tree::Kind::scalar) {
    read_scalar(tree, from_to(1, kMostSeeds), where, sweep.seed_count);
    return;
  }
  if (tree.kind != Tree::Kind::list || tree.items.empty())
    throw unexpected(where, "a number or a list of seeds", tree);
  std::set<std::string> seen;
  for (const Tree& item : tree.items) {
    read_scalar(item, anything(), where, sweep.seeds.emplace_back());
    refuse_twice(where, std::to_string(sweep.seeds.back()), seen);
  }
}

/// What the sweep says by other means, or makes itself.
void refuse_own_key(const std::string& where, const std::string& key) {
  if (key == "experiment.seed") throw usage_error("{}: say it as 'seeds'", where);
  if (key == "train.repeats") throw usage_error("{}: a sweep has 'seeds' in place of it", where);
  if (key == "experiment" || key.starts_with("experiment."))
    throw usage_error("{}: a sweep names its runs and their folders itself", where);
}

SweepKey read_key(const Tree& tree) {
  const std::string where = tree.place + "vary." + one_line(tree.name);
  if (tree.kind != Tree::Kind::list || tree.items.empty()) throw unexpected(where, "a list of values", tree);
  refuse_own_key(where, tree.name);
  SweepKey key{.key = tree.name, .values = {}, .place = bare(tree.place)};
  std::set<std::string> seen;
  for (const Tree& item : tree.items) {
    key.values.push_back(flow_text(item));
    refuse_twice(where, key.values.back(), seen);
  }
  return key;
}

void read_keys(const Tree& tree, Sweep& sweep) {
  if (tree.place.empty()) return;
  if (tree.kind != Tree::Kind::map)
    throw unexpected(tree.place + "vary", "a map from keys to lists of values", tree);
  if (tree.items.size() > kMostKeys) throw usage_error("{}vary: more than {} keys", tree.place, kMostKeys);
  for (const Tree& entry : tree.items) sweep.vary.push_back(read_key(entry));
}

void check_name(const Sweep& sweep) {
  const bool folder =
      !sweep.name.empty() && sweep.name.find('/') == std::string::npos && !sweep.name.starts_with('.');
  if (!folder)
    throw usage_error("{}: name: expected the name of a folder, got '{}'", sweep.file, one_line(sweep.name));
}

}  // namespace

Sweep load_sweep(const std::filesystem::path& file) {
  const Tree tree = read_document(file);
  if (tree.kind != Tree::Kind::map) throw unexpected(tree.place + "the sweep", "a map", tree);
  SweepFile read{.name = file.stem().string(), .folds = 0, .seeds = {}, .vary = {}};
  Reader::read(tree, "", read);
  Sweep sweep{.name = std::move(read.name), .folds = read.folds, .file = file.string()};
  check_name(sweep);
  read_seeds(read.seeds, sweep);
  read_keys(read.vary, sweep);
  return sweep;
}

}  // namespace fer
