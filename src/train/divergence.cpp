#include "divergence.hpp"

#include <fmt/format.h>

#include "fer/core/csv.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"

namespace fer {

std::string describe(const Diverged& diverged, const TrainingData& data, const PartCrops& train,
                     const std::filesystem::path& list) {
  if (diverged.samples.empty()) return diverged.what;
  constexpr std::size_t kNamed = 3;
  std::string rows = csv_line(std::vector<std::string>{"path", "label"});
  std::vector<std::string> named;
  for (const std::size_t position : diverged.samples) {
    const Sample& sample = data.faces.dataset.samples[train.samples[position]];
    rows += csv_line(std::vector<std::string>{sample.path, data.faces.dataset.classes.name(sample.label)});
    if (named.size() < kNamed) named.push_back(sample.path);
  }
  write_file(list, rows);
  return fmt::format("{} at the batch of {}{} (all are in {})", diverged.what, join(named, ", "),
                     diverged.samples.size() > kNamed ? ", …" : "", list.string());
}

}  // namespace fer
