#include <gmock/gmock.h>

#include "support.hpp"

namespace fer {
namespace {

using testing::HasSubstr;

class Dump : public ConfigTest {};

TEST_F(Dump, ReadsLikeAnExperimentFile) {
  Experiment experiment;
  experiment.data.sources = {
      {.kind = "kdef", .root = "/data/KDEF"},
      {.kind = "csv", .root = "a b.csv", .map = {{"contempt", "-"}, {"6", "neutral"}}}};
  experiment.data.classes = {"happy", "very sad"};
  experiment.data.only = {{"angle", {"S", "half left"}}};
  experiment.train.optimizer.weight_decay = 1e-5;
  const std::string text = dump_experiment(experiment);
  EXPECT_THAT(text, testing::StartsWith("experiment:\n  name: fer\n  seed: 42\n  output: runs\ndata:\n"));
  EXPECT_THAT(text, HasSubstr(R"(
data:
  sources:
    - kind: kdef
      root: /data/KDEF
      map: {}
      name: auto
      weight: 1
      attributes: none
      own_people: false
    - kind: csv
      root: "a b.csv"
      map:
        "6": neutral
        contempt: "-"
      name: auto
      weight: 1
      attributes: none
      own_people: false
  classes: [happy, "very sad"]
  bins: {}
  only:
    angle: [S, "half left"]
  soft_labels: true
  split:
    method: auto
    val: 0.15
    test: 0
    seed: 42
    folds: 10
    fold: 1
    group: none
    file: none
    each_source: false
  allow_leakage: false
  exclude_leaked: false
  drop_suspects: none
  drop_suspects_share: 1
  cache:
    keep: true
    folder: auto
    max_gb: 50
    shard_mb: 0
    mixed_shards: 128
  on_bad_file: skip
  workers: -1
)"));
  EXPECT_THAT(text, HasSubstr("\n    weight_decay: 1.0e-05\n"));
}

TEST_F(Dump, OddTextsComeBack) {
  for (const std::string text :
       {"null",     "~",         "true",       "No",       "12",       "1e3",   ".nan",     "-",
        "- a",      "a: b",      "a #b",       " a ",      "'",        "\"",    "\\",       "${HOME}",
        "$${HOME}", "$$${HOME}", "$",          "${",       "a\nb\r\n", "\t",    "\x01\x7F", "[a]",
        "{a}",      "*a",        "&a",         "!a",       "%a",       "@a",    "`a",       "|",
        ">",        "?",         "Zoë/数据/😀", "C:\\data", "a,b",      "--- a", "..."}) {
    Experiment experiment;
    experiment.data.sources = {{.kind = "folder", .root = text}};
    experiment.data.classes = {text + "x", "another"};
    experiment.data.only = {{text, {text, "a"}}, {"b", {"c"}}};
    EXPECT_EQ(load({dump_experiment(experiment)}), experiment) << text;
  }
}

TEST_F(Dump, NumbersComeBackExactly) {
  for (const double value : {0.1, 1.0 / 3, 1e-300, 5e-324, 0.30000000000000004, 0.0}) {
    Experiment experiment = load({}, {kSource});
    experiment.augment.flip = value;
    EXPECT_EQ(load({dump_experiment(experiment)}), experiment) << value;
  }
}

TEST(ConfigurationDocument, IsTheGeneratedOne) {
  const std::filesystem::path path = FER_SOURCE_DIR "/docs/configuration.md";
  if (std::getenv("FER_UPDATE_GOLDEN") != nullptr) write_file(path, configuration_markdown());
  EXPECT_EQ(read_file(path), configuration_markdown())
      << "FER_UPDATE_GOLDEN=1 and the config tests rewrite docs/configuration.md";
}

TEST(ConfigurationDocument, HasARowForEveryKey) {
  const std::string text = configuration_markdown();
  for (const Field& field : experiment_fields()) {
    const bool is_section = field.key.find('.') == std::string::npos;
    EXPECT_THAT(text, HasSubstr(is_section ? "\n## " + field.key + "\n" : "\n| `" + field.key + "` | "));
  }
  EXPECT_THAT(text,
              HasSubstr("\n| `data.split.method` | text | `auto` | `auto`, `subject`, `random`, `kfold`, "
                        "`random_kfold`, `group_out`, `file`, `source` | "));
  EXPECT_THAT(text, HasSubstr("\n| `train.stages.N.lr` | number | `0.0001` | above 0, at most 10 | "));
}

}  // namespace
}  // namespace fer
