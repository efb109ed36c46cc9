#include <gmock/gmock.h>

#include "support.hpp"

namespace fer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class LayoutConfigTest : public ConfigTest {
 protected:
  /// An experiment whose only source has this layout.
  static std::string with(const std::string& layout) {
    return "data:\n  sources:\n    - root: /data\n      layout: " + layout + "\n";
  }

  std::string error_with(const std::string& layout) const {
    const std::string text = error(with(layout));
    const std::string prefix = "one.yaml:4: data.sources.0.layout.";
    return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
  }
};

constexpr char kLayout[] =
    "pattern: '(?<subject>[A-Z]+)_(?<label>\\d)\\.png'\nvalues: {label: {0: neutral}}\n";

TEST_F(LayoutConfigTest, IsWrittenInline) {
  const SourceConfig source =
      load({with("{pattern: '(?<label>AN|HA)', values: {label: {AN: angry, HA: happy}}, ignore_case: true}")})
          .data.sources[0];
  EXPECT_EQ(source.kind, "layout");
  ASSERT_TRUE(source.layout);
  EXPECT_EQ(source.layout->pattern, "(?<label>AN|HA)");
  EXPECT_TRUE(source.layout->ignore_case);
  EXPECT_THAT(source.layout->values,
              ElementsAre(Pair("label", ElementsAre(Pair("AN", "angry"), Pair("HA", "happy")))));
}

TEST_F(LayoutConfigTest, OrLiesInAFileBesideTheExperiment) {
  std::filesystem::create_directories(folder_ / "sets");
  write_file(folder_ / "sets/mine.yaml", kLayout);
  const Experiment experiment = load({with("sets/mine.yaml")});
  EXPECT_EQ(experiment.data.sources[0].kind, "layout");
  EXPECT_EQ(experiment.data.sources[0].layout->pattern, "(?<subject>[A-Z]+)_(?<label>\\d)\\.png");
  EXPECT_EQ(load({dump_experiment(experiment)}), experiment);  // a run's config.yaml needs no other file
}

TEST_F(LayoutConfigTest, TheReadyOnesAreFoundFromAnywhere) {
  EXPECT_EQ(load({with("datasets/jaffe.yaml")}).data.sources[0].layout,
            load_layout(FER_SOURCE_DIR "/configs/datasets/jaffe.yaml"));
  EXPECT_EQ(load({}, {kSource, "data.sources.0.layout=datasets/jaffe.yaml"}).data.sources[0].layout,
            load_layout("datasets/jaffe.yaml"));
}

TEST_F(LayoutConfigTest, PartsOfAFilesLayoutMayBeOverridden) {
  const Experiment experiment =
      load({with("datasets/ckplus.yaml")}, {"data.sources.0.layout.sequence.last=1"});
  EXPECT_EQ(experiment.data.sources[0].layout->sequence.last, 1);
  EXPECT_EQ(experiment.data.sources[0].layout->sequence.first, 1);
}

TEST_F(LayoutConfigTest, EveryKeyComesBackFromTheDump) {
  LayoutConfig layout{.read = "table",
                      .pattern = "none",
                      .ignore_case = true,
                      .lists = {"a: b.csv"},
                      .columns = {{"_file", "File #1"}, {"x", "null"}},
                      .pixels = "p.csv",
                      .fields = {{"subject", "{_file}-$${x}"}},
                      .values = {{"x", {{"7", "-"}, {"a: b", "c"}}}, {"subject", {{"~", "{d}"}}}},
                      .sequence = {.by = {"x"}, .last = 3, .first = 1, .first_label = "happy"},
                      .votes = {.columns = {"sad"}, .others = {"NF"}, .min_votes = 2, .majority = 0.5}};
  Experiment experiment = load({}, {kSource});
  experiment.data.sources[0].kind = "layout";
  experiment.data.sources[0].layout = layout;
  EXPECT_EQ(load({dump_experiment(experiment)}), experiment) << dump_experiment(experiment);
  layout = {.read = "lines", .pattern = "(?<label>[^{]$)|\\s+ #", .lists = {"a"}, .image = "{label}.png"};
  experiment.data.sources[0].layout = layout;
  EXPECT_EQ(load({dump_experiment(experiment)}), experiment) << dump_experiment(experiment);
  experiment.data.sources[0].layout = LayoutConfig{.pattern = "(?<p>.)", .label_file = "{p}/*.txt"};
  EXPECT_EQ(load({dump_experiment(experiment)}), experiment) << dump_experiment(experiment);
}

TEST_F(LayoutConfigTest, NumbersHaveTheirRanges) {
  for (const Field& field : experiment_fields()) {
    if (!field.key.starts_with("data.sources.N.layout")) continue;
    if (field.type != "whole number" && field.type != "number") continue;
    const std::string key = "data.sources.0" + field.key.substr(std::string("data.sources.N").size());
    const std::string assignment = key + "=-1";
    EXPECT_EQ(override_error(assignment), fmt::format("--set {0}: {1}: expected a {2} {3}, got '-1'",
                                                      assignment, key, field.type, field.allowed));
  }
}

TEST_F(LayoutConfigTest, IsNotDumpedWhereThereIsNone) {
  EXPECT_THAT(dump_experiment(load({}, {kSource})), testing::Not(HasSubstr("layout")));
}

TEST_F(LayoutConfigTest, AMistakeInAFileIsShownWhereItStands) {
  write_file(folder_ / "bad.yaml", "read: files\npatern: x\n");
  EXPECT_EQ(error(with("bad.yaml")),
            "bad.yaml:2: unknown key 'data.sources.0.layout.patern', did you mean "
            "'data.sources.0.layout.pattern'?");
  write_file(folder_ / "bad.yaml", "ignore_case: true\npattern: '(?<label>[0-9)'\n");
  EXPECT_EQ(
      error(with("bad.yaml")),
      "bad.yaml:2: data.sources.0.layout.pattern: '(?<label>[0-9)' is no pattern: missing terminating ] "
      "for character class at character 15");
  write_file(folder_ / "bad.yaml", "- a\n");
  EXPECT_EQ(error(with("bad.yaml")), "bad.yaml:1: data.sources.0.layout: expected a map, got a list");
}

TEST_F(LayoutConfigTest, AFileThatIsNotThereIsAnError) {
  EXPECT_EQ(
      error(with("no.yaml")),
      "one.yaml:4: data.sources.0.layout: there is no layout file 'no.yaml', neither here nor in configs/");
}

TEST_F(LayoutConfigTest, KindAndLayoutBelongTogether) {
  EXPECT_EQ(error("data:\n  sources:\n    - {kind: layout, root: /data}\n"),
            "one.yaml:3: data.sources.0.layout: missing: a layout or the file that holds one");
  EXPECT_EQ(error("data:\n  sources:\n    - {kind: csv, root: /data, layout: datasets/jaffe.yaml}\n"),
            "one.yaml:3: data.sources.0.kind: expected layout beside a layout, got 'csv'");
}

TEST_F(LayoutConfigTest, HasToSayWhatIsRead) {
  EXPECT_EQ(error_with("{read: files}"), "pattern: missing with read: files");
  EXPECT_EQ(error_with("{read: lines, pattern: '(?<label>x)', image: a}"),
            "lists: missing: the files below the root to read with read: lines");
  EXPECT_EQ(error_with("{read: files, pattern: '(?<label>x)', lists: [a]}"),
            "lists: expected none with read: files; lines and table read lists");
  EXPECT_EQ(error_with("{read: table, lists: [a], columns: {label: b}}"),
            "image: missing: where the image of a row lies, as in 'images/{_file}'");
  EXPECT_EQ(error_with("{read: table, lists: [a], pattern: x, columns: {label: b}, image: a}"),
            "pattern: expected none with read: table, whose fields are columns");
  EXPECT_EQ(error_with("{read: table, lists: [a, b], columns: {label: b}, pixels: c}"),
            "pixels: expected a single list beside it");
  EXPECT_EQ(error_with("{read: words}"), "read: expected files, lines or table, got 'words'");
}

TEST_F(LayoutConfigTest, HasToSayWhereTheLabelIs) {
  EXPECT_EQ(error_with("{pattern: '(?<lable>x)'}"),
            "pattern: there is no field 'label', nor a label_file or votes");
  EXPECT_EQ(error_with("{pattern: '(?<label>x)', label_file: a.txt}"),
            "pattern: expected one of a field 'label', label_file and votes, got several");
}

TEST_F(LayoutConfigTest, NamesInBracesHaveToBeFields) {
  EXPECT_EQ(error_with("{pattern: '(?<label>x)(?<number>.)', fields: {subject: '{nummer}'}}"),
            "fields.subject: there is no field 'nummer', did you mean 'number'? (known: label, number)");
  EXPECT_EQ(error_with("{pattern: '(?<label>x)', image: 'a/{file'}"),
            "image: 'a/{file': expected a name and '}' after the '{' at character 3");
  EXPECT_EQ(error_with("{pattern: '(?<label>x)', sequence: {by: [clip]}}"),
            "sequence.by: there is no field 'clip' (known: label)");
  EXPECT_EQ(error_with("{pattern: '(?<label>x)', values: {sex: {F: f}}}"),
            "values.sex: there is no field 'sex' (known: label)");
}

TEST_F(LayoutConfigTest, TheReadyOnesAreValid) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(FER_SOURCE_DIR "/configs/datasets")) {
    EXPECT_NO_THROW(load_layout(entry.path())) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 8);
}

}  // namespace
}  // namespace fer
