#include "fer/data/dataset.hpp"

#include <algorithm>
#include <array>
#include <opencv2/imgproc.hpp>
#include <set>

#include "attribute_table.hpp"
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
  std::ranges::move(part.warnings, std::back_inserter(whole.warnings));
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

}  // namespace

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

std::vector<std::string> source_names(std::span<const DatasetSource> sources) {
  std::set<std::string> taken;
  for (const DatasetSource& source : sources) taken.insert(source.name);
  std::vector<std::string> names;
  for (const DatasetSource& source : sources) {
    std::string name = source.name.empty() ? source.kind : source.name;
    for (int number = 2; source.name.empty() && !taken.insert(name).second; ++number)
      name = fmt::format("{}-{}", source.kind, number);
    names.push_back(std::move(name));
  }
  return names;
}

Dataset read_source(const DatasetSource& source, const std::string& name, const ClassList& classes) {
  const DatasetReader row = reader_of(source);
  std::error_code ignored;
  if (!fs::exists(source.root, ignored))
    throw data_error("{}: there is no such file or folder", source.root.string());
  Dataset dataset = row.read(source.root, LabelMap(classes, source.words));
  if (!source.attributes.empty()) join_attributes(source.attributes, dataset);
  for (Sample& sample : dataset.samples) {
    if (sample.attributes.contains("source")) {
      throw data_error(
          "{}: has an attribute 'source', which is what each of data.sources is called: rename it",
          source.root.string());
    }
    sample.source = name;
    if (source.own_people && !sample.subject.empty())
      sample.subject = fmt::format("{}:{}", name, person_of(sample.subject));
  }
  return dataset;
}

Dataset read_dataset(std::span<const DatasetSource> sources, const ClassList& classes) {
  Dataset dataset{.classes = classes, .samples = {}, .rejected = {}};
  const std::vector<std::string> names = source_names(sources);
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const DatasetSource& source = sources[i];
    const DatasetReader row = reader_of(source);
    Dataset part = read_source(source, names[i], classes);
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
