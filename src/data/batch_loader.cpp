#include "fer/data/batch_loader.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <map>
#include <mutex>
#include <numeric>
#include <thread>

#include "fer/core/error.hpp"
#include "fer/core/random.hpp"

namespace fer {
namespace {

constexpr std::uint64_t kOrderStream = ~std::uint64_t{0};  // no sample has this index

std::vector<std::size_t> epoch_order(std::size_t count, const BatchLoaderOptions& options,
                                     std::size_t epoch) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (options.shuffle) Rng::of(options.seed, epoch, kOrderStream).shuffle(std::span(order));
  return order;
}

}  // namespace

/// One pass over the crops. Workers take batch numbers in order and put batches into `ready_`; they run at
/// most kAhead batches each ahead of the reader, so memory stays bounded.
class BatchLoader::Epoch {
 public:
  Epoch(const BatchLoader& loader, std::size_t epoch)
      : loader_(loader), epoch_(epoch), order_(epoch_order(loader.crops_.size(), loader.options_, epoch)) {
    for (int i = 0; i < loader.options_.workers; ++i) {
      workers_.emplace_back([this](const std::stop_token& stop) { work(stop); });
    }
  }

  std::optional<Batch> next() {
    if (wanted_ == loader_.batches_per_epoch()) return std::nullopt;
    if (workers_.empty()) return make(wanted_++);
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return error_ || ready_.contains(wanted_); });
    if (error_) std::rethrow_exception(error_);
    Batch batch = std::move(ready_.extract(wanted_++).mapped());
    changed_.notify_all();
    return batch;
  }

 private:
  static constexpr std::size_t kAhead = 2;

  void work(const std::stop_token& stop) {
    // Not workers_.size(): the constructor is still filling it when the first worker begins.
    const std::size_t ahead = kAhead * static_cast<std::size_t>(loader_.options_.workers);
    const auto room = [&] { return taken_ < wanted_ + ahead; };
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, stop, room);
      if (stop.stop_requested() || error_ || taken_ == loader_.batches_per_epoch()) return;
      const std::size_t number = taken_++;
      lock.unlock();
      try {
        Batch batch = make(number);
        lock.lock();
        ready_.emplace(number, std::move(batch));
      } catch (...) {
        if (!lock.owns_lock()) lock.lock();
        error_ = std::current_exception();
      }
      changed_.notify_all();
    }
  }

  Batch make(std::size_t number) const {
    const auto per_batch = static_cast<std::size_t>(loader_.options_.batch_size);
    const std::size_t begin = number * per_batch;
    const bool last = number + 1 == loader_.batches_per_epoch();
    const std::size_t end = last ? order_.size() : begin + per_batch;
    Batch batch;
    batch.size = loader_.crops_[0].cols;
    batch.indices.assign(order_.begin() + static_cast<std::ptrdiff_t>(begin),
                         order_.begin() + static_cast<std::ptrdiff_t>(end));
    const std::size_t bytes = static_cast<std::size_t>(batch.size) * static_cast<std::size_t>(batch.size) * 3;
    batch.pixels.resize(batch.indices.size() * bytes);
    for (std::size_t i = 0; i < batch.indices.size(); ++i) {
      const std::size_t index = batch.indices[i];
      Rng rng = Rng::of(loader_.options_.seed, epoch_, index);
      const auto& options = loader_.options_.augment;
      const cv::Mat image = options ? augment(loader_.crops_[index], *options, rng) : loader_.crops_[index];
      std::memcpy(batch.pixels.data() + i * bytes, image.data, bytes);
      batch.labels.push_back(loader_.labels_[index]);
    }
    return batch;
  }

  const BatchLoader& loader_;
  std::size_t epoch_;
  std::vector<std::size_t> order_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::size_t taken_ = 0;   // next batch a worker makes
  std::size_t wanted_ = 0;  // next batch the reader gets
  std::map<std::size_t, Batch> ready_;
  std::exception_ptr error_;
  std::vector<std::jthread> workers_;  // last: they stop before what they use goes
};

BatchLoader::BatchLoader(std::span<const cv::Mat> crops, std::span<const int> labels,
                         BatchLoaderOptions options)
    : crops_(crops), labels_(labels), options_(options) {
  if (crops.empty() || crops.size() != labels.size()) {
    throw failure("a batch loader needs a label for each crop, got {} labels and {} crops", labels.size(),
                  crops.size());
  }
  if (options.batch_size < 1) {
    throw failure("a batch loader needs at least one crop a batch, got {}", options.batch_size);
  }
  for (std::size_t i = 0; i < crops.size(); ++i) {
    const cv::Mat& crop = crops[i];
    if (crop.type() != CV_8UC3 || !crop.isContinuous() || crop.cols != crops[0].cols ||
        crop.rows != crop.cols) {
      throw failure("a batch loader needs continuous RGB squares of one size, and crop {} is none", i);
    }
  }
}

BatchLoader::~BatchLoader() = default;

std::size_t BatchLoader::batches_per_epoch() const {
  const auto per_batch = static_cast<std::size_t>(options_.batch_size);
  const std::size_t full = crops_.size() / per_batch;
  const std::size_t left = crops_.size() % per_batch;
  const bool of_its_own = left > 1 || (left == 1 && full == 0);
  return full + (of_its_own ? 1 : 0);
}

void BatchLoader::start_epoch(std::size_t epoch) {
  epoch_.reset();
  epoch_ = std::make_unique<Epoch>(*this, epoch);
}

std::optional<Batch> BatchLoader::next() { return epoch_ ? epoch_->next() : std::nullopt; }

}  // namespace fer
