#pragma once

#include "fer/config/data_config.hpp"
#include "scalar.hpp"

// The descriptions of a source's keys, for visitors.hpp.

namespace fer {

template <class Visitor>
void describe(Visitor& visitor, SequenceConfig& sequence) {
  visitor.field("by", sequence.by, anything(),
                "Fields that tell sequences apart; empty: every image stands alone.");
  visitor.field("last", sequence.last, from_to(0, 100000),
                "Images at a sequence's end that show its label; 0: all.");
  visitor.field("first", sequence.first, from_to(0, 100000),
                "Images at its beginning that show `first_label`; those between are left aside.");
  visitor.field("first_label", sequence.first_label, anything(), "The label of the `first` images.");
}

template <class Visitor>
void describe(Visitor& visitor, VotesConfig& votes) {
  visitor.field("columns", votes.columns, anything(),
                "Columns that count the votes for the class of their name; empty: there are no votes.");
  visitor.field("others", votes.others, anything(),
                "Columns with votes for what is no class, such as `unknown`; an image that has most votes "
                "there is left out.");
  visitor.field("min_votes", votes.min_votes, from_to(0, 1000000),
                "Fewer votes for something count as none.");
  visitor.field("majority", votes.majority, from_to_below(0, 1),
                "Images are left out unless their label has more than this share of all votes; 0: every one "
                "stays.");
}

template <class Visitor>
void describe(Visitor& visitor, LayoutConfig& layout) {
  visitor.field("read", layout.read, one_of({"files", "lines", "table"}),
                "What names the samples: the image `files` below the root, the `lines` of text files, or the "
                "rows of a CSV `table`.");
  visitor.field("pattern", layout.pattern, anything(),
                "Regular expression (PCRE2) with named groups, `(?<label>[A-Z]+)`, that a line fits as a "
                "whole, a file's path below the root as a whole or from behind a `/` on. `label`, `subject` "
                "and `split` are known, other names become attributes, save those that begin with `_`.");
  visitor.field("ignore_case", layout.ignore_case, anything(),
                "Whether the pattern and `values` take upper and lower case as the same.");
  visitor.field("lists", layout.lists, anything(),
                "Files below the root that `lines` and `table` read; the field `_list` is the name of each, "
                "without extension.");
  visitor.field("columns", layout.columns, anything(),
                "The column of a `table` for each field: `{label: expression}`.");
  visitor.field("image", layout.image, anything(),
                "The image's path below the root, with fields in braces: `aligned/{_name}_aligned.jpg`; "
                "needed with `lines` and `table`.");
  visitor.field("pixels", layout.pixels, anything(),
                "In place of `image`: a CSV file below the root whose column `pixels` holds the images, row "
                "by row as in the list (`fer2013.csv`).");
  visitor.field("label_file", layout.label_file, anything(),
                "A file below the root whose text is the label, with fields in braces and one `*` in its "
                "name; whole numbers are taken as such (`3.0e+00` is `3`).");
  visitor.field("fields", layout.fields, anything(),
                "Further fields, made of others: `{subject: \"{sex}{_number}\", ethnicity: Japanese}`; one "
                "is missing where what it is made of is.");
  visitor.field("values", layout.values, anything(),
                "What a field's texts mean: `{label: {AN: angry, \"7\": \"-\"}}`; a label `-` leaves the "
                "sample out, a text that is not named stays as it is.");
  visitor.field("sequence", layout.sequence, anything(), "Which images of a sequence are samples.");
  visitor.field("votes", layout.votes, anything(),
                "Labels by votes, of a `table`: the class with most of them, and its share beside those of "
                "the others as a soft label.");
}

template <class Visitor>
void describe(Visitor& visitor, SourceConfig& source) {
  visitor.field("kind", source.kind, one_of({"kdef", "folder", "csv", "fer2013_csv", "layout"}),
                "KDEF's file names, a folder per class, a `path,label` list, `fer2013.csv`, or as `layout` "
                "says.");
  visitor.field("root", source.root, anything(),
                "The folder (`kdef`, `folder`, `layout`) or the list file. Required.");
  visitor.field(
      "map", source.map, anything(),
      "What the source's own words for classes mean: `{contempt: disgust, \"6\": neutral}`; `-` leaves "
      "a word's samples out. Common names (anger, Happiness, AF …) need no entry.");
  visitor.field(
      "name", source.name, anything(),
      "What the source is called: its samples' attribute `source`. `auto`: its kind, numbered where "
      "that is taken.");
  visitor.field("weight", source.weight, above_up_to(0, 1e6),
                "How many times as often as others its images are drawn for training, besides what "
                "`train.balance` gives them; with `balance: [source]` its share among the sources.");
  visitor.field(
      "attributes", source.attributes, anything(),
      "A CSV table of attributes with a column `subject` or `path` to join by; every further column "
      "(sex, age, ethnicity, …) is an attribute.");
  visitor.field(
      "own_people", source.own_people, anything(),
      "Its subjects are nobody of the other sources, even under the same names; else one name is one "
      "person, and nobody may be in two parts.");
  visitor.field("layout", source.layout, anything(),
                "How the images are named and listed: a map of the keys below, or the YAML file that holds "
                "them, from the folder of the file that names it, the working directory or `configs/` on: "
                "`datasets/jaffe.yaml`. See [datasets.md](datasets.md).");
}

}  // namespace fer
