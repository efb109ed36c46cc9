#include "fer/data/dataset.hpp"

#include <algorithm>
#include <array>
#include <opencv2/imgproc.hpp>
#include <set>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"
#include "fer/vision/image.hpp"
#include "readers.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

constexpr int kCsvImageSide = 48;

void append(Dataset& whole, Dataset part) {
  std::ranges::move(part.samples, std::back_inserter(whole.samples));
  std::ranges::move(part.rejected, std::back_inserter(whole.rejected));
}

void require_every_class(const Dataset& dataset, std::span<const DatasetSource> sources) {
  std::vector<bool> present(static_cast<std::size_t>(dataset.classes.size()));
  for (const Sample& sample : dataset.samples) present[static_cast<std::size_t>(sample.label)] = true;
  std::vector<std::string> absent;
  for (int label = 0; label < dataset.classes.size(); ++label) {
    if (!present[static_cast<std::size_t>(label)]) absent.push_back(dataset.classes.name(label));
  }
  if (absent.empty()) return;
  std::vector<std::string> roots;
  for (const DatasetSource& source : sources) roots.push_back(source.root.string());
  throw data_error("{}: no image of class {} (name the classes you have under data.classes)",
                   join(roots, ", "), join(absent, ", "));
}

std::vector<std::string> attribute_names(const Dataset& dataset) {
  std::set<std::string> names;
  for (const Sample& sample : dataset.samples) {
    for (const auto& [name, value] : sample.attributes) names.insert(name);
  }
  return {names.begin(), names.end()};
}

std::vector<std::string> values_of(const Dataset& dataset, const std::string& attribute) {
  std::set<std::string> values;
  for (const Sample& sample : dataset.samples) {
    if (const auto found = sample.attributes.find(attribute); found != sample.attributes.end())
      values.insert(found->second);
  }
  return {values.begin(), values.end()};
}

/// The first few of `names`, for an error.
std::string some_of(std::span<const std::string> names) {
  constexpr std::size_t kShown = 12;
  if (names.empty()) return "none";
  return join(names.first(std::min(kShown, names.size())), ", ") + (names.size() > kShown ? ", …" : "");
}

void require_known(const Dataset& dataset, const AllowedValues& allowed) {
  const std::vector<std::string> names = attribute_names(dataset);
  for (const auto& [attribute, values] : allowed) {
    if (!std::ranges::count(names, attribute)) {
      throw usage_error("data.only: no sample has an attribute '{}'{} (known: {})", attribute,
                        did_you_mean(attribute, names), some_of(names));
    }
    const std::vector<std::string> known = values_of(dataset, attribute);
    for (const std::string& value : values) {
      if (std::ranges::count(known, value)) continue;
      throw usage_error("data.only.{}: no sample has the value '{}'{} (known: {})", attribute, value,
                        did_you_mean(value, known), some_of(known));
    }
  }
}

bool is_allowed(const Sample& sample, const AllowedValues& allowed) {
  return std::ranges::all_of(allowed, [&](const auto& entry) {
    const auto found = sample.attributes.find(entry.first);
    return found != sample.attributes.end() && std::ranges::count(entry.second, found->second) > 0;
  });
}

}  // namespace

void keep_only(Dataset& dataset, const AllowedValues& allowed) {
  require_known(dataset, allowed);
  std::vector<Sample> kept;
  for (Sample& sample : dataset.samples) {
    if (is_allowed(sample, allowed)) {
      kept.push_back(std::move(sample));
    } else {
      dataset.left_out.push_back(std::move(sample.path));
    }
  }
  if (kept.empty()) throw usage_error("data.only: no sample fits all of it");
  dataset.samples = std::move(kept);
}

std::span<const DatasetReader> dataset_readers() {
  static const std::array<DatasetReader, 4> table = {{
      {.name = "kdef", .summary = "KDEF's file names, in its folders or flat", .read = read_kdef},
      {.name = "folder", .summary = "a folder per class, below train/val/test or not", .read = read_folder},
      {.name = "csv", .summary = "a list with the columns path,label[,subject,split,…]", .read = read_csv},
      {.name = "fer2013_csv",
       .summary = "Kaggle's fer2013.csv: emotion,pixels,Usage",
       .read = read_fer2013_csv},
  }};
  return table;
}

const DatasetReader& dataset_reader(std::string_view kind) {
  std::vector<std::string> names;
  for (const DatasetReader& row : dataset_readers()) {
    if (row.name == kind) return row;
    names.push_back(row.name);
  }
  throw usage_error("no data set kind is called '{}'{} (known: {})", kind, did_you_mean(kind, names),
                    join(names, ", "));
}

DatasetReader reader_of(const DatasetSource& source) {
  if (!source.layout) return dataset_reader(source.kind);
  return {.name = "layout",
          .summary = "images named as its layout says",
          .read = [layout = *source.layout](const fs::path& root, const LabelMap& labels) {
            return read_layout(root, layout, labels);
          }};
}

Dataset read_dataset(std::span<const DatasetSource> sources, const ClassList& classes) {
  Dataset dataset{.classes = classes, .samples = {}, .rejected = {}};
  for (const DatasetSource& source : sources) {
    const DatasetReader row = reader_of(source);
    std::error_code ignored;
    if (!fs::exists(source.root, ignored))
      throw data_error("{}: there is no such file or folder", source.root.string());
    Dataset part = row.read(source.root, LabelMap(classes, source.words));
    if (part.samples.empty()) {
      throw data_error("{}: holds no sample of kind '{}' ({}); {} files were rejected{}",
                       source.root.string(), row.name, row.summary, part.rejected.size(),
                       part.rejected.empty() ? ""
                                             : fmt::format(", the first: {}: {}", part.rejected[0].path,
                                                           part.rejected[0].reason));
    }
    append(dataset, std::move(part));
  }
  require_every_class(dataset, sources);
  return dataset;
}

cv::Mat load_image(const Sample& sample) {
  if (sample.pixels.empty()) {
    const std::string bytes = read_file(sample.path);
    if (is_truncated(bytes))
      throw data_error("{}: is cut off: the file ends before its image does", sample.path);
    return decode_image(bytes, sample.path);
  }
  const cv::Mat grey(kCsvImageSide, kCsvImageSide, CV_8U, const_cast<std::uint8_t*>(sample.pixels.data()));
  cv::Mat rgb;
  cv::cvtColor(grey, rgb, cv::COLOR_GRAY2RGB);
  return rgb;
}

std::vector<fs::path> image_files(const fs::path& folder) {
  if (!fs::is_directory(folder)) throw data_error("{}: is no folder", folder.string());
  std::vector<fs::path> files;
  constexpr auto kOptions =
      fs::directory_options::follow_directory_symlink | fs::directory_options::skip_permission_denied;
  try {
    for (auto entry = fs::recursive_directory_iterator(folder, kOptions); entry != fs::end(entry); ++entry) {
      const bool hidden = entry->path().filename().string().starts_with('.');
      if (entry->is_directory()) {
        if (hidden) entry.disable_recursion_pending();
      } else if (!hidden && is_image_name(entry->path())) {
        files.push_back(entry->path());
      }
    }
  } catch (const fs::filesystem_error& error) {
    throw data_error("{}: cannot be listed: {}", folder.string(), error.code().message());
  }
  std::ranges::sort(files);
  return files;
}

std::string not_a_class(std::string_view word, const LabelMap& labels) {
  if (labels.leaves_out(word)) return fmt::format("'{}' is left out", word);
  const auto names = labels.classes().names();
  return fmt::format("'{}' is no class{}", word, did_you_mean(word, names));
}

std::string split_name(std::string_view word) {
  static const std::map<std::string, std::string, std::less<>> table = {
      {"train", "train"}, {"training", "train"}, {"val", "val"},
      {"valid", "val"},   {"validation", "val"}, {"publictest", "val"},
      {"test", "test"},   {"testing", "test"},   {"privatetest", "test"},
  };
  const auto found = table.find(to_lower(trim(word)));
  return found == table.end() ? std::string{} : found->second;
}

std::string rejected_csv(const Dataset& dataset) {
  std::string text = "path,reason\n";
  for (const RejectedFile& file : dataset.rejected) text += csv_line(std::vector{file.path, file.reason});
  return text;
}

}  // namespace fer
