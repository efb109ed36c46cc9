#include "data/attribute_table.hpp"
#include "data/readers.hpp"
#include "data/split_file.hpp"
#include "fer/core/error.hpp"
#include "fer/data/suspects.hpp"
#include "target.hpp"

namespace fer {
namespace {

Dataset some_samples() {
  Dataset dataset{.classes = ClassList(canonical_classes()), .samples = {}, .rejected = {}};
  for (const char* name : {"a/1.png", "a/2.png", "b/1.png"}) {
    Sample sample;
    sample.path = name;
    sample.subject = "AF0" + std::to_string(dataset.samples.size() + 1);
    dataset.samples.push_back(std::move(sample));
  }
  return dataset;
}

template <class Read>
void try_reading(const Read& read) {
  try {
    read();
  } catch (const Error& error) {
    require(error.kind() != ErrorKind::failure, error.what());
  }
}

}  // namespace
}  // namespace fer

/// A table read as every kind of list there is of samples; its columns say which it can be.
void fer::fuzz(std::string_view bytes) {
  const std::filesystem::path file = as_file(bytes, "list.csv");
  const LabelMap labels(ClassList(canonical_classes()), {{"contempt", "-"}});
  Dataset dataset = some_samples();
  std::vector<Part> parts(dataset.samples.size(), Part::train);
  try_reading([&] { read_csv(file, labels); });
  try_reading([&] { read_fer2013_csv(file, labels); });
  try_reading([&] { read_split_file(file, dataset); });
  try_reading([&] { drop_suspects(dataset, file, 0.5, parts); });
  try_reading([&] { join_attributes(file, dataset); });
}
