#include "fer/data/layout.hpp"

#include <cmath>

#include "fer/data/dataset.hpp"
#include "target.hpp"

namespace fer {
namespace {

Layout table_with_votes() {
  return {.read = "table",
          .lists = {"list"},
          .columns = {{"subject", "who"}, {"_file", "file"}, {"split", "part"}},
          .image = "{_file}",
          .fields = {{"origin", "{subject}-{_list}"}},
          .sequence = {.by = {"subject"}, .last = 2, .first = 1},
          .votes = {.columns = {"happy", "sad", "contempt"}, .others = {"unsure"}, .majority = 0.3}};
}

Layout lines_with_label_files() {
  return {.read = "lines",
          .pattern = R"((?<_file>\S+)( (?<subject>\w+))?)",
          .lists = {"list"},
          .image = "{_file}",
          .label_file = "{_file}*"};
}

/// No image is opened: a layout only asks whether it is there.
void check(const Dataset& dataset, const std::filesystem::path& root) {
  for (const Sample& sample : dataset.samples) {
    require(sample.label >= 0 && sample.label < dataset.classes.size(), "a label that is no class");
    for (const float share : sample.shares) require(share >= 0 && share <= 1.001F, "a share that is none");
    const auto below = std::filesystem::path(sample.path).lexically_normal().lexically_relative(root);
    require(!below.empty() && *below.begin() != "..", "an image outside the root");
  }
}

}  // namespace
}  // namespace fer

/// A list of the images of a data set, as a table and as lines.
void fer::fuzz(std::string_view bytes) {
  const std::filesystem::path root = as_file(bytes, "list").parent_path();
  const LabelMap labels(ClassList(canonical_classes()), {{"contempt", "-"}});
  check(read_layout(root, lines_with_label_files(), labels), root);
  check(read_layout(root, table_with_votes(), labels), root);
}
