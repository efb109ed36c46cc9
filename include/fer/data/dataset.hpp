#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <opencv2/core.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fer/core/labels.hpp"
#include "fer/data/layout.hpp"

namespace fer {

/// One labelled image.
struct Sample {
  std::string path;     ///< the image file; for images inside a CSV "list.csv:LINE"
  int label = 0;        ///< index into the data set's class list
  std::string subject;  ///< the same text for the same person; empty: not known
  std::string split;    ///< "train", "val" or "test" where the data set itself says so, else empty
  std::map<std::string, std::string> attributes;  ///< session, sex, angle, … to report by
  std::vector<std::uint8_t> pixels;               ///< 48x48 grey values of an image that lies inside a CSV
  std::vector<float> shares = {};                 ///< of the votes, by class, sum 1; empty: the label alone
  std::string source = {};                        ///< what the source it comes from is called
};

/// A file that looked like a sample and is none.
struct RejectedFile {
  std::string path;
  std::string reason;
  std::string unknown_class = {};  ///< the word for its class, where that is why
};

/// What a reader found.
struct Dataset {
  ClassList classes;
  std::vector<Sample> samples;  ///< source by source: files sorted by path, rows of a list as they stand
  std::vector<RejectedFile> rejected;
  std::vector<std::string> left_out = {};  ///< paths of the samples that keep_only() took away
  std::vector<std::string> warnings = {};  ///< what a person should know of the reading, a line each
};

/// The values each attribute may have, by its name.
using AllowedValues = std::map<std::string, std::vector<std::string>>;

/// Takes away the samples that lack one of the attributes (`source` and `subject` are some) or have another
/// value of it. Throws a usage error for an attribute or a value that no sample has, and if no sample is
/// left.
void keep_only(Dataset& dataset, const AllowedValues& allowed);

/// A row of the table of readers.
struct DatasetReader {
  std::string name;
  std::string summary;
  std::function<Dataset(const std::filesystem::path& root, const LabelMap& labels)> read;
};

/// `kdef`, `folder`, `csv` and `fer2013_csv`; the one list behind configuration, help and error texts.
std::span<const DatasetReader> dataset_readers();

/// The row of that name; throws a usage error that lists the names for an unknown one.
const DatasetReader& dataset_reader(std::string_view kind);

/// Where samples come from and how they are read.
struct DatasetSource {
  std::string kind;  ///< a row of dataset_readers(), or "layout"
  std::filesystem::path root = {};
  std::map<std::string, std::string> words = {};  ///< of its own for classes, as in LabelMap
  std::optional<Layout> layout = {};              ///< takes the place of a row
  std::string name = {};                          ///< empty: see source_names()
  std::filesystem::path attributes = {};          ///< a table for join_attributes(); empty: none
  bool own_people = false;                        ///< subjects become NAME:SUBJECT, nobody of other sources
};

/// The row of its kind, or one that reads as its layout says.
DatasetReader reader_of(const DatasetSource& source);

/// What each source is called: by its name, else by its kind, which is numbered (kdef-2) where it is taken.
std::vector<std::string> source_names(std::span<const DatasetSource> sources);

/// What `source` holds, with its further attributes, as samples of the source called `name`. Throws what its
/// reader and join_attributes() throw, and a data error for an attribute that is called "source".
Dataset read_source(const DatasetSource& source, const std::string& name, const ClassList& classes);

/// All sources as one data set. Throws a data error for a root that is missing or holds no sample,
/// and one that names every class without an image.
Dataset read_dataset(std::span<const DatasetSource> sources, const ClassList& classes);

/// What a KDEF file name says: session A|B, sex F|M, number 01-35, emotion, angle.
struct KdefName {
  char session;
  char sex;
  std::string number;
  std::string emotion;  ///< canonical label
  std::string angle;    ///< "S", "HL", "HR", "FL" or "FR"

  /// Sex and number: AF01 and BF01 are two sessions of one person.
  std::string subject() const { return sex + number; }
};

/// [AB][FM]NN(AF|AN|DI|HA|NE|SA|SU)(S|HL|HR|FL|FR).JPG, case ignored; nothing for any other name.
std::optional<KdefName> parse_kdef_name(std::string_view file_name);

/// Who a subject is: "F01" for "AF01" and "BF01", which are KDEF's two sessions of one person, in any source;
/// every other name stands for itself.
std::string person_of(const std::string& subject);

/// The sample's image, RGB. Throws a data error naming it if it cannot be decoded or its file is cut off.
cv::Mat load_image(const Sample& sample);

/// path,reason: one row per rejected file.
std::string rejected_csv(const Dataset& dataset);

}  // namespace fer
