#include "bench_loading.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/mapped_file.hpp"
#include "fer/core/random.hpp"
#include "fer/core/stopwatch.hpp"
#include "fer/core/text.hpp"
#include "fer/data/batch_loader.hpp"
#include "fer/report/loading_files.hpp"
#include "stop_signal.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

constexpr int kClasses = 7;

std::size_t crop_bytes(const LoadingBenchOptions& options) {
  return static_cast<std::size_t>(options.size) * static_cast<std::size_t>(options.size) * 3;
}

/// A file of noise that goes when this does.
class CropFile {
 public:
  CropFile(const LoadingBenchOptions& options, ProgressBar bar)
      : path_(options.folder / fmt::format("fer-bench-{}.crops", ::getpid())) {
    const std::size_t bytes = crop_bytes(options);
    const auto images = static_cast<std::size_t>(options.images);
    std::vector<std::uint8_t> crop(bytes);
    Rng rng(1);
    for (std::uint8_t& value : crop) value = static_cast<std::uint8_t>(rng.next());
    ScratchFile file(path_);
    file.reserve(images * bytes);
    for (std::size_t i = 0; i < images && !stop_requested(); ++i) {
      file.write(i * bytes, crop);
      bar.update(i + 1, images);
    }
    bar.clear();
    file.commit();
  }
  ~CropFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  CropFile(const CropFile&) = delete;
  CropFile& operator=(const CropFile&) = delete;

  /// Not out of the system's cache.
  MappedFile map_from_disk() const {
    const int descriptor = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor >= 0) {
      ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
      ::close(descriptor);
    }
    auto file = MappedFile::open(path_);
    if (!file) throw failure("{}: cannot read", path_.string());
    return std::move(*file);
  }

 private:
  fs::path path_;
};

/// Bytes that this process had the system read from disks; 0 where it does not count them.
double bytes_from_disk() {
  constexpr std::string_view kLine = "read_bytes: ";
  for (const std::string& line : split(read_file("/proc/self/io"), '\n')) {
    if (line.starts_with(kLine)) return parse_number(line.substr(kLine.size())).value_or(0);
  }
  return 0;
}

/// The variance of a class's share of a batch, by that of batches drawn at random. `labels` are an epoch's.
double unevenness(const std::vector<int>& labels, const BatchOrder& order) {
  double squares = 0;
  double by_chance = 0;
  const auto images = static_cast<double>(labels.size());
  for (int label = 0; label < kClasses; ++label) {
    const double share = static_cast<double>(std::ranges::count(labels, label)) / images;
    for (std::size_t batch = 0; batch < order.batches(); ++batch) {
      const auto begin = labels.begin() + static_cast<std::ptrdiff_t>(order.begin_of(batch));
      const auto end = labels.begin() + static_cast<std::ptrdiff_t>(order.end_of(batch));
      const auto size = static_cast<double>(end - begin);
      const double found = static_cast<double>(std::count(begin, end, label)) / size - share;
      squares += found * found;
      by_chance += share * (1 - share) / size * (images - size) / (images - 1);
    }
  }
  return squares / by_chance;
}

struct Case {
  std::string name;
  ShardOptions shards;
  bool fetch_ahead;
};

std::vector<Case> cases_of(const LoadingBenchOptions& options) {
  const ShardOptions shards = shards_of_size(options.shard_mb, crop_bytes(options), options.mixed_shards);
  const std::string name = fmt::format("{} shards of {} MB", options.mixed_shards, options.shard_mb);
  return {{"over everything", {}, false},
          {"over everything", {}, true},
          {name, shards, false},
          {name, shards, true}};
}

class LoadingBench {
 public:
  LoadingBench(const LoadingBenchOptions& options, const CropFile& file) : options_(options), file_(file) {
    for (int i = 0; i < options.images; ++i)
      labels_.push_back(static_cast<int>(static_cast<std::int64_t>(i) * kClasses / options.images));
  }

  LoadingRate measure(const Case& order, std::size_t epoch) const {
    const MappedFile mapped = file_.map_from_disk();
    std::vector<cv::Mat> crops;
    for (std::size_t i = 0; i < labels_.size(); ++i)
      crops.emplace_back(options_.size, options_.size, CV_8UC3,
                         const_cast<std::uint8_t*>(&mapped.bytes()[i * crop_bytes(options_)]));
    const BatchOrderOptions batches{
        .batch_size = options_.batch, .shuffle = true, .seed = 1, .shards = order.shards};
    BatchLoader loader(
        crops, labels_,
        {.order = batches, .workers = options_.workers, .augment = {}, .fetch_ahead = order.fetch_ahead});
    LoadingRate rate = time(loader, epoch);
    rate.order = order.name;
    rate.fetch_ahead = order.fetch_ahead;
    rate.unevenness = unevenness_of(BatchOrder(labels_.size(), batches), epoch);
    return rate;
  }

 private:
  LoadingRate time(BatchLoader& loader, std::size_t epoch) const {
    LoadingRate rate;
    const double before = bytes_from_disk();
    const Stopwatch watch;
    loader.start_epoch({.epoch = epoch});
    std::size_t images = 0;
    while (watch.seconds() < options_.seconds && !stop_requested()) {
      const auto batch = loader.next();
      if (!batch) break;
      if (images == 0) rate.first_batch = watch.seconds();
      images += batch->indices.size();
    }
    const double seconds = watch.seconds();
    rate.images = static_cast<double>(images) / seconds;
    rate.used_mb = rate.images * static_cast<double>(crop_bytes(options_)) / 1e6;
    rate.disk_mb = (bytes_from_disk() - before) / 1e6 / seconds;
    return rate;
  }

  double unevenness_of(const BatchOrder& order, std::size_t epoch) const {
    std::vector<int> labels;
    for (const std::size_t sample : order.of_epoch(epoch)) labels.push_back(labels_[sample]);
    return unevenness(labels, order);
  }

  const LoadingBenchOptions& options_;
  const CropFile& file_;
  std::vector<int> labels_;
};

}  // namespace

void describe(CLI::App& command, LoadingBenchOptions& options) {
  command.add_option("folder", options.folder, "A folder on the disk to measure")->required();
  const auto add = [&](const char* name, auto& value, const char* text) {
    command.add_option(name, value, text)->check(CLI::PositiveNumber)->capture_default_str();
  };
  add("--images", options.images, "Crops in the file, of which an epoch reads all");
  add("--size", options.size, "Side of a crop in pixels");
  add("--batch", options.batch, "Images per batch");
  add("--workers", options.workers, "Threads that make batches (data.workers)");
  add("--shard-mb", options.shard_mb, "Size of a shard (data.cache.shard_mb)");
  add("--mixed-shards", options.mixed_shards, "Shards shuffled together (data.cache.mixed_shards)");
  add("--seconds", options.seconds, "Each measurement ends after so many, if its epoch does not before");
  add("--rounds", options.rounds, "Measurements of each order, in turns; the median counts");
}

int bench_loading(const LoadingBenchOptions& options, const LogOptions& log_options, const Console& console) {
  const StopSignal signals;
  const Log log(console, log_options);
  const CropFile file(options, log.bar("writing crops"));
  const LoadingBench bench(options, file);
  const std::vector<Case> cases = cases_of(options);
  std::vector<LoadingRate> medians;
  std::vector<std::vector<LoadingRate>> measured(cases.size());
  for (int round = 0; round < options.rounds; ++round) {
    for (std::size_t i = 0; i < cases.size(); ++i) {
      if (stop_requested()) return stop_exit_code();
      measured[i].push_back(bench.measure(cases[i], static_cast<std::size_t>(round)));
    }
  }
  if (stop_requested()) return stop_exit_code();
  for (std::vector<LoadingRate>& rates : measured) {
    std::ranges::sort(rates, {}, &LoadingRate::images);
    medians.push_back(rates[rates.size() / 2]);
  }
  console.out << loading_table(medians) << std::flush;
  return kOk;
}

}  // namespace fer
