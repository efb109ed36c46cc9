// Driven by the description, so that a key added to it is covered without a word here; that every member of
// every struct is described is checked by counting members.
#include <algorithm>
#include <map>
#include <set>

#include "fer/core/text.hpp"
#include "support.hpp"

namespace fer {
namespace {

class Fields : public ConfigTest {};

struct Anything {
  template <class T>
  operator T() const;
};

template <std::size_t>
using AnythingAt = Anything;

template <class Struct, std::size_t... I>
constexpr bool takes(std::index_sequence<I...>) {
  return requires { Struct{AnythingAt<I>{}...}; };
}

/// How many members an aggregate has: the most values its braces take.
template <class Struct, std::size_t N = 0>
constexpr std::size_t members() {
  if constexpr (takes<Struct>(std::make_index_sequence<N + 1>{})) return members<Struct, N + 1>();
  return N;
}

std::size_t described(const std::string& parent) {
  const std::string prefix = parent.empty() ? "" : parent + ".";
  return std::ranges::count_if(experiment_fields(), [&](const Field& field) {
    return field.key.starts_with(prefix) && field.key.find('.', prefix.size()) == std::string::npos;
  });
}

TEST_F(Fields, EveryMemberIsDescribed) {
  EXPECT_EQ(described(""), members<Experiment>());
  EXPECT_EQ(described("experiment"), members<RunConfig>());
  EXPECT_EQ(described("data"), members<DataConfig>());
  EXPECT_EQ(described("data.sources.N"), members<SourceConfig>());
  EXPECT_EQ(described("data.sources.N.layout"), members<LayoutConfig>());
  EXPECT_EQ(described("data.sources.N.layout.sequence"), members<SequenceConfig>());
  EXPECT_EQ(described("data.sources.N.layout.votes"), members<VotesConfig>());
  EXPECT_EQ(described("data.split"), members<SplitConfig>());
  EXPECT_EQ(described("data.cache"), members<CacheConfig>());
  EXPECT_EQ(described("face"), members<FaceConfig>());
  EXPECT_EQ(described("input"), members<InputConfig>());
  EXPECT_EQ(described("augment"), members<AugmentConfig>());
  EXPECT_EQ(described("augment.rotate"), members<ChangeConfig>());
  EXPECT_EQ(described("model"), members<ModelConfig>());
  EXPECT_EQ(described("train"), members<TrainConfig>());
  EXPECT_EQ(described("train.stages.N"), members<StageConfig>());
  EXPECT_EQ(described("train.optimizer"), members<OptimizerConfig>());
  EXPECT_EQ(described("train.schedule"), members<ScheduleConfig>());
  EXPECT_EQ(described("train.loss"), members<LossConfig>());
  EXPECT_EQ(described("train.mix"), members<MixConfig>());
  EXPECT_EQ(described("train.distill"), members<DistillConfig>());
  EXPECT_EQ(described("train.early_stopping"), members<EarlyStoppingConfig>());
  const auto maps = std::ranges::count_if(experiment_fields(), [](const Field& field) {
    return field.type == "map" || field.type == "list of maps" || field.type == "map or file";
  });
  EXPECT_EQ(maps, 34) << "a struct was added: count its members above";
}

TEST_F(Fields, EverySentenceIsOne) {
  std::set<std::string> keys;
  for (const Field& field : experiment_fields()) {
    EXPECT_TRUE(keys.insert(field.key).second) << field.key << " is described twice";
    EXPECT_GT(field.sentence.size(), 8U) << field.key;
    EXPECT_TRUE(field.sentence.ends_with('.')) << field.key;
    EXPECT_EQ(field.sentence.find_first_of("|\n"), std::string::npos) << field.key;
  }
}

/// A valid value that is not the default.
std::string other_value(const Field& field) {
  // Held to more than their own range by the experiment as a whole.
  static const std::map<std::string, std::string> kSpecial = {
      {"train.device", "cuda:3"},
      {"train.max_time", "1h30m"},
      {"data.classes", "[\"sad: a\", happy]"},
      {"data.sources.N.map", "{\"a: b\": happy, \"6\": \"-\"}"},
      {"data.bins", "{age: [18, \"60.5\"]}"},
      {"train.balance", "[label, \"a: b\"]"},
      {"train.distill.teachers", "[\"a: b\"]"},
      {"data.only", "{angle: [S, \"half: left\"], sex: [F]}"}};
  if (const auto special = kSpecial.find(field.key); special != kSpecial.end()) return special->second;
  for (const std::string& choice : field.choices) {
    if (choice != field.default_value) return choice;
  }
  if (!field.choices.empty()) return field.choices.front();
  if (field.type == "true or false") return field.default_value == "true" ? "false" : "true";
  if (field.type == "whole number") return std::to_string(parse_integer(field.default_value).value() + 1);
  if (field.type == "number") {
    const double value = parse_number(field.default_value).value();
    return fmt::format("{}", value > 0.5 ? value - 0.0123456789012345 : value + 0.0123456789012345);
  }
  return "\"#1: [odd] 'text', \\\"$\\\" $${x} \\\\ \\t é\"";
}

/// But those of a layout, whose keys only make sense together: layout_test.cpp.
std::vector<Field> scalars_and_texts() {
  std::vector<Field> fields = experiment_fields();
  std::erase_if(fields, [](const Field& field) {
    return field.type == "map" || field.type == "list of maps" ||
           field.key.starts_with("data.sources.N.layout");
  });
  return fields;
}

std::string first_entry(std::string key) {
  if (const auto at = key.find(".N."); at != std::string::npos) key.replace(at, 3, ".0.");
  return key;
}

/// A second stage lets the first have epochs of its own.
// A detector with landmarks, so that faces can be aligned.
const std::vector<std::string> kBase = {kSource, "train.stages=[{epochs: 2}, {}]", "face.detector=mtcnn"};

TEST_F(Fields, EveryKeyCanBeSetAloneAndComesBackFromTheDump) {
  const Experiment base = load({}, kBase);
  for (const Field& field : scalars_and_texts()) {
    auto overrides = kBase;
    overrides.push_back(first_entry(field.key) + "=" + other_value(field));
    const Experiment changed = load({}, overrides);
    EXPECT_EQ(changed == base, field.choices.size() == 1) << overrides.back();
    EXPECT_EQ(load({dump_experiment(changed)}), changed) << dump_experiment(changed);
  }
}

TEST_F(Fields, AllKeysTogetherComeBackFromTheDump) {
  auto overrides = kBase;
  for (const Field& field : scalars_and_texts()) {
    if (field.key == "train.stages.N.views") continue;  // neither with a size nor with teachers
    if (field.key == "data.cache.shard_mb") continue;   // not with train.balance
    overrides.push_back(first_entry(field.key) + "=" + other_value(field));
  }
  const Experiment changed = load({}, overrides);
  EXPECT_EQ(load({dump_experiment(changed)}), changed) << dump_experiment(changed);
}

TEST_F(Fields, EveryDefaultIsTheStructs) {
  std::vector<std::string> overrides = {kSource, "train.stages=[{}]"};
  const Experiment defaults = load({}, overrides);
  const TrainConfig of_struct;  // GCC 12 takes the members of a temporary TrainConfig{} for uninitialised
  EXPECT_EQ(defaults.train, of_struct);
  for (const Field& field : experiment_fields()) {
    if (field.type == "map" || field.key.starts_with("data.sources")) continue;
    overrides.push_back(first_entry(field.key) + "=" + field.default_value);
  }
  EXPECT_EQ(load({}, overrides), defaults);
}

TEST_F(Fields, EveryChoiceIsTaken) {
  for (const Field& field : scalars_and_texts()) {
    for (const std::string& choice : field.choices) {
      if (choice == "layout") continue;  // does not stand alone
      EXPECT_EQ(error_of({}, {kSource, "data.split={file: split.csv, group: sex}",
                              first_entry(field.key) + "=" + choice}),
                "no error")
          << field.key;
    }
  }
}

TEST_F(Fields, EveryRangeIsHeld) {
  for (const Field& field : scalars_and_texts()) {
    if (field.type != "whole number" && field.type != "number") continue;
    for (const std::string value : {"-1000000000000", "1000000000000000000000"}) {
      const std::string assignment = first_entry(field.key) + "=" + value;
      const std::string range =
          field.key.ends_with("seed") ? "from 0 to 18446744073709551615" : field.allowed;
      EXPECT_EQ(override_error(assignment),
                fmt::format("--set {}: {}: expected a {} {}, got '{}'", assignment, first_entry(field.key),
                            field.type, range, value));
    }
  }
}

}  // namespace
}  // namespace fer
