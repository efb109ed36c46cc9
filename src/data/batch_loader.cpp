#include "fer/data/batch_loader.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "fer/core/error.hpp"
#include "fer/core/random.hpp"
#include "read_ahead.hpp"

namespace fer {

/// One pass over the crops. Workers take batch numbers in order and put batches into `ready_`; they run at
/// most kAhead batches each ahead of the reader, so memory stays bounded.
class BatchLoader::Epoch {
 public:
  Epoch(const BatchLoader& loader, const EpochStart& start)
      : loader_(loader),
        view_(start.view.value_or(start.epoch)),
        taken_(start.first_batch),
        wanted_(start.first_batch) {
    take_order(start.epoch);
    if (loader.options_.fetch_ahead)
      read_ahead_.emplace(loader.crops_, EpochReading{.order = order_,
                                                      .windows = loader.order_.windows_of(start.epoch),
                                                      .batch_size = begins_.at(1),
                                                      .begin = begins_.at(start.first_batch)});
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

  void take_order(std::size_t epoch) {
    const std::vector<std::size_t> all = loader_.order_.of_epoch(epoch);
    for (std::size_t number = 0; number < loader_.batches_per_epoch(); ++number) {
      const BatchSlice slice = loader_.order_.own_slice(number);
      begins_.push_back(order_.size());
      order_.insert(order_.end(), all.begin() + static_cast<std::ptrdiff_t>(slice.begin),
                    all.begin() + static_cast<std::ptrdiff_t>(slice.end));
    }
    begins_.push_back(order_.size());
  }

  Batch make(std::size_t number) {
    if (read_ahead_) read_ahead_->come_to(begins_[number]);
    Batch batch;
    batch.size = loader_.crops_[0].cols;
    batch.indices.assign(order_.begin() + static_cast<std::ptrdiff_t>(begins_[number]),
                         order_.begin() + static_cast<std::ptrdiff_t>(begins_[number + 1]));
    const std::size_t bytes = static_cast<std::size_t>(batch.size) * static_cast<std::size_t>(batch.size) * 3;
    batch.pixels.resize(batch.indices.size() * bytes);
    for (std::size_t i = 0; i < batch.indices.size(); ++i) {
      const std::size_t index = batch.indices[i];
      Rng rng = Rng::of(loader_.options_.order.seed, view_, index);
      const auto& options = loader_.options_.augment;
      const cv::Mat image = options ? augment(loader_.crops_[index], *options, rng) : loader_.crops_[index];
      std::memcpy(batch.pixels.data() + i * bytes, image.data, bytes);
      batch.labels.push_back(loader_.labels_[index]);
    }
    return batch;
  }

  const BatchLoader& loader_;
  std::size_t view_;
  std::vector<std::size_t> order_;   // of the samples that are taken
  std::vector<std::size_t> begins_;  // of each batch in it, then its end
  std::optional<ReadAhead> read_ahead_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::size_t taken_;   // next batch a worker makes
  std::size_t wanted_;  // next batch the reader gets
  std::map<std::size_t, Batch> ready_;
  std::exception_ptr error_;
  std::vector<std::jthread> workers_;  // last: they stop before what they use goes
};

BatchLoader::BatchLoader(std::span<const cv::Mat> crops, std::span<const int> labels,
                         BatchLoaderOptions options)
    : crops_(crops), labels_(labels), order_(crops.size(), options.order), options_(std::move(options)) {
  if (crops.size() != labels.size()) {
    throw failure("a batch loader needs a label for each crop, got {} labels and {} crops", labels.size(),
                  crops.size());
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

void BatchLoader::start_epoch(const EpochStart& start) {
  epoch_.reset();
  epoch_ = std::make_unique<Epoch>(*this, start);
}

std::optional<Batch> BatchLoader::next() { return epoch_ ? epoch_->next() : std::nullopt; }

}  // namespace fer
