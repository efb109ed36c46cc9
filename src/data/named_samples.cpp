#include "named_samples.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "fer/core/error.hpp"
#include "path_finder.hpp"

namespace fer {
namespace {

/// The samples the rows name.
class Rows {
 public:
  Rows(const CsvTable& table, const Dataset& dataset) : table_(table), samples_(dataset.samples.size()) {
    for (std::size_t i = 0; i < samples_; ++i) finder_.add(dataset.samples[i].path, i);
    // Images that were set aside may be named: then the row says nothing.
    std::size_t number = samples_;
    for (const RejectedFile& file : dataset.rejected) finder_.add(file.path, number++);
    for (const std::string& path : dataset.left_out) finder_.add(path, number++);
    path_ = table.require("path");
    folders_ = shared_folders(table, path_);
  }

  NamedSamples find() {
    for (const CsvRow& row : table_.rows) found_.of_row.push_back(sample_of(row));
    return std::move(found_);
  }

 private:
  std::size_t sample_of(const CsvRow& row) {
    const std::string_view path = row.fields[path_];
    std::size_t number = 0;
    const auto match = finder_.find(path, folders_, number);
    if (match == PathFinder::Match::several) {
      throw data_error("{}:{}: {} could be several images of the data; name more of the folders it lies in",
                       table_.source, row.line, path);
    }
    if (match == PathFinder::Match::none) found_.unknown.emplace_back(path);
    if (match == PathFinder::Match::none || number >= samples_) return SIZE_MAX;
    const auto [earlier, added] = lines_.try_emplace(number, row.line);
    if (!added) {
      throw data_error("{}:{}: {} is named in line {} already", table_.source, row.line, path,
                       earlier->second);
    }
    return number;
  }

  const CsvTable& table_;
  std::size_t samples_;
  PathFinder finder_;
  std::size_t path_ = 0;
  std::size_t folders_ = 0;
  std::unordered_map<std::size_t, std::size_t> lines_;
  NamedSamples found_;
};

}  // namespace

NamedSamples find_named_samples(const CsvTable& table, const Dataset& dataset) {
  return Rows(table, dataset).find();
}

}  // namespace fer
